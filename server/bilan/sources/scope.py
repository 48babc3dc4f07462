"""Which sources a question may look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from bilan.accounts.policy import Action, require
from bilan.accounts.values import Principal
from bilan.registry.declared import Registry
from bilan.sdk.activity import ACTIVITY
from bilan.sdk.errors import NotFound
from bilan.sdk.textdomain import _
from bilan.sources.models import SourceRow
from bilan.sources.values import NamedSource


async def feeding(registry: Registry, workspace: UUID, datasets: Iterable[str]) -> frozenset[UUID]:
    """The workspace's sources in use whose plugin fills one of these datasets."""
    wanted = set(datasets)
    rows = await SourceRow.filter(workspace_id=workspace, removed_at__isnull=True)
    return frozenset(row.id for row in rows if wanted & filled_by(registry, row.plugin))


def filled_by(registry: Registry, namespace: str) -> frozenset[str]:
    """The datasets that a plugin's sources fill: its own, and the activity its facts tell of."""
    own = [dataset for dataset in registry.datasets.values() if dataset.key.startswith(f"{namespace}.")]
    activity = {ACTIVITY.key} if any(dataset.activity for dataset in own) else set[str]()
    return frozenset({dataset.key for dataset in own} | activity)


def chosen(
    actor: Principal, known: Sequence[NamedSource], wanted: Sequence[str] | None
) -> tuple[NamedSource, ...]:
    """Those of the sources the actor knows that are asked for, by id or name; all without a wish.

    Raises ``NotFound`` with the name of what is not there.
    """
    found = known if wanted is None else [_named(known, one) for one in wanted]
    require(actor, Action.READ_SOURCE, sources=[source.id for source in found])
    return tuple({source.id: source for source in found}.values())


def _named(known: Sequence[NamedSource], wanted: str) -> NamedSource:
    for source in known:
        if wanted in (str(source.id), source.name) or wanted.casefold() == source.name.casefold():
            return source
    names = ", ".join(source.name for source in known)
    raise NotFound(
        _("There is no source {source}; there are: {names}.", source=wanted, names=names), ("sources",)
    )
