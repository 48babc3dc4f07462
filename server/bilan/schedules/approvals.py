"""Approving occurrences: what would leave is there to be looked at, by its hashes, and leaves after a yes.

A step of the sending waits behind all files and letters, with all that is sent
behind it. The answer is written down in the occurrence's row; whoever works on
the step reads it there. See docs/decisions/106.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import anyio.to_thread

from bilan.accounts.models import Person
from bilan.accounts.policy import Action, require
from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.delivery import PlainMails
from bilan.delivery.ledger import Ledger
from bilan.delivery.letters import date_links
from bilan.delivery.models import DeliveryRow, LetterRow, SendingRow
from bilan.delivery.outbox import OpenedMail, opened, opened_post
from bilan.delivery.values import Addressee, Mode, PlainMail
from bilan.files import Files
from bilan.recipients.values import EMAIL
from bilan.reports.models import ReportRow
from bilan.runs.models import ArtifactRow, ReportRunRow
from bilan.runs.reading import artifact_of
from bilan.runs.values import Artifact
from bilan.schedules.approval import APPROVE, ApprovalRule, Unanswered, approver_of
from bilan.schedules.models import OccurrencePartRow, OccurrenceRow, ScheduleRow
from bilan.schedules.reading import occurrences_of, parts_of, read_occurrence
from bilan.schedules.values import OccurrenceParts, OccurrenceState, RecordedOccurrence
from bilan.sdk.channels import Recipient, Transport
from bilan.sdk.errors import Conflict, Forbidden, Invalid, NotFound
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _
from bilan.work import UNDER_WAY, Jobs, PutOff, StepContext, forget_attempts
from bilan.work.models import JobRow, StepRow

LONGEST_REASON = 500
SOMEBODY = "somebody@example.org"
"""Stands for the address of whoever has none."""
MINUTE = timedelta(minutes=1)
UNREADY = timedelta(seconds=10)
"""How long a part that is ready waits before it looks at the others again."""
LATE = _("Nobody approved it in time.")
NOBODY = _("There is nobody (any more) who may approve it.")


@dataclass(frozen=True, slots=True)
class PreparedLetter:
    """A letter as it will leave but for each recipient's links. ``to`` are those who get it, by name.

    ``run`` is the one that it is about: where there are parts, theirs.
    """

    id: int
    channel: str
    language: str
    sha256: str
    to: tuple[str, ...]
    run: UUID | None


@dataclass(frozen=True, slots=True)
class PreparedPage:
    """What is seen behind a protected link: the document of this run, with its hash."""

    run: UUID
    sha256: str


@dataclass(frozen=True, slots=True)
class Package:
    """All that waits for a yes until ``until`` (UTC). ``digest`` stands for all of its hashes.

    ``parts`` are those of an occurrence that is split, of which files and letters name the run.

    ``approver`` is the person who is asked; ``mine`` says whether that is whoever looks.
    """

    occurrence: UUID
    approver: UUID
    approver_name: str
    mine: bool
    until: datetime
    files: tuple[Artifact, ...]
    letters: tuple[PreparedLetter, ...]
    pages: tuple[PreparedPage, ...]
    digest: str
    parts: OccurrenceParts


class Approvals:
    """Shows what waits for a yes to those who may see its report, and takes the answer of who is asked."""

    def __init__(
        self,
        catalog: Catalog,
        clock: Clock,
        files: Files,
        jobs: Jobs,
        ledger: Ledger,
        transports: Mapping[str, Transport],
        public_url: str,
    ) -> None:
        self._catalog, self._clock, self._files = catalog, clock, files
        self._jobs, self._ledger = jobs, ledger
        self._transports, self._public_url = transports, public_url

    async def package(self, actor: Principal, occurrence: UUID) -> Package:
        """What waits. Raises ``NotFound``, and ``Conflict`` where nothing does."""
        return await self._package(actor, await self._waiting(actor, occurrence))

    async def letter(self, actor: Principal, occurrence: UUID, letter: int) -> OpenedMail:
        """One of its letters as whoever asks would get it, with links that lead nowhere, taken apart.

        Raises like :meth:`package`.
        """
        row = await self._waiting(actor, occurrence)
        found = await LetterRow.get_or_none(id=letter, sending__occurrence=row.id)
        if found is None:
            raise NotFound(_("There is no such letter."))
        nowhere = f"{self._public_url}/links/preview"
        recipient = Recipient(
            "preview",
            actor.email or SOMEBODY,
            actor.name,
            (nowhere,) * len(found.artifacts),
            nowhere,
            nowhere,
            nowhere,
            "…",
        )
        composed, transport = await self._files.read(found.sha256), self._transports[found.channel]
        message = await anyio.to_thread.run_sync(transport.address, composed, recipient)
        return opened(message.content) if found.channel == EMAIL else opened_post(message.content)

    async def approve(self, actor: Principal, occurrence: UUID, digest: str) -> RecordedOccurrence:
        """Have it sent. ``digest`` is that of the package which the actor has seen.

        Raises like :meth:`package`, ``Forbidden`` for others than who is asked,
        and ``Conflict`` where the digest is another one.
        """
        await self._asked(actor, occurrence)
        async with self._catalog.transaction():
            row = await self._held(occurrence)
            if (await self._package(actor, row)).digest != digest:
                raise Conflict(
                    _("What is to be sent is not what you have seen; look at it again."), ("digest",)
                )
            row.state, row.decided_by_name = OccurrenceState.BEGUN, actor.name
            await row.save()
            await release(self._jobs, row.id)
        return await _told(occurrence)

    async def reject(self, actor: Principal, occurrence: UUID, reason: str = "") -> RecordedOccurrence:
        """Have it sent to nobody, for a reason in the actor's words. Raises like :meth:`approve`."""
        why = " ".join(reason.split())
        if len(why) > LONGEST_REASON:
            raise Invalid(_("A reason has at most {most} characters.", most=LONGEST_REASON), ("reason",))
        await self._asked(actor, occurrence)
        said = _("{name} did not approve it: {why}", name=actor.name, why=why)
        async with self._catalog.transaction():
            row = await self._held(occurrence)
            row.decided_by_name = actor.name
            await withhold(
                self._jobs,
                self._ledger,
                row,
                said if why else _("{name} did not approve it.", name=actor.name),
                self._clock.now(),
            )
        return await _told(occurrence)

    async def _waiting(self, actor: Principal, occurrence: UUID) -> OccurrenceRow:
        row = await read_occurrence(actor, occurrence)
        if row.state != OccurrenceState.WAITING:
            raise _decided()
        return row

    async def _asked(self, actor: Principal, occurrence: UUID) -> None:
        row = await read_occurrence(actor, occurrence)
        report = await ReportRow.get_or_none(id=row.schedule.report)
        if report is not None:
            require(actor, Action.RUN_REPORT, sources=report.sources, personal=report.personal)
        rule = (await self._waiting(actor, occurrence)).schedule.approval
        if rule is None or actor.person != rule.approver:
            raise Forbidden(_("Only who is asked to approve it may answer."))

    async def _held(self, occurrence: UUID) -> OccurrenceRow:
        rows = OccurrenceRow.filter(id=occurrence, state=OccurrenceState.WAITING)
        row = await rows.select_for_update().first()
        if row is None:
            raise _decided()  # somebody else answered, or its time was over
        row.schedule = await ScheduleRow.get(id=row.schedule_id)
        return row

    async def _package(self, actor: Principal, row: OccurrenceRow) -> Package:
        rule, until = row.schedule.approval, row.approval_until
        if rule is None or until is None:
            raise _decided()
        person = await Person.get_or_none(id=rule.approver)
        letters = await LetterRow.filter(sending__occurrence=row.id).order_by("id").select_related("sending")
        names = {ident for one in letters for ident in one.artifacts}
        files = await ArtifactRow.filter(id__in=names).order_by("file_name", "id")
        prepared = [await _prepared(row.id, one) for one in letters]
        protected = {one.sending.run for one in letters if one.sending.mode == Mode.PROTECTED}
        runs = await ReportRunRow.filter(job_id__in=protected).order_by("job_id")
        pages = tuple(PreparedPage(one.job_id, one.document_sha256 or "") for one in runs)
        return Package(
            occurrence=row.id,
            approver=rule.approver,
            approver_name=person.name if person else "",
            mine=actor.person == rule.approver,
            until=until,
            files=tuple(artifact_of(one, one.run_id) for one in files),  # type: ignore[attr-defined]
            letters=tuple(prepared),
            pages=pages,
            digest=_digest([one.sha256 for one in (*files, *pages)], [one.sha256 for one in letters]),
            parts=await parts_of(row.id),
        )


