"""An office whose reports are sent again and again, and a post office that takes or refuses them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from argon2 import PasswordHasher

from bilan.accounts import Passwords
from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.delivery import (
    ComposeStep,
    DeliverStep,
    Letters,
    LinkSigner,
    OwnLinks,
    PlainLetters,
    PlainMails,
    RenderAttachmentStep,
    Sendings,
)
from bilan.delivery.email.plain import OutgoingMail
from bilan.delivery.ledger import Ledger
from bilan.delivery.outgoing import OutgoingReports
from bilan.i18n import Translator
from bilan.recipients import AddressBook, RecipientAttributes, Suppressions, Targets
from bilan.reports.service import Reports
from bilan.reports.values import Draft, SavedReport
from bilan.runs.models import ReportRunRow
from bilan.runs.reading import read_run
from bilan.runs.values import Run
from bilan.schedules import CatchUp, Recurrence, Rhythm, Timetable
from bilan.schedules.approval import APPROVE
from bilan.schedules.approvals import Approvals, ApproveStep
from bilan.schedules.beginning import DISPATCH, OccurrenceBeginning
from bilan.schedules.conclude import Conclusions
from bilan.schedules.dispatch import DispatchStep
from bilan.schedules.due import DueSchedules
from bilan.schedules.freshness import Freshness
from bilan.schedules.history import Occurrences
from bilan.schedules.notices import FailureNotices
from bilan.schedules.resends import Resends
from bilan.schedules.service import Schedules
from bilan.schedules.splitting import KnownValues
from bilan.schedules.values import DeliveryOptions, RecordedOccurrence, Schedule, ScheduleDraft
from bilan.schedules.waiting import WaitingOccurrences
from bilan.sdk.channels import BeforeSend, DeliveryStatus, OutgoingReport, RawMessage, Receipt
from bilan.sdk.channels import Recipient as Addressed
from bilan.sdk.periods import Period, Preset
from bilan.seal import Seal
from bilan.shares import DeliveredShares, ShareLinks, ShareMails
from bilan.sources.sources import Sources
from bilan.warehouse import Warehouse
from bilan.work import BatchHandler, Engine, State, StepHandler
from bilan.work.models import StepRow
from support.office import COUNTRIES, KINDS, LEFT, SUMS, Office
from support.runs import QUICK

PARIS = "Europe/Paris"
DAY = timedelta(days=1)
EVER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def daily(start: date, at: time = time(9), **fields: object) -> Timetable:
    """Every day in Paris, for the day before."""
    recurrence = Recurrence(Rhythm.DAYS, start, PARIS, at)
    return Timetable(replace(recurrence, **fields), Period(Preset.YESTERDAY))


NINE = daily(date(2026, 3, 10), time(14))
"""At one o'clock in London, an hour after the moment that tests begin at."""
HTML = DeliveryOptions(("html",))


