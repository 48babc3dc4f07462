"""Sources: listed, opened, given a new address, and taken out of use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import TYPE_CHECKING

from starlette.responses import Response

from bilan.accounts.policy import Action, allowed
from bilan.sdk.messages import Message
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import view
from bilan_ui.pull_status import pull_status
from bilan_ui.textdomain import _
from bilan_ui.views.reports import may_schedule
from bilan_ui.views.schedules import told

if TYPE_CHECKING:
    from bilan.sources import Source

QUIET = timedelta(days=7)


@dataclass(frozen=True)
class HealthBadge:
    """How a source does, as a badge."""

    kind: str
    text: Message


@view
async def sources(request: PageRequest) -> Response:
    """The sources one may know of."""
    found = await request.services.sources.list(request.actor)
    warnings = {one.source.id: one.message for one in await request.services.pulls.warnings(request.actor)}
    listed = [
        {
            "source": one,
            "label": _label(request, one),
            "last_event": _last_event(request, one),
            "health": _health(request, one),
            "warning": warnings.get(one.id),
        }
        for one in found
    ]
    return request.page(
        "sources.html", {"sources": listed, "may_add": allowed(request.actor, Action.ADD_SOURCE)}
    )


@view
async def source(request: PageRequest) -> Response:
    """One source: its address, health, imports and rejects."""
    found, actor, services = await the_source(request), request.actor, request.services
    in_use = found.removed_at is None
    may_import = allowed(actor, Action.IMPORT, sources=(found.id,))
    may_manage = in_use and allowed(actor, Action.MANAGE_SOURCE, sources=(found.id,))
    kind = services.registry.source_kinds.get((found.plugin, found.kind))
    shown = {
        "source": found,
        "in_use": in_use,
        "label": _label(request, found),
        "webhook": kind is not None and kind.webhook is not None,
        "setup": kind.setup if kind else None,
        "address": services.webhook_address(found) if may_manage else "",
        "last_event": _last_event(request, found),
        "freshness": (await services.freshness.of([found.id]))[0],
        "health": _health(request, found),
        "may_manage": may_manage,
        "may_edit": may_manage and kind is not None,
        "may_read": may_import,
        "may_import": may_import and in_use and kind is not None and bool(kind.readers),
        "counts": await services.rejects.counts(actor, found.id) if may_import else None,
        "derived": await services.derivations.states(
            found.id, personal=allowed(actor, Action.IMPORT, sources=(found.id,), personal=True)
        )
        if may_import
        else (),
        "waiting": (await services.inbox.depth()).posts,
        "again": await services.imports.to_repeat(actor, found.id) if may_import and in_use else (),
        "imports": await services.imports.list(actor, found.id) if may_import and in_use else (),
    }
    reading = [one for one in await services.reports.list(actor) if found.id in one.sources]
    scheduled = {one.id for one in reading}
    shown |= {
        "may_schedule": in_use and any(may_schedule(request, one) for one in reading),
        "schedules": told(
            request, [one for one in await services.schedules.list(actor) if one.report in scheduled]
        ),
    }
    return request.page("source.html", {**shown, **await pull_status(request, found)})


@view
async def rotate(request: PageRequest) -> Response:
    """Give the source a new webhook address."""
    source = await the_source(request)
    await request.services.sources.rotate_address(request.actor, source.id)
    return request.go(
        f"/sources/{source.id}", say=_("The source has a new address; the old one no longer works.")
    )


@view
async def remove(request: PageRequest) -> Response:
    """Take the source out of use."""
    source = await the_source(request)
    await request.services.sources.remove(request.actor, source.id)
    return request.go("/sources", say=_("{name} is removed.", name=source.name))


async def the_source(request: PageRequest) -> Source:
    """The source that the address names. Raises ``NotFound``."""
    return await request.services.sources.get(request.actor, request.ident(_("There is no such source.")))


def _label(request: PageRequest, found: Source) -> Message | str:
    kind = request.services.registry.source_kinds.get((found.plugin, found.kind))
    return kind.label if kind else found.kind


def _last_event(request: PageRequest, found: Source) -> str:
    """How long ago its latest fact was, or on which day, where its plugin has figures of whole days."""
    at, declared = found.last_event_at, request.services.registry.declared
    days = any(
        dataset.timed_by_day
        for one in declared
        if one.plugin.namespace == found.plugin
        for dataset in one.datasets
    )
    # A day is kept as its first moment in UTC, which is hardly ever that of anything else.
    if at is not None and days and at.time() == time():
        return request.relative_time.day(at.date())
    return request.relative_time.ago(at)


def _health(request: PageRequest, found: Source) -> HealthBadge:
    if found.removed_at is not None:
        return HealthBadge("cancelled", _("removed"))
    if (found.plugin, found.kind) not in request.services.registry.source_kinds:
        return HealthBadge("failed", _("its plugin is not installed"))
    if found.last_received_at is None:
        return HealthBadge("waiting", _("nothing yet"))
    if request.services.clock.now() - found.last_received_at > QUIET:
        return HealthBadge("warning", _("quiet for a week or more"))
    return HealthBadge("succeeded", _("receiving"))