class ApproveStep:
    """Asks for a yes, and waits for the answer or the end of its time."""

    def __init__(
        self, catalog: Catalog, clock: Clock, jobs: Jobs, ledger: Ledger, mails: PlainMails, public_url: str
    ) -> None:
        self._catalog, self._clock, self._jobs, self._ledger = catalog, clock, jobs, ledger
        self._mails, self._public_url = mails, public_url

    async def __call__(self, context: StepContext) -> None:
        now, wait = self._clock.now(), timedelta(0)
        async with self._catalog.transaction():
            rows = OccurrenceRow.filter(id=UUID(context.arguments["occurrence"]))
            row = await rows.select_for_update().get()
            schedule = await ScheduleRow.get(id=row.schedule_id)
            if (part := context.arguments.get("part")) is not None:
                await OccurrencePartRow.filter(id=UUID(part)).update(ready=True)
            if row.state == OccurrenceState.BEGUN and row.approval_until is None:
                # All of its parts are looked at together.
                ready = await parts_ready(row.id)
                wait = await self._ask(row, schedule, now) if ready else UNREADY
            elif row.state == OccurrenceState.WAITING:
                assert row.approval_until is not None  # noqa: S101 - what waits does so until then
                wait = row.approval_until - now
                if wait <= timedelta(0) or schedule.approval is None:
                    wait = timedelta(0)
                    await self._overdue(row, schedule.approval, now)
                else:
                    await self._write(row, schedule, row.approval_until)
            if wait > timedelta(0):
                # It waits for weeks: workers that end in the middle of a look, each long after another, are
                # no reason to give it up.
                await forget_attempts(context)
        if wait > timedelta(0):
            # Looked at each minute too: an answer may come while this attempt is put off.
            raise PutOff(min(wait, MINUTE))
        if row.state == OccurrenceState.BEGUN:
            for sending in await SendingRow.filter(occurrence=row.id, awaits_approval=True):
                await date_links(sending, now)
            await SendingRow.filter(occurrence=row.id).update(awaits_approval=False)

    async def _ask(self, row: OccurrenceRow, schedule: ScheduleRow, now: datetime) -> timedelta:
        """Ask who is to approve; how long to wait for the answer."""
        rule = schedule.approval
        if rule is None:
            return timedelta(0)  # it is not asked for any more
        row.approval_until = until = now + timedelta(hours=rule.hours)
        if not await self._write(row, schedule, until):
            row.approval_until = now
            await withhold(self._jobs, self._ledger, row, NOBODY, now)
            return timedelta(0)
        row.state = OccurrenceState.WAITING
        await row.save()
        return until - now

    async def _write(self, row: OccurrenceRow, schedule: ScheduleRow, until: datetime) -> bool:
        """Write to whoever is to approve by now, once; ``False`` where there is nobody."""
        rule = schedule.approval
        report = await ReportRow.get_or_none(id=schedule.report, workspace_id=schedule.workspace_id)
        approver = await approver_of(rule, schedule.workspace_id, report) if rule is not None else None
        if rule is None or approver is None:
            return False
        to = Addressee(approver.person, approver.email, approver.name, approver.language, approver.zone)
        mail = _question(schedule, until, rule, f"{self._public_url}/occurrences/{row.id}")
        key = f"approve:{row.id.hex}:{until.timestamp():.0f}:{approver.person.hex}"
        await self._mails.send(schedule.workspace_id, to, mail, key, sent_by_name=schedule.owner_name)
        return True

    async def _overdue(self, row: OccurrenceRow, rule: ApprovalRule | None, now: datetime) -> None:
        if rule is None or rule.unanswered is Unanswered.SEND:
            row.state = OccurrenceState.BEGUN
            await row.save()
        else:
            await withhold(self._jobs, self._ledger, row, LATE, now)


