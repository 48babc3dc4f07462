"""Sending reports: to whom, what became of it, and the links that came with it."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid4

import anyio.to_thread
import msgspec
from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q

from bilan.accounts.models import Workspace
from bilan.accounts.policy import Action, require
from bilan.accounts.reading import members_of
from bilan.accounts.values import Actor, Member
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.delivery.ledger import deliveries_of
from bilan.delivery.links import Linked, Links
from bilan.delivery.models import DeliveryRow, SendingRow
from bilan.delivery.outbox import OpenedMail, opened
from bilan.delivery.parcels import Parcels, Wish
from bilan.delivery.recipients import eligible, recipients, refusal, require_sight
from bilan.delivery.values import Delivery, NewSending, Sent
from bilan.files import Files
from bilan.jobs import Jobs
from bilan.reports.service import Reports
from bilan.runs.models import ArtifactRow, RunRow, StepRow
from bilan.runs.reading import artifact_of, read_run
from bilan.runs.service import Runs
from bilan.runs.values import Artifact, NewRun, NewStep, Purpose, Rendition, Run
from bilan.sdk.channels import Carrier
from bilan.sdk.errors import Conflict, Expired, Gone, Invalid, TooMany
from bilan.sdk.messages import messages

_, _n = messages("bilan")

CHANNEL = "email"
PLAINEST = "csv"
MOST_DAYS = 90
LONGEST_MESSAGE = 2000
LONGEST_KEY = 60
RENEWAL = timedelta(hours=1)
"""How long after one fresh link the next one can be asked for."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """A sending before it is written down."""

    workspace: UUID
    key: str
    fingerprint: str
    people: tuple[Member, ...]
    languages: tuple[str, ...]
    new: NewSending
    sent_by: UUID | None
    sent_by_name: str
    renews: UUID | None = None


Begin = Callable[[Sequence[NewStep]], Awaitable[tuple[UUID, UUID]]]
"""Starts what sends, with these steps after the report is there: the run sent, and the run that sends."""


class Deliveries:
    """Sends reports to people of the workspace, and keeps the ledger of it."""

    def __init__(
        self,
        catalog: Catalog,
        jobs: Jobs,
        clock: Clock,
        files: Files,
        runs: Runs,
        reports: Reports,
        parcels: Parcels,
        links: Links,
        carriers: dict[str, Carrier],
    ) -> None:
        self._catalog, self._jobs, self._clock, self._files = catalog, jobs, clock, files
        self._runs, self._reports, self._parcels = runs, reports, parcels
        self._links, self._carriers = links, carriers

    async def eligible(self, actor: Actor, run: UUID) -> tuple[Member, ...]:
        """The people whom the actor may send this run to."""
        found = await self._runs.get(actor, run)
        return await eligible(actor, personal=found.personal)

    async def eligible_for_report(self, actor: Actor, report: UUID) -> tuple[Member, ...]:
        """The people whom the actor may send this saved report to."""
        return await eligible(actor, personal=(await self._reports.get(actor, report)).personal)

    async def send_run(self, actor: Actor, run: UUID, new: NewSending) -> Sent:
        """Send the report of a run that has been built.

        The run stays as it is: a run of its own sends it. Raises
        ``Forbidden``, ``Invalid`` with the field's path, and ``Conflict``
        where there is no report (yet) or the key was used for something else.
        """
        found = await self._runs.get(actor, run)
        require(actor, Action.SEND_REPORT, sources=found.sources, personal=found.personal)
        if found.purpose is not Purpose.REPORT or found.document_sha256 is None:
            raise Conflict(_("This run has no report to send."), ("run",))
        if found.erasure is not None:
            raise Conflict(found.erasure, ("run",))
        plan = await self._plan(actor, f"run:{run}", new, personal=found.personal)

        async def begin(steps: Sequence[NewStep]) -> tuple[UUID, UUID]:
            started = await self._runs.begin(_courier(found, actor.person, actor.name), steps)
            return found.id, started.id

        return await self._send(plan, begin)

    async def send_report(self, actor: Actor, report: UUID, new: NewSending) -> Sent:
        """Run a saved report now, and send it as soon as it is built."""
        saved = await self._reports.get(actor, report)
        require(actor, Action.SEND_REPORT, sources=saved.sources, personal=saved.personal)
        plan = await self._plan(actor, f"report:{report}", new, personal=saved.personal)

        async def begin(steps: Sequence[NewStep]) -> tuple[UUID, UUID]:
            started = await self._runs.start(
                actor,
                saved.kind,
                saved.parameters,
                title=saved.name,
                report=saved.id,
                sources=saved.sources,
                then=steps,
            )
            return started.id, started.id

        return await self._send(plan, begin)

    async def list(self, actor: Actor, run: UUID) -> tuple[Delivery, ...]:
        """What was sent of this run, or by it, the newest first."""
        await self._runs.get(actor, run)
        rows = DeliveryRow.filter(Q(sending__run=run) | Q(sending__work=run)).select_related("sending")
        return deliveries_of(await rows)

    async def preview(self, actor: Actor, run: UUID, new: NewSending) -> OpenedMail:
        """The e-mail as it would look for whoever asks. Nothing is sent or written down."""
        found = await self._runs.get(actor, run)
        require(actor, Action.SEND_REPORT, sources=found.sources, personal=found.personal)
        self._checked(new)
        parcel = await self._parcels.make(
            Wish(
                delivery=UUID(int=0),
                run=run,
                address=actor.email or "you@example.org",
                name=actor.name,
                language=new.language or actor.language,
                formats=new.formats,
                mode=new.mode,
                days=new.days,
                sender=actor.name,
                sender_address="",
                message=new.message,
                sent_at=self._clock.now(),
            )
        )
        package = await anyio.to_thread.run_sync(self._carriers[CHANNEL].pack, parcel)
        return opened(package.content)

    async def linked(self, token: str) -> Artifact:
        """The file behind a link of an e-mail, for whoever holds the link. Changes nothing.

        Raises ``NotFound`` for a link that is not ours, ``Expired`` for one
        whose time is over, ``Gone`` where the file is no longer kept or the
        recipient has no account any more, ``Forbidden`` where they may not
        see its rows about single persons any more.
        """
        linked, row = await self._behind(token)
        if linked.until <= self._clock.now():
            raise Expired(_("This link has expired."))
        kept = await ArtifactRow.get_or_none(id=linked.artifact, run_id=row.sending.run)
        if kept is None or not await self._files.exists(kept.sha256):
            raise Gone(_("The file behind this link is no longer kept."))
        return artifact_of(kept, row.sending.run)

    async def renew(self, token: str) -> str:
        """Send the same again to the same address, with a fresh link; that address, made hard to read.

        Raises ``TooMany`` within an hour of the last fresh link, ``Gone``
        where there is nothing to send any more or it must not be sent.
        """
        _linked, row = await self._behind(token)
        now, sending = self._clock.now(), row.sending
        origin = row.renews or row.id
        recent = DeliveryRow.filter(renews=origin, created_at__gt=now - RENEWAL)
        if await recent.exists():
            raise TooMany(_("A fresh link was sent within the last hour; look into the mailbox."))
        run = await read_run(sending.run)
        if not run.readable:
            raise Gone(_("The file behind this link is no longer kept."))
        if reason := await refusal(row, sending, run):
            # It would be refused where it leaves, long after whoever asks was told that it comes.
            raise Gone(reason)
        person = next(one for one in await members_of(sending.workspace) if one.id == row.recipient)
        new = NewSending(
            to=(row.address,),
            # Two clicks at once are one occasion.
            key=f"renew:{origin.hex}:{now:%y%m%d%H}",
            formats=tuple(one["format"] for one in sending.formats),
            days=sending.days,
        )
        plan = _Plan(
            workspace=sending.workspace,
            key=new.key,
            fingerprint=_fingerprint(f"run:{run.id}", new),
            people=(person,),
            languages=(row.language,),
            new=new,
            sent_by=sending.sent_by,
            sent_by_name=sending.sent_by_name,
            renews=origin,
        )

        async def begin(steps: Sequence[NewStep]) -> tuple[UUID, UUID]:
            started = await self._runs.begin(_courier(run, sending.sent_by, sending.sent_by_name), steps)
            return run.id, started.id

        await self._send(plan, begin)
        name, _at, domain = row.address.partition("@")
        return f"{name[:1]}…@{domain}"

    async def _behind(self, token: str) -> tuple[Linked, DeliveryRow]:
        linked = self._links.read(token)
        row = await DeliveryRow.get_or_none(id=linked.delivery).select_related("sending")
        if row is None:
            raise Gone(_("The file behind this link is no longer kept."))
        people = {one.id: one for one in await members_of(row.sending.workspace) if one.active}
        if row.recipient not in people or people[row.recipient].email != row.address:
            raise Gone(_("The account this link was sent to is closed, and the link with it."))
        run = await RunRow.get_or_none(id=row.sending.run)
        if run is not None and run.personal:
            require_sight(people[row.recipient])
        return linked, row

    async def _plan(self, actor: Actor, what: str, new: NewSending, *, personal: bool) -> _Plan:
        self._checked(new)
        people = await recipients(actor, new.to, personal=personal)
        workspace = await Workspace.get(id=actor.workspace)
        return _Plan(
            workspace=actor.workspace,
            key=f"once:{actor.person.hex if actor.person else actor.via}:{new.key}",
            fingerprint=_fingerprint(what, replace(new, to=tuple(sorted(one.email for one in people)))),
            people=people,
            languages=tuple(new.language or one.language or workspace.language for one in people),
            new=new,
            sent_by=actor.person,
            sent_by_name=actor.name,
        )

    def _checked(self, new: NewSending) -> None:
        if not 1 <= new.days <= MOST_DAYS:
            raise Invalid(_("Links last from 1 to {most} days.", most=MOST_DAYS), ("days",))
        if len(new.message) > LONGEST_MESSAGE:
            raise Invalid(_("The message has at most {most} characters.", most=LONGEST_MESSAGE), ("message",))
        if not 1 <= len(new.key) <= LONGEST_KEY:
            raise Invalid(_("The key has from 1 to {most} characters.", most=LONGEST_KEY), ("key",))
        # The letter itself is in that language too, also where no file goes along.
        for one in new.formats or (PLAINEST,):
            self._runs.checked(Rendition(one, new.language or "en"))

    async def _send(self, plan: _Plan, begin: Begin) -> Sent:
        if known := await SendingRow.get_or_none(workspace=plan.workspace, key=plan.key):
            return await _again(known, plan)
        try:
            async with self._catalog.transaction(self._jobs):
                sending = await self._write(plan, begin)
        except IntegrityError:
            # The same was asked twice at the same time, and the other one was first.
            return await _again(await SendingRow.get(workspace=plan.workspace, key=plan.key), plan)
        return await _sent(sending)

    async def _write(self, plan: _Plan, begin: Begin) -> SendingRow:
        ident, now = uuid4(), self._clock.now()
        planned = {uuid4(): pair for pair in zip(plan.people, plan.languages, strict=True)}
        steps = [
            NewStep("enclose", {"sending": str(ident)}),
            *(NewStep(f"deliver:{CHANNEL}", {"delivery": str(one)}, after=0) for one in planned),
        ]
        run, work = await begin(steps)
        sending = await SendingRow.create(
            id=ident,
            workspace=plan.workspace,
            key=plan.key,
            fingerprint=plan.fingerprint,
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
                state="planned",
                step=step_of[str(delivery)],
                renews=plan.renews,
                created_at=now,
            )
        return sending


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


async def _again(known: SendingRow, plan: _Plan) -> Sent:
    if known.fingerprint != plan.fingerprint:
        raise Conflict(
            _("Something else was sent from this form already; open it again to send more."), ("key",)
        )
    return await _sent(known)


async def _sent(sending: SendingRow) -> Sent:
    rows = await DeliveryRow.filter(sending_id=sending.id).select_related("sending")
    return Sent(await read_run(sending.work), deliveries_of(rows))


def _fingerprint(what: str, new: NewSending) -> str:
    asked = (what, sorted(new.to), new.mode, new.formats, new.language, new.days, new.message)
    return hashlib.sha256(msgspec.json.encode(asked)).hexdigest()
