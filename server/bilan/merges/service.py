"""Merging contacts by hand, and undoing what people or sources merged."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from bilan.accounts.policy import Action, allowed, readable_sources, require
from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.catalog.text import is_storable, unstorable
from bilan.clock import Clock
from bilan.contacts import ErasedList
from bilan.contacts.addresses import tellable
from bilan.contacts.models import MergeRow, SameRow
from bilan.contacts.people import ALWAYS, People, people
from bilan.contacts.ties import changed, of_workspace
from bilan.manifest import Moments, Turn
from bilan.merges.values import Merge, MergeKind, Merges
from bilan.sdk.errors import Conflict, Invalid, NotFound
from bilan.sdk.textdomain import _
from bilan.seal import Seal
from bilan.sources.models import SourceRow
from bilan.warehouse import microseconds

LISTED = 50
"""So many are listed on a page."""
LONGEST_REASON = 400


class ContactMerges:
    """What people of a workspace decide about addresses being one person, and what sources tell of it.

    A decision is written in the turn to write, under a moment of its own: figures as of earlier ones stay.
    """

    def __init__(self, catalog: Catalog, moments: Moments, clock: Clock, seal: Seal) -> None:
        self._catalog, self._moments, self._clock = catalog, moments, clock
        self._erased = ErasedList(seal)

    async def of(self, actor: Principal, address: str) -> Merges:
        """All addresses of whoever has this one, and what is said. Raises ``Forbidden``, ``Invalid``.

        What only sources tell that the actor may not see is not shown, but counted.
        """
        require(actor, Action.EXPORT_CONTACT_DATA)
        asked = tellable(address)
        every = (await self._people(actor.workspace)).of(asked)
        told = people(await of_workspace(actor.workspace, await self._heard(actor)), ALWAYS).of(asked)
        # What is said of the very address first: of a person with hundreds, that is what can be undone.
        listed = await self._listed(actor, (asked,))
        others = await self._listed(actor, told) if len(listed) < LISTED else ()
        known = {one.id for one in listed}
        merges = (listed + tuple(one for one in others if one.id not in known))[:LISTED]
        return Merges(told, merges, len(every) - len(told))

    async def list(self, actor: Principal, before: str = "") -> Merges:
        """What is said of any addresses, the latest first, page by page. Raises ``Forbidden``, ``Invalid``.

        Sources that the actor may not see tell them nothing. What people decided is listed for those who may
        decide; others find it with an address.
        """
        require(actor, Action.EXPORT_CONTACT_DATA)
        found = await self._listed(actor, before=before, most=LISTED + 1)
        page = found[:LISTED]
        return Merges((), page, older=page[-1].place if len(found) > LISTED else "")

    async def together(self, actor: Principal, one: str, other: str) -> bool:
        """Whether two addresses are one person, whoever says it. Raises ``Forbidden``."""
        require(actor, Action.MERGE_CONTACTS)
        return other in (await self._people(actor.workspace)).of(one)

    async def merge(self, actor: Principal, address: str, other: str, reason: str = "") -> Merge:
        """Let two addresses be one person from now on. Asked for twice, it is one merge.

        Raises ``Forbidden``, ``Invalid``; ``Conflict`` where they are one already, by something else.
        """
        require(actor, Action.MERGE_CONTACTS)
        one, second = _read(address, "address"), _read(other, "other")
        reason = _reason(reason)
        if one == second:
            raise Invalid(_("These are the same address; name another one."), ("other",))
        await self._check_erased(actor.workspace, one, second)
        pair = sorted((one, second))
        ours = MergeRow.filter(workspace=actor.workspace, one=pair[0], other=pair[1], apart=False, until=None)
        if (made := await ours.first()) is not None:
            return Merge.of(made)
        await self._check_two(actor.workspace, one, second)
        async with self._deciding(actor) as turn:
            # What happened while the turn was waited for: the same click again, or an erasure.
            if (made := await ours.first()) is not None:
                return Merge.of(made)
            await self._check_erased(actor.workspace, one, second)
            await self._check_two(actor.workspace, one, second)
            return Merge.of(await self._decide(actor, turn, (one, second), reason, apart=False))

    async def undo(self, actor: Principal, merge: UUID, reason: str = "") -> Merge:
        """Undo a merge, whoever said it, or what keeps two apart; one that was undone stays as it is.

        What a source tells is not taken from it: the two are kept apart, whatever it tells later.
        Raises ``Forbidden``, ``NotFound``.
        """
        require(actor, Action.MERGE_CONTACTS)
        reason = _reason(reason)
        told = await self._told(actor, merge)
        if told is None:
            return await self._end(actor, merge)
        pair, ours = (told.one, told.other), MergeRow.filter(workspace=actor.workspace, apart=True)
        async with self._deciding(actor) as turn:
            row = await ours.get_or_none(one=told.one, other=told.other, until=None)
            return Merge.of(row or await self._decide(actor, turn, pair, reason, apart=True))

    async def _end(self, actor: Principal, merge: UUID) -> Merge:
        if not await _decisions(actor.workspace).filter(id=merge).exists():
            raise NotFound(_("There is no such merge."))
        async with self._deciding(actor) as turn:
            row = await MergeRow.get(id=merge)
            if row.until is None:
                row.until, row.undone_at = microseconds(turn.moment), self._clock.now()
                row.undone_by_name = actor.name
                await row.save()
                await changed()
        return Merge.of(row)

    async def _decide(
        self, actor: Principal, turn: Turn, pair: tuple[str, str], reason: str, *, apart: bool
    ) -> MergeRow:
        one, other = sorted(pair)
        row = MergeRow(
            workspace=actor.workspace,
            one=one,
            other=other,
            apart=apart,
            reason=reason,
            by_name=actor.name,
            moment=microseconds(turn.moment),
            created_at=self._clock.now(),
        )
        await row.save(force_create=True)
        await changed()
        return row

    @asynccontextmanager
    async def _deciding(self, actor: Principal) -> AsyncGenerator[Turn]:
        """The turn to write, in a transaction that closes it."""
        async with self._moments.turn(f"merge {actor.workspace}") as turn, self._catalog.transaction():
            yield turn
            await turn.close({})

    async def _people(self, workspace: UUID) -> People:
        return people(await of_workspace(workspace), ALWAYS)

    async def _check_two(self, workspace: UUID, one: str, other: str) -> None:
        if other in (await self._people(workspace)).of(one):
            raise Conflict(_("{one} and {other} are one contact already.", one=one, other=other))

    async def _check_erased(self, workspace: UUID, *addresses: str) -> None:
        erased = await self._erased.load()
        sources = await SourceRow.filter(workspace_id=workspace).values_list("id", flat=True)
        source = next((UUID(str(one)) for one in sources), None)
        if source is not None and any(erased.of(source, one) for one in addresses):
            raise Invalid(_("One of these contacts was erased."), ("address",))

    async def _told(self, actor: Principal, merge: UUID) -> SameRow | None:
        row = await SameRow.get_or_none(id=merge)
        return row if row is not None and row.source in await self._heard(actor) else None

    async def _heard(self, actor: Principal) -> dict[UUID, str]:
        """The sources that the actor may see, with their names: what others tell is not theirs to know."""
        names = {row.id: row.name for row in await SourceRow.filter(workspace_id=actor.workspace)}
        readable = readable_sources(actor, names)
        return {one: name for one, name in names.items() if one in readable}

    async def _listed(
        self, actor: Principal, addresses: tuple[str, ...] = (), before: str = "", most: int = LISTED
    ) -> tuple[Merge, ...]:
        names = await self._heard(actor)
        decisions, told = _decisions(actor.workspace), SameRow.filter(source__in=list(names))
        if addresses:
            some = list(addresses[:LISTED])
            ends = Q(one__in=some) | Q(other__in=some)
            decisions, told = decisions.filter(ends), told.filter(ends)
        if before:
            behind = _behind(before)
            decisions, told = decisions.filter(behind), told.filter(behind)
        shown = bool(addresses) or allowed(actor, Action.MERGE_CONTACTS)
        decided = await decisions.order_by("-moment", "id").limit(most) if shown else []
        said = await told.order_by("-moment", "id").limit(most)
        apart = _decisions(actor.workspace).filter(apart=True, until=None)
        apart = apart.filter(one__in=list({row.one for row in said}))
        kept_apart = {(row.one, row.other) for row in await apart}
        found = [Merge.of(row) for row in decided]
        found += [_as_told(row, names[row.source], (row.one, row.other) in kept_apart) for row in said]
        latest = sorted(found, key=lambda one: (-one.moment, str(one.id)))
        return tuple(latest[:most])


def _decisions(workspace: UUID) -> QuerySet[MergeRow]:
    """What people decided: a pseudonym that stands in for its address is no decision."""
    return MergeRow.filter(workspace=workspace, moment__gt=0)


def _behind(place: str) -> Q:
    moment, _point, ident = place.partition(".")
    try:
        since, last = int(moment), UUID(ident)
    except ValueError:
        since, last = ALWAYS, UUID(int=0)
    if not 0 <= since < ALWAYS:
        raise Invalid(_("This is no place in the list of merges."), ("before",))
    return Q(moment__lt=since) | Q(moment=since, id__gt=last)


def _as_told(row: SameRow, source: str, overruled: bool) -> Merge:
    return Merge(
        id=row.id,
        kind=MergeKind.TOLD,
        one=row.one,
        other=row.other,
        at=row.since,
        moment=row.moment,
        by_name=source,
        overruled=overruled,
    )


def _read(address: str, path: str) -> str:
    try:
        return tellable(address)
    except Invalid as error:
        raise Invalid(error.message, (path,)) from None


def _reason(given: str) -> str:
    text = given.strip()
    if not is_storable(text):
        raise unstorable("reason")
    if len(text) > LONGEST_REASON:
        raise Invalid(_("A reason has at most {most} characters.", most=LONGEST_REASON), ("reason",))
    return text