async def parts_ready(occurrence: UUID) -> bool:
    """Whether of each part that is not over all files and letters are there."""
    parts = OccurrencePartRow.filter(occurrence_id=occurrence, state=OccurrenceState.BEGUN, ready=False)
    for part in await parts:
        sendings = await SendingRow.filter(occurrence=occurrence, run=part.run)
        jobs = [part.run, *(one.job for one in sendings)]
        if await JobRow.filter(id__in=jobs, state__in=UNDER_WAY).exists():
            return False
    return True


async def release(jobs: Jobs, occurrence: UUID) -> None:
    """Let what was held leave: whoever works on the step reads the answer at once."""
    for sending in await SendingRow.filter(occurrence=occurrence, awaits_approval=True):
        for step in await StepRow.filter(job_id=sending.job, name=APPROVE):
            await jobs.hurry(step.id)


async def withhold(jobs: Jobs, ledger: Ledger, row: OccurrenceRow, reason: Message, now: datetime) -> None:
    """Send it to nobody, within the transaction that holds its row."""
    row.state, row.reason, row.settled_at = OccurrenceState.WITHHELD, reason, now
    await row.save()
    for sending in await SendingRow.filter(occurrence=row.id):
        await jobs.cancel(sending.job)
        await ledger.stop_withheld(sending.id)


