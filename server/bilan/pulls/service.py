"""Pulls, as people see them: begun, followed, stopped, listed; what the credentials can see."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from bilan.accounts.policy import Action, allowed, require
from bilan.accounts.values import Principal
from bilan.clock import Clock
from bilan.pulls.asking import Asking
from bilan.pulls.beginning import Beginning
from bilan.pulls.checking import Checks
from bilan.pulls.models import PulledSourceRow, PullRow
from bilan.pulls.offers import Offers
from bilan.pulls.values import WARNED, Profiles, PullRun, PullStatus, PullWarning
from bilan.sdk.errors import BilanError, Conflict, Invalid, NotFound
from bilan.sdk.messages import Message
from bilan.sdk.pulls import Checked, PullRange
from bilan.sdk.textdomain import _
from bilan.sources import Source, Sources
from bilan.sources.models import SourceRow
from bilan.sources.reading import value_of
from bilan.sources.settings import can_pull
from bilan.sources.values import NamedSource
from bilan.work import Jobs, State
from bilan.work.models import JobRow
from bilan.work.reading import job_of

LONGEST = timedelta(days=20 * 366)
"""The days that a back-fill may cover."""


class Pulls:
    """The pulls of sources, for those who may import into them; credentials are for their admins."""

    def __init__(
        self,
        sources: Sources,
        asking: Asking,
        checks: Checks,
        offers: Offers,
        beginning: Beginning,
        jobs: Jobs,
        clock: Clock,
    ) -> None:
        self._sources, self._asking, self._checks, self._offers = sources, asking, checks, offers
        self._beginning, self._jobs, self._clock = beginning, jobs, clock

    def is_pulled(self, source: Source) -> bool:
        """Whether the source is pulled. Of one whose settings one may not see, its kind alone says so."""
        kind = self._asking.kind(source.plugin, source.kind)
        if kind is None or kind.pull is None:
            return False
        return not source.address or can_pull(kind, source.settings, source.sealed)

    async def start(self, actor: Principal, source: UUID | str) -> PullRun:
        """Begin a usual pull now; where one is under way, it is that one.

        Raises ``NotFound``, ``Forbidden``, ``Invalid`` where the kind is not pulled.
        """
        row = await self._open(actor, source)
        return await self._begin(actor, row, None)

    async def back_fill(self, actor: Principal, source: UUID | str, first: date, last: date) -> PullRun:
        """Fetch past days, both included, while usual pulls go first.

        Raises like ``start``, ``Invalid`` for other days, ``Conflict`` during another back-fill.
        """
        row = await self._open(actor, source)
        today = self._clock.now().date()
        if first > last:
            raise Invalid(_("The first day comes after the last."), ("first",))
        if first > today + timedelta(days=1):
            raise Invalid(_("There is nothing to fetch of days to come."), ("first",))
        if last - first > LONGEST:
            raise Invalid(_("At most twenty years are fetched at a time."), ("first",))
        return await self._begin(actor, row, PullRange(first, last))

    async def cancel(self, actor: Principal, pull: UUID) -> PullRun:
        """Stop a pull; what it brought stays. Raises ``Conflict`` where it is over."""
        row = await self._find(actor, pull)
        if not await self._jobs.cancel(row.job):
            raise Conflict(_("This pull is over already."), ("pull",))
        return await self._run_of(row)

    async def get(self, actor: Principal, pull: UUID) -> PullRun:
        """One pull. Raises ``NotFound``, ``Forbidden``."""
        return await self._run_of(await self._find(actor, pull))

    async def history(
        self, actor: Principal, source: UUID | str, *, offset: int = 0, limit: int = 20
    ) -> tuple[PullRun, ...]:
        """The pulls of the source that are remembered, the latest first. Raises like ``get``."""
        found = await self._sources.get(actor, source)
        require(actor, Action.IMPORT, sources=(found.id,))
        rows = await _latest(found.id).offset(offset).limit(limit)
        return await _runs_of(rows)

    async def status(self, actor: Principal, source: UUID | str) -> PullStatus:
        """How the source is pulled. Raises ``NotFound``, ``Forbidden``, ``Invalid`` where its kind is not."""
        found = await self._sources.get(actor, source)
        require(actor, Action.IMPORT, sources=(found.id,))
        row = await SourceRow.get(id=found.id)
        _kind, pull = self._asking.pull_of(value_of(row))
        state = await PulledSourceRow.get_or_none(source=row.id) or PulledSourceRow(source=row.id)
        current, last = await _current_and_last(state)
        every = self._beginning.every(row) if row.removed_at is None else None
        return PullStatus(
            source=row.id,
            every=every,
            next_at=self._next(state, every, current),
            current=current,
            last=last,
            hosts=await self._hosts(row, pull),
            checked=state.said,
            checked_at=state.checked_at,
            missing=tuple(state.missing or ()),
            ends_at=row.ends_at,
            notes=tuple(row.notes or ()),
            warning=self._warning(row, last),
        )

    async def warnings(self, actor: Principal) -> tuple[PullWarning, ...]:
        """The sources that somebody should do something about: a token that ends, a pull that failed."""
        found = list[PullWarning]()
        for source in await self._sources.list(actor):
            if self.is_pulled(source) and allowed(actor, Action.IMPORT, sources=(source.id,)):
                row = await SourceRow.get(id=source.id)
                _current, last = await _current_and_last(PulledSourceRow(source=source.id))
                if (message := self._warning(row, last)) is not None:
                    found.append(PullWarning(NamedSource(source.id, source.name), message))
        return tuple(found)

    async def troubles(self) -> dict[str, int]:
        """How many sources of the whole server somebody should do something about. For the operator."""
        live = {row.id async for row in SourceRow.filter(removed_at__isnull=True).only("id")}
        ending = SourceRow.filter(removed_at__isnull=True, ends_at__lte=self._clock.now() + WARNED)
        last = await PulledSourceRow.filter(job__isnull=False).only("source", "job")
        jobs = [row.job for row in last if row.source in live]
        failing = JobRow.filter(id__in=jobs, state=State.FAILED)
        return {"failing": await failing.count() if jobs else 0, "tokens_ending": await ending.count()}

    async def check(self, actor: Principal, source: UUID | str) -> Checked:
        """Ask the service what the credentials can see, and keep the answer.

        Raises ``NotFound``, ``Forbidden``, and with a sentence what the service refuses.
        """
        row = await self._open(actor, source, Action.MANAGE_SOURCE)
        return await self._checks.check(value_of(row))

    async def discover(
        self, actor: Principal, plugin: str, kind: str, settings: Mapping[str, Any]
    ) -> Profiles:
        """The profiles behind credentials, to choose from. Raises like :meth:`Offers.find`."""
        return await self._offers.find(actor, plugin, kind, settings)

    async def discovered(self, actor: Principal, profiles: UUID) -> Profiles:
        """The same once more. Raises ``NotFound`` after an hour."""
        return await self._offers.get(actor, profiles)

    async def connect(self, actor: Principal, profiles: UUID, keys: Collection[str]) -> tuple[Source, ...]:
        """Make sources of chosen profiles, in their order. Raises like :meth:`Offers.connect`."""
        return await self._offers.connect(actor, profiles, keys)

    async def _begin(self, actor: Principal, row: SourceRow, days: PullRange | None) -> PullRun:
        begun = await self._beginning.begin(row, (actor.name, actor.person), days)
        if begun is not None:
            return await self._run_of(begun)
        if days is None:
            state = await PulledSourceRow.get(source=row.id)
            return await self._run_of(await PullRow.get(source=row.id, job=state.job))
        raise Conflict(
            _("Past days of {name} are being fetched just now. Wait until that is over, or stop it.",
              name=row.name), ("source",),
        )  # fmt: skip

    async def _hosts(self, row: SourceRow, pull: Any) -> tuple[str, ...]:
        try:
            return self._asking.hosts(pull, await self._sources.open_settings(row.id))
        except BilanError:
            return ()

    def _next(
        self, state: PulledSourceRow, every: timedelta | None, current: PullRun | None
    ) -> datetime | None:
        if every is None or (current is not None and current.range is None):
            return None
        now = self._clock.now()
        if state.begun_at is None or state.begun_at > now:
            return now
        return max(state.begun_at + every, now)

    def _warning(self, row: SourceRow, last: PullRun | None) -> Message | None:
        now = self._clock.now()
        if row.removed_at is not None:
            return None
        if row.ends_at is not None and row.ends_at <= now:
            return _("The token ended on {at:instant}. Connect the source anew.", at=row.ends_at.isoformat())
        if last is not None and last.state is State.FAILED and last.failure is not None:
            return _("The last pull failed: {reason}", reason=last.failure)
        if row.ends_at is not None and row.ends_at - now <= WARNED:
            return _(
                "The token ends on {at:instant}. Connect the source anew before.", at=row.ends_at.isoformat()
            )
        return None

    async def _open(self, actor: Principal, source: UUID | str, action: Action = Action.IMPORT) -> SourceRow:
        found = await self._sources.get(actor, source)
        require(actor, action, sources=(found.id,))
        if found.removed_at is not None:
            raise Invalid(_("The source {name} was removed.", name=found.name), ("source",))
        row = await SourceRow.get(id=found.id)
        self._asking.pull_of(value_of(row))
        return row

    async def _find(self, actor: Principal, pull: UUID) -> PullRow:
        row = await PullRow.get_or_none(id=pull, workspace=actor.workspace)
        if row is None:
            raise NotFound(_("There is no such pull."))
        source = await self._sources.get(actor, row.source)
        require(actor, Action.IMPORT, sources=(source.id,))
        return row

    async def _run_of(self, row: PullRow) -> PullRun:
        return (await _runs_of([row]))[0]


def _latest(source: UUID) -> Any:
    return PullRow.filter(source=source).order_by("-created_at", "-id")


async def _current_and_last(state: PulledSourceRow) -> tuple[PullRun | None, PullRun | None]:
    """The pull of a source that is under way, a usual one before a back-fill, and the last that is over."""
    rows = {row.id: row for row in await _latest(state.source).limit(3)}
    if state.back_fill is not None:
        rows |= {row.id: row for row in await PullRow.filter(source=state.source, job=state.back_fill)}
    runs = await _runs_of(rows.values())
    under_way = sorted((run for run in runs if not run.state.over), key=lambda run: run.range is not None)
    return next(iter(under_way), None), next((run for run in runs if run.state.over), None)


async def _runs_of(rows: Collection[PullRow]) -> tuple[PullRun, ...]:
    jobs = JobRow.filter(id__in=[row.job for row in rows]).prefetch_related("sources")
    known = {row.id: job_of(row) for row in await jobs}
    return tuple(PullRun.of(row, known.get(row.job)) for row in rows)
