"""Sources' rows, read into values, as much of them as the actor may know."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from bilan.accounts.policy import Action, allowed
from bilan.accounts.values import Principal
from bilan.sdk.errors import NotFound
from bilan.sdk.textdomain import _
from bilan.sources.models import LONGEST_NAME, SourceRow
from bilan.sources.values import Source


async def find(actor: Principal, source: UUID | str) -> SourceRow:
    """A source of the workspace, by id or by the name it has while in use. Raises ``NotFound``."""
    rows, ident = SourceRow.filter(workspace_id=actor.workspace), as_id(source)
    if ident is not None:
        row = await rows.get_or_none(id=ident)
    else:
        name = normalise_whitespace(str(source)).casefold()
        row = await rows.get_or_none(live_name=name) if len(name) <= LONGEST_NAME else None
    if row is None or not may_know(actor, row.id):
        raise unknown()
    return row


def may_know(actor: Principal, source: UUID) -> bool:
    """Whether the actor reads the source, or has to know it in order to manage people's roles on it."""
    return allowed(actor, Action.READ_SOURCE, sources=(source,)) or allowed(actor, Action.MANAGE_PEOPLE)


def unknown() -> NotFound:
    """What is said of a source that is not there, or that the actor may not know of."""
    return NotFound(_("There is no such source."))


def shown(actor: Principal, row: SourceRow) -> Source:
    """The source without what only its admins see."""
    value = value_of(row)
    if allowed(actor, Action.MANAGE_SOURCE, sources=(row.id,)):
        return value
    return replace(value, settings={}, sealed=frozenset(), address="")


def value_of(row: SourceRow) -> Source:
    """The whole source, for the server itself."""
    return Source(
        id=row.id,
        workspace=row.workspace_id,
        plugin=row.plugin,
        kind=row.kind,
        name=row.name,
        settings=row.settings,
        sealed=frozenset(row.sealed),
        verify=row.verify,
        address=row.address,
        zone=row.zone,
        created_at=row.created_at,
        last_received_at=row.last_received_at,
        last_event_at=row.last_event_at,
        removed_at=row.removed_at,
        ends_at=row.ends_at,
        notes=tuple(row.notes or ()),
    )


def as_id(source: UUID | str) -> UUID | None:
    """The id, where the text is one."""
    try:
        return UUID(str(source))
    except ValueError:
        return None


def normalise_whitespace(text: str) -> str:
    """A name without needless space."""
    return " ".join(text.split())