async def _prepared(occurrence: UUID, letter: LetterRow) -> PreparedLetter:
    to = DeliveryRow.filter(
        sending__occurrence=occurrence, sending_id=letter.sending_id, channel=letter.channel,  # type: ignore[attr-defined]
        language=letter.language, letter=letter.letter,
    )  # fmt: skip
    names = [row.name for row in await to.order_by("name", "id")]
    return PreparedLetter(
        letter.id, letter.channel, letter.language, letter.sha256, tuple(names), letter.sending.run
    )


async def _told(occurrence: UUID) -> RecordedOccurrence:
    row = await OccurrenceRow.get(id=occurrence).select_related("schedule")
    return (await occurrences_of([row]))[0]


def _digest(files: list[str], letters: list[str]) -> str:
    return hashlib.sha256("\n".join([*sorted(files), "", *sorted(letters)]).encode()).hexdigest()


def _question(schedule: ScheduleRow, until: datetime, rule: ApprovalRule, url: str) -> PlainMail:
    """The e-mail that asks for a yes. It holds no figures: they are looked at on the page."""
    after = (
        _("Without an answer it is sent then.")
        if rule.unanswered is Unanswered.SEND
        else _("Without an answer it is sent to nobody.")
    )
    return PlainMail(
        subject=_("{report} waits for your yes", report=schedule.report_name),
        paragraphs=(
            _("{name} wants this report to be sent, and you to look at it before.", name=schedule.owner_name),
            _("You have until {until:instant}.", until=until.isoformat()),
            after,
        ),
        button=_("Look at it"),
        url=url,
    )


def _decided() -> Conflict:
    return Conflict(_("Nothing of it waits for an answer."), ("occurrence",))
