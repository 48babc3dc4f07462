"""What is said of addresses being one person, in the catalog: by sources, and by people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from bilan.catalog.statements import change, rows
from bilan.contacts.models import MergeRow, SameRow
from bilan.contacts.people import Strength, Tie, Ties

TOLD = """
SELECT source.workspace_id AS workspace, said.source, said.one, said.other, said.moment
FROM contact_same AS said JOIN source ON source.id = said.source
"""
TOLD_IN = f"{TOLD} WHERE source.workspace_id = ?"
DECIDED = "SELECT workspace, one, other, apart, moment, until FROM contact_merge"
DECIDED_IN = f"{DECIDED} WHERE workspace = ? AND moment > 0"
SOURCES = "SELECT id, workspace_id FROM source"
CHANGED = "UPDATE moment SET merges = merges + 1 WHERE id = 1"
SEEN = "UPDATE moment SET revision = revision + 1 WHERE id = 1"
UNKNOWN = Ties(-1)
AT_ONCE = 300
"""Addresses that are looked up together."""

Pairs = Mapping[tuple[str, str], datetime]
"""Two addresses that are one person, the lesser first, and since when."""


async def load(number: int, before: Ties = UNKNOWN) -> Ties:
    """All that is said now; ``number`` is how many times it was changed, ``before`` what was read last."""
    if number == before.number:
        # Sources are added without any change of it.
        return replace(before, workspaces=await _workspaces()) if before.by_workspace else before
    found: dict[UUID, list[Tie]] = {}
    for row in await rows(TOLD):
        found.setdefault(_uuid(row["workspace"]), []).append(_told(row))
    for row in await rows(DECIDED):
        found.setdefault(_uuid(row["workspace"]), []).append(_decided(row))
    return Ties(number, {key: tuple(ties) for key, ties in found.items()}, await _workspaces())


async def _workspaces() -> dict[UUID, UUID]:
    return {_uuid(row["id"]): _uuid(row["workspace_id"]) for row in await rows(SOURCES)}


async def of_workspace(workspace: UUID, sources: Collection[UUID] | None = None) -> list[Tie]:
    """What is said of addresses of one workspace; by its sources alone among these, where they are given."""
    told, decided = await rows(TOLD_IN, str(workspace)), await rows(DECIDED_IN, str(workspace))
    heard = [row for row in told if sources is None or _uuid(row["source"]) in sources]
    return [*map(_told, heard), *map(_decided, decided)]


def _told(row: Mapping[str, Any]) -> Tie:
    return Tie(row["one"], row["other"], Strength.TOLD, row["moment"])


def _decided(row: Mapping[str, Any]) -> Tie:
    strength = Strength.APART if row["apart"] else Strength.MERGED
    return Tie(row["one"], row["other"], strength, row["moment"], row["until"])


async def changed() -> None:
    """Let every process know, in the transaction of the change."""
    await change(CHANGED)


async def tell(source: UUID, pairs: Pairs, moment: int) -> None:
    """Keep what a source tells, in the transaction that closes its batch. What is known already stays."""
    since: dict[tuple[str, str], SameRow] = {}
    ones = sorted({one for one, _other in pairs})
    for start in range(0, len(ones), AT_ONCE):
        known = SameRow.filter(source=source, one__in=ones[start : start + AT_ONCE])
        since |= {(row.one, row.other): row for row in await known}
    fresh = [
        SameRow(source=source, one=one, other=other, since=at, moment=moment)
        for (one, other), at in sorted(pairs.items())
        if (one, other) not in since
    ]
    for pair, row in since.items():
        if pair in pairs and pairs[pair] < row.since:
            await SameRow.filter(id=row.id).update(since=pairs[pair])
    if fresh:
        await SameRow.bulk_create(fresh, batch_size=200)
        await changed()


async def stand_in(workspace: UUID, address: str, pseudonym: str, at: datetime) -> None:
    """Let a pseudonym and its address be one person as of every moment, while facts hold either.

    It is no decision of anybody: its moment, 0, is before all others.
    """
    one, other = sorted((address, pseudonym))
    if await MergeRow.filter(workspace=workspace, one=one, other=other, moment=0).exists():
        return
    row = MergeRow(workspace=workspace, one=one, other=other, by_name="", moment=0, created_at=at)
    await row.save(force_create=True)
    await changed()
    await change(SEEN)


async def forget(workspace: UUID, sources: Iterable[UUID], address: str, pseudonym: str) -> None:
    """Put a pseudonym in the place of an address, so that whoever had it is counted as before."""
    told, decided = SameRow.filter(source__in=list(sources)), MergeRow.filter(workspace=workspace)
    found: list[SameRow | MergeRow] = []
    for some in (told, decided):
        found += [*await some.filter(one=address), *await some.filter(other=address)]
    for row in found:
        if row.moment == 0:  # it stood in until here
            await row.delete()
            continue
        ends = {address: pseudonym}
        one, other = sorted((ends.get(row.one, row.one), ends.get(row.other, row.other)))
        await type(row).filter(id=row.id).update(one=one, other=other)
    if found:
        await changed()


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))
