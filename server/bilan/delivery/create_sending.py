"""Writing a sending down: its run, its steps and a row for each recipient, all or nothing, and once a key."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import msgspec
from tortoise.exceptions import IntegrityError

from bilan.accounts.values import Member
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.delivery.ledger import deliveries_of
from bilan.delivery.models import DeliveryRow, SendingRow
from bilan.delivery.values import DeliveryState, NewSending, Sent
from bilan.jobs import Jobs
from bilan.runs.models import StepRow
from bilan.runs.reading import read_run
from bilan.runs.service import Runs
from bilan.runs.values import NewRun, NewStep, Purpose, Run
from bilan.sdk.errors import Conflict
from bilan.sdk.textdomain import _

CHANNEL = "email"

Begin = Callable[[Sequence[NewStep]], Awaitable[tuple[UUID, UUID]]]
"""Starts what sends, with these steps after the report is there: the run sent, and the run that sends."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A sending before it is written down. ``key`` makes the same occasion asked for again the same sending.

    ``renews`` is the delivery whose links it replaces.
    """

    workspace: UUID
    key: str
    request_hash: str
    people: tuple[Member, ...]
    languages: tuple[str, ...]
    new: NewSending
    sent_by: UUID | None
    sent_by_name: str
    renews: UUID | None = None


class Sendings:
    """Begins sendings. Who may send what to whom has been decided by then."""

    def __init__(self, catalog: Catalog, jobs: Jobs, clock: Clock, runs: Runs) -> None:
        self._catalog, self._jobs, self._clock, self._runs = catalog, jobs, clock, runs

    async def of_run(self, run: Run, plan: Plan) -> Sent:
        """Send a run that is over: it stays as it is, and a run of its own sends it."""

        async def begin(steps: Sequence[NewStep]) -> tuple[UUID, UUID]:
            started = await self._runs.begin(_courier(run, plan.sent_by, plan.sent_by_name), steps)
            return run.id, started.id

        return await self.begin(plan, begin)

    async def begin(self, plan: Plan, begin: Begin) -> Sent:
        """Write it down, unless its key was used. Raises ``Conflict`` where that was for something else."""
        if known := await SendingRow.get_or_none(workspace=plan.workspace, key=plan.key):
            return await _again(known, plan)
        try:
            async with self._catalog.transaction(self._jobs):
                sending = await self._write(plan, begin)
        except IntegrityError:
            # The same was asked twice at the same time, and the other one was first.
            return await _again(await SendingRow.get(workspace=plan.workspace, key=plan.key), plan)
        return await _sent(sending)

    async def _write(self, plan: Plan, begin: Begin) -> SendingRow:
        ident, now = uuid4(), self._clock.now()
        planned = {uuid4(): pair for pair in zip(plan.people, plan.languages, strict=True)}
        steps = _preparing(
            ident, tuple(dict.fromkeys(plan.new.formats)), tuple(dict.fromkeys(plan.languages))
        )
        ready = len(steps) - 1
        steps += [NewStep(f"deliver:{CHANNEL}", {"delivery": str(one)}, after=ready) for one in planned]
        run, work = await begin(steps)
        sending = await SendingRow.create(
            id=ident,
            workspace=plan.workspace,
            key=plan.key,
            request_hash=plan.request_hash,
            run=run,
            work=work,
            mode=plan.new.mode,
            formats=[{"format": one} for one in dict.fromkeys(plan.new.formats)],
            days=plan.new.days,
            message=plan.new.message.strip(),
            sent_by=plan.sent_by,
            sent_by_name=plan.sent_by_name,
            created_at=now,
        )
        added = await StepRow.filter(run_id=work, name__startswith="deliver:")
        step_of = {one.arguments["delivery"]: one.id for one in added}
        for delivery, (person, language) in planned.items():
            await DeliveryRow.create(
                id=delivery,
                sending=sending,
                channel=CHANNEL,
                recipient=person.id,
                address=person.email,
                name=person.name,
                language=language,
                state=DeliveryState.PLANNED,
                step=step_of[str(delivery)],
                renews=plan.renews,
                created_at=now,
            )
        return sending


def _preparing(sending: UUID, formats: Iterable[str], languages: Iterable[str]) -> list[NewStep]:
    """A step for each file and each letter, one after the other: what fails stops all that follow."""
    arguments = [
        *(
            (f"render_attachment:{one}", {"format": one, "language": language})
            for language in languages
            for one in formats
        ),
        *((f"compose:{CHANNEL}", {"language": language}) for language in languages),
    ]
    return [
        NewStep(
            name,
            {"sending": str(sending), **more},
            after=number - 1 if number else None,
            key=hashlib.sha256(msgspec.json.encode((name, more))).hexdigest(),
        )
        for number, (name, more) in enumerate(arguments)
    ]


def request_hash(what: str, new: NewSending) -> str:
    """The hash of what is asked, so that a key is not used for something else."""
    asked = (what, sorted(new.to), new.mode, new.formats, new.language, new.days, new.message)
    return hashlib.sha256(msgspec.json.encode(asked)).hexdigest()


def _courier(run: Run, person: UUID | None, name: str) -> NewRun:
    """The run that sends another one. It reads the same sources, so the same people see it."""
    return NewRun(
        workspace=run.workspace,
        purpose=Purpose.DELIVERY,
        kind=run.kind,
        values={"run": str(run.id)},
        zone=run.zone,
        asked_by=person,
        asked_by_name=name,
        sources=run.sources,
        title=run.title,
        personal=run.personal,
    )


async def _again(known: SendingRow, plan: Plan) -> Sent:
    if known.request_hash != plan.request_hash:
        raise Conflict(
            _("Something else was sent from this form already; open it again to send more."), ("key",)
        )
    return await _sent(known)


async def _sent(sending: SendingRow) -> Sent:
    rows = await DeliveryRow.filter(sending_id=sending.id).select_related("sending")
    return Sent(await read_run(sending.work), deliveries_of(rows))
