"""Sources, from the command line."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any

from bilan.operations.arguments import pairs
from bilan.operations.events import Result, Step
from bilan.operations.operator import operator
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _
from bilan.services import Services
from bilan.sources import Source

Upload = AsyncIterator[bytes] | None


async def add_source(services: Services, given: Mapping[str, Any], upload: Upload) -> AsyncGenerator[Step]:  # noqa: ARG001
    """A new source. Its owners can see it at once."""
    actor = await operator(services)
    plugin = services.registry.plugin_called(given["plugin"])
    if plugin is None:
        known = ", ".join(sorted(one.plugin.name for one in services.registry.declared if one.sources))
        text = _("No plugin {plugin} is installed; there are: {known}.", plugin=given["plugin"], known=known)
        raise Invalid(text, ("plugin",))
    settings = pairs(given["settings"], "--setting")
    source = await services.sources.add(
        actor, plugin=plugin.namespace, kind=given["kind"], name=given["name"], settings=settings
    )
    yield Result(_shown(services, source))


async def list_sources(services: Services, given: Mapping[str, Any], upload: Upload) -> AsyncGenerator[Step]:  # noqa: ARG001
    """Every source."""
    actor = await operator(services)
    yield Result({"sources": [_shown(services, one) for one in await services.sources.list(actor)]})


def webhook_address(services: Services, source: Source) -> str | None:
    """Where the service posts to, if the kind has a webhook."""
    kind = services.registry.source_kinds.get((source.plugin, source.kind))
    if kind is None or kind.webhook is None:
        return None
    return f"{services.settings.public_url}/hooks/{source.address}"


def _shown(services: Services, source: Source) -> dict[str, Any]:
    return {
        "id": str(source.id),
        "name": source.name,
        "kind": source.kind,
        "address": webhook_address(services, source),
    }