class PostOffice:
    """A transport that keeps what it takes, and answers each address as a test says."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, OutgoingReport]] = []
        self.mails: list[tuple[str, OutgoingMail]] = []
        """The plain e-mails among what it took."""
        self.answers: dict[str, DeliveryStatus] = {}
        self._composed: dict[bytes, OutgoingReport | OutgoingMail] = {}

    def compose(self, outgoing: OutgoingReport) -> bytes:
        composed = f"{outgoing.ident} {[one.name for one in outgoing.files]}".encode()
        self._composed[composed] = outgoing
        return composed

    def compose_plain(self, mail: OutgoingMail) -> bytes:
        composed = mail.ident.encode()
        self._composed[composed] = mail
        return composed

    def address(self, composed: bytes, recipient: Addressed) -> RawMessage:
        return RawMessage(recipient.ident, "", recipient.address, composed, attached=False)

    async def send(self, message: RawMessage, before_send: BeforeSend) -> Receipt:
        status = self.answers.get(message.recipient, DeliveryStatus.ACCEPTED)
        if status is not DeliveryStatus.LATER:
            await before_send()
        if status is DeliveryStatus.ACCEPTED:
            match self._composed[message.content]:
                case OutgoingMail() as mail:
                    self.mails.append((message.recipient, mail))
                case report:
                    self.taken.append((message.recipient, report))
        return Receipt(status, "250 taken" if status is DeliveryStatus.ACCEPTED else "550 no")

    async def aclose(self) -> None:
        """Nothing is open."""


class Agency(Office):
    """An office with schedules. The clock stands at noon (UTC) on Tuesday 10 March 2026 until it is moved."""

    def __init__(self, catalog: Catalog, warehouse: Warehouse | None, folder: Path) -> None:
        nowhere: Any = warehouse  # without one, nothing can be built
        super().__init__(catalog, nowhere, folder, (*KINDS, COUNTRIES, SUMS))
        self.folder = folder
        sources = Sources(catalog, self.clock, self.registry, b"key")
        self.reports = Reports(self.registry, self.clock, sources)
        mails = PlainMails(catalog, self.jobs, self.clock)
        beginning = OccurrenceBeginning(
            self.runs, Freshness(self.registry, self.clock), self.clock, mails, "https://bilan.example.org"
        )
        self.due = DueSchedules(catalog, self.clock, beginning)
        self.waiting = WaitingOccurrences(catalog, self.clock, beginning)
        self.post, self.sendings = PostOffice(), Sendings(catalog, self.jobs, self.clock)
        self.ledger, self.conclusions = Ledger(catalog, self.clock), Conclusions(catalog, self.clock)
        translator, links = Translator.of(), LinkSigner(b"key", "https://bilan.example.org")
        outgoing = OutgoingReports(
            self.registry, translator, self.files, self.renderer, self.branding, links, ""
        )
        post = {"email": self.post}
        own_links = OwnLinks(b"key", "https://bilan.example.org")
        targets = Targets(catalog, self.clock, self.registry, Seal(b"key"), lambda _name: "")
        share_links = ShareLinks(b"key", "https://bilan.example.org")
        share_mails = ShareMails(mails, self.ledger, share_links, Seal(b"key"), self.clock)
        quick = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self.granted = DeliveredShares(catalog, self.clock, self.registry, quick, share_mails)
        plain = PlainLetters(
            self.registry, translator, self.branding, self.post.compose_plain, str, share_mails.words_of
        )
        letters = Letters(
            catalog, self.files, self.clock, outgoing, own_links, post, plain, targets, self.granted.words_for
        )
        known = KnownValues(self.registry, self.query)
        added: dict[str, StepHandler | BatchHandler] = {
            DISPATCH: DispatchStep(self.sendings, self.files, self.clock, known),
            "render_attachment": RenderAttachmentStep(letters),
            "compose": ComposeStep(letters),
            "deliver": DeliverStep(letters, self.ledger, post, Suppressions(self.clock), self.clock),
        }
        self.handlers |= added
        self.notices = FailureNotices(catalog, self.clock, mails, "https://bilan.example.org")
        self.handlers[APPROVE] = ApproveStep(
            catalog, self.clock, self.jobs, self.ledger, mails, "https://bilan.example.org"
        )
        # The engine takes its handlers when it is made.
        self.engine = self.runs.engine = Engine(catalog, self.jobs, self.clock, self.handlers, timing=QUICK)
        self.approvals = Approvals(
            catalog, self.clock, self.files, self.jobs, self.ledger, post, "https://bilan.example.org"
        )
        self.occurrences = Occurrences()
        self.resends = Resends(catalog, self.clock, self.runs, self.sendings, self.due, beginning)
        self.schedules = Schedules(
            catalog,
            self.clock,
            self.registry,
            self.jobs,
            self.ledger,
            self.runs,
            self.due,
            beginning,
            known,
        )
        self.attributes = RecipientAttributes(catalog, self.clock)
        self.address_book = AddressBook(catalog, self.clock, self.registry.renderers)

    async def report(self, actor: Principal, name: str = "Takings", kind: str = "shop.sales") -> SavedReport:
        """A saved report over the left till."""
        return await self.reports.create(actor, Draft(name, kind, {}, sources=frozenset({LEFT})))

    async def schedule(
        self, actor: Principal, timetable: Timetable, catch_up: CatchUp = CatchUp.LATEST, **fields: Any
    ) -> Schedule:
        """A schedule of a report of its own."""
        report = await self.report(actor, f"Takings {uuid4()}")
        draft = ScheduleDraft(report.id, timetable, catch_up=catch_up, **fields)
        return await self.schedules.create(actor, draft)

    async def work(self) -> None:
        """Do every step that is due, and conclude what is over by then."""
        while steps := await StepRow.filter(state=State.WAITING, due_at__lte=self.clock.now()):
            for step in steps:
                await self.engine.work(step.id)
        await self.ledger.sweep()
        await self.conclusions.sweep()

    def set_clock(self, *moment: int) -> None:
        """Set the clock, in UTC."""
        self.clock.move(datetime(*moment, tzinfo=UTC) - self.clock.now())

    async def told(self, actor: Principal, schedule: UUID | None = None) -> list[RecordedOccurrence]:
        """All that was and is to begin, in order."""
        return list(await self.occurrences.expected(actor, *EVER, schedule=schedule))

    async def began(self) -> list[Run]:
        """The runs there are, oldest first."""
        rows = await ReportRunRow.all().select_related("job").order_by("job__created_at", "id")
        return [await read_run(row.id) for row in rows]


def addresses(*names: str) -> tuple[str, ...]:
    return tuple(f"{name}@example.org" for name in names)


async def send(agency: Agency, ada: Principal) -> RecordedOccurrence:
    """Let what is due at one o'clock be sent; how it ended."""
    agency.set_clock(2026, 3, 10, 13)
    await agency.due.tick()
    await agency.work()
    return (await agency.told(ada))[0]
