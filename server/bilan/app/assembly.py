"""From settings to services: every part is made here, once, and closed in the opposite order."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import anyio.to_thread
from dramatiq import Broker

from bilan.accounts import Accounts, PasswordLinks, Passwords, Sessions, Tokens
from bilan.app.broken_parts import look_again, look_for_broken
from bilan.app.errors import unwrapped
from bilan.app.private import keep_private
from bilan.branding import Branding
from bilan.catalog import Catalog
from bilan.clock import Clock, SystemClock
from bilan.contacts import ErasedList
from bilan.delivery import (
    AccountMails,
    ComposeStep,
    Confirmations,
    Deliveries,
    DeliverStep,
    DownloadLinks,
    Letters,
    LinkSigner,
    Outbox,
    OwnLinks,
    PlainLetters,
    PlainMails,
    PublicCheck,
    RenderAttachmentStep,
    ResolveUnknown,
    Sendings,
)
from bilan.delivery.email.channel import EmailTransport
from bilan.delivery.ledger import Ledger
from bilan.delivery.outgoing import OutgoingReports
from bilan.delivery.plugin import DELIVERY
from bilan.delivery.reported import ReportedDeliveries
from bilan.delivery.steps import WAITS
from bilan.delivery.target_tests import TargetTests
from bilan.disk import check_folder
from bilan.drilldown.contact_timelines import ContactTimelines
from bilan.drilldown.service import Drilldowns
from bilan.erasure import ERASE, ContactErasures, EraseStep
from bilan.erasure.facts import FactErasure
from bilan.erasure.traces import TraceErasure
from bilan.files import Files
from bilan.i18n import Translator
from bilan.ingest.appender import Appender
from bilan.ingest.derivations import Derivations
from bilan.ingest.importing import ImportStep
from bilan.ingest.imports import Imports
from bilan.ingest.inbox import Inbox
from bilan.ingest.proofs import Proofs
from bilan.ingest.rejects import Rejects
from bilan.manifest import Manifest, Moments
from bilan.merges import ContactMerges
from bilan.meters import Meters
from bilan.outbound import PrivateHosts
from bilan.pictures import PictureFetcher, PictureKeeper, PictureSweep
from bilan.pulls import Pulls
from bilan.pulls.asking import Asking
from bilan.pulls.beginning import Beginning
from bilan.pulls.checking import Checks
from bilan.pulls.offers import Offers, erase_offers
from bilan.pulls.pulling import WAITS as PULL_WAITS
from bilan.pulls.pulling import PullStep
from bilan.query.checking import Checker
from bilan.query.kept import KeptAnswers
from bilan.query.named_pictures import NamedPictures
from bilan.query.query import Query
from bilan.query.settling import Settling
from bilan.recipients import (
    AddressBook,
    BookImport,
    RecipientAttributes,
    Rules,
    Suppressions,
    Targets,
    Unsubscriptions,
)
from bilan.registry.declared import Registry
from bilan.registry.gather import load
from bilan.rendering.plugin import RENDERING
from bilan.reports.examples import check_examples
from bilan.reports.preview import Previews
from bilan.reports.service import Reports
from bilan.runs.artifacts import ArtifactRenderer
from bilan.runs.events import RunEvents
from bilan.runs.handlers import BuildStep, RenderStep
from bilan.runs.retention import Retention
from bilan.runs.service import Runs
from bilan.schedules.approval import APPROVE
from bilan.schedules.approvals import Approvals, ApproveStep
from bilan.schedules.beginning import DISPATCH, OccurrenceBeginning
from bilan.schedules.conclude import Conclusions
from bilan.schedules.dispatch import DispatchStep
from bilan.schedules.due import DueSchedules
from bilan.schedules.erase_recipient import RecipientErasure
from bilan.schedules.freshness import Freshness
from bilan.schedules.history import Occurrences
from bilan.schedules.notices import FailureNotices
from bilan.schedules.resends import Resends
from bilan.schedules.service import Schedules
from bilan.schedules.splitting import KnownValues
from bilan.schedules.subscriptions import Subscriptions
from bilan.schedules.waiting import WaitingOccurrences
from bilan.sdk.channels import ChannelContext, Transport
from bilan.seal import CONTACT_PAGES, CONTACTS, RECIPIENTS, SHARES, Seal
from bilan.services import Services
from bilan.settings import Settings
from bilan.shares import DeliveredShares, SharedReports, ShareLinks, ShareMails, Shares
from bilan.sources import Sources
from bilan.warehouse import Warehouse
from bilan.warehouse.crashes import end_at_crashes
from bilan.work import Engine, Jobs, Wakeups
from bilan.worker import Periodic, Ticker, WakeupPublisher, WorkerPool, open_broker, working

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
SETTLE = timedelta(seconds=15)
"""How often it is looked for months that can be counted in advance, and for what is left to derive."""
PULL = timedelta(seconds=10)
"""How often it is looked for sources whose next pull is due."""
SWEEP = timedelta(minutes=10)
"""How often what is due to be erased is erased."""


@dataclass(frozen=True, repr=False)
class Bilan:
    """A process's parts, ready to serve, to work or to run a command."""

    services: Services
    engine: Engine
    appender: Appender
    moments: Moments
    settling: Settling
    checker: Checker
    beginning: Beginning
    broker: Broker
    ledger: Ledger
    due: DueSchedules
    waiting: WaitingOccurrences
    notices: FailureNotices
    transports: Mapping[str, Transport]

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        settings: Settings,
        *,
        registry: Registry | None = None,
        clock: Clock | None = None,
        local: bool = False,
    ) -> AsyncGenerator[Bilan]:
        """Open every part. ``local`` keeps wake-ups in this process whatever queue is set.

        Raises ``Misdeclared`` for a plugin that cannot work, ``Conflict``
        where another process holds the embedded warehouse, ``Unavailable``
        where a part does not answer.
        """
        registry = registry or load([("rendering", RENDERING), ("delivery", DELIVERY)])
        check_examples(registry)
        clock = clock or SystemClock()
        await anyio.to_thread.run_sync(keep_private, settings.data_dir)
        async with AsyncExitStack() as stack:
            warehouse = await anyio.to_thread.run_sync(Warehouse.open, settings)
            stack.push_async_callback(anyio.to_thread.run_sync, warehouse.close)
            # Whoever cannot have the warehouse changes no catalog, and one that is refused no warehouse.
            catalog = Catalog(settings.catalog_url)
            await catalog.open()
            stack.push_async_callback(catalog.close)
            await anyio.to_thread.run_sync(warehouse.ensure, registry.datasets.values())
            end_at_crashes()  # By now the embedded engine has put its own handlers in place.
            await anyio.to_thread.run_sync(look_for_broken, warehouse)
            stack.enter_context(catalog.activate())
            broker = open_broker("" if local else settings.broker_url)
            wakeups = WakeupPublisher(broker)
            stack.push_async_callback(anyio.to_thread.run_sync, wakeups.close)
            bilan = cls._assemble(settings, registry, clock, catalog, warehouse, broker, wakeups)
            stack.push_async_callback(bilan.services.sessions.last_used.written)
            stack.push_async_callback(bilan.services.tokens.last_used.written)
            for transport in bilan.transports.values():
                stack.push_async_callback(transport.aclose)
            await bilan.moments.prepare(registry.datasets.values())
            if warehouse.address.path is not None:
                # The embedded warehouse belongs to this process alone: whoever was writing is gone.
                await bilan.moments.recover()
            yield bilan

    @classmethod
    def _assemble(
        cls,
        settings: Settings,
        registry: Registry,
        clock: Clock,
        catalog: Catalog,
        warehouse: Warehouse,
        broker: Broker,
        wakeups: Wakeups,
    ) -> Bilan:
        meters, passwords = Meters(), Passwords()
        jobs = Jobs(catalog, clock, wakeups)
        files = Files(settings.files_address)
        translator = Translator.of(registry.plugins.values())
        sources = Sources(catalog, clock, registry, settings.key(), settings.previous_keys())
        moments = Moments(catalog, clock, warehouse)
        manifest, tokens = Manifest(catalog, moments), Tokens(clock)
        query = Query(
            warehouse, registry, manifest,
            at_once=settings.questions, each=settings.questions_of_one,
        )  # fmt: skip
        kept, questions = KeptAnswers(manifest, tokens, clock, settings.kept_answers_bytes), query.questions
        meters.watch_kept_answers(lambda: kept.given, lambda: kept.made, lambda: kept.size)
        meters.watch_questions(lambda: questions.asking, lambda: questions.waiting, lambda: questions.refused)
        inbox = Inbox(catalog, settings.inbox_limit, settings.inbox_seconds)
        branding = Branding(catalog, files, clock)
        memory = settings.render_memory_mb * 1024**2
        renderer = ArtifactRenderer(
            catalog,
            registry,
            files,
            branding,
            translator,
            clock,
            key=settings.key(),
            previous=settings.previous_keys(),
            memory=memory,
        )
        runs = Runs(catalog, jobs, clock, registry, sources, renderer)
        reports = Reports(registry, clock, sources)
        mails = PlainMails(catalog, jobs, clock)
        freshness = Freshness(registry, clock)
        begins = OccurrenceBeginning(runs, freshness, clock, mails, settings.public_url)
        due = DueSchedules(catalog, clock, begins)
        known = KnownValues(registry, query)
        links = LinkSigner(settings.key(), settings.public_url)
        outgoing = OutgoingReports(
            registry, translator, files, renderer, branding, links, settings.public_url
        )
        outbox, ledger = Outbox(catalog, files, clock), Ledger(catalog, clock)
        context = ChannelContext(settings.named, settings.public_url, outbox.write)
        transports = {key: channel.open(context) for key, channel in registry.channels.items()}
        own_links = OwnLinks(settings.key(), settings.public_url, settings.previous_keys())
        email = transports["email"]
        assert isinstance(email, EmailTransport)  # noqa: S101 - the core's own, which nobody else may declare
        password_links = PasswordLinks(catalog, clock, passwords, settings.key(), settings.public_url)
        share_links = ShareLinks(settings.key(), settings.public_url, settings.previous_keys())
        share_seal = Seal(settings.key(), settings.previous_keys(), purpose=SHARES)
        share_mails = ShareMails(mails, ledger, share_links, share_seal, clock)
        plain_letters = PlainLetters(
            registry, translator, branding, email.compose_plain, password_links.url, share_mails.words_of
        )
        granted = DeliveredShares(catalog, clock, registry, passwords, share_mails).words_for
        sealed = Seal(settings.key(), settings.previous_keys(), purpose=RECIPIENTS)
        targets = Targets(catalog, clock, registry, sealed, settings.named)
        address_book = AddressBook(catalog, clock, registry.renderers)
        attributes = RecipientAttributes(catalog, clock)
        letters = Letters(
            catalog, files, clock, outgoing, own_links, transports, plain_letters, targets, granted
        )
        sendings = Sendings(catalog, jobs, clock)
        suppressions = Suppressions(clock)
        reported = ReportedDeliveries(ledger, suppressions)
        deliveries = Deliveries(clock, runs, reports, outgoing, sendings, budget=settings.mail_budget)
        derivations = Derivations(catalog, warehouse, registry.datasets, sources, moments, clock)
        pictures = PictureFetcher(PictureKeeper(catalog, files, clock), clock.now)
        asking = Asking(registry, clock, PrivateHosts(settings.pull_private_hosts), pictures)
        checks, beginning = Checks(sources, asking, clock), Beginning(catalog, registry, jobs, clock)
        offers = Offers(
            catalog, sources, asking, checks, Seal(settings.key(), settings.previous_keys()), clock
        )
        contact_seal = Seal(settings.key(), settings.previous_keys(), purpose=CONTACTS)
        erased, retention = ErasedList(contact_seal), Retention(catalog, files, clock)
        services = Services(
            settings=settings,
            registry=registry,
            clock=clock,
            meters=meters,
            translator=translator,
            jobs=jobs,
            catalog=catalog,
            warehouse=warehouse,
            files=files,
            accounts=Accounts(catalog, clock, passwords),
            password_links=password_links,
            account_mails=AccountMails(catalog, clock, mails, password_links, sends=bool(settings.mail_url)),
            sessions=Sessions(
                catalog,
                clock,
                passwords,
                settings.key(),
                days=settings.session_days,
                idle_hours=settings.session_idle_hours,
            ),
            tokens=tokens,
            branding=branding,
            sources=sources,
            address_book=address_book,
            book_import=BookImport(catalog, address_book, attributes),
            recipient_attributes=attributes,
            targets=targets,
            target_tests=TargetTests(
                catalog, clock, registry, translator, branding, targets, transports, settings.public_url
            ),
            recipient_rules=Rules(registry),
            suppressions=suppressions,
            confirmations=Confirmations(catalog, clock, jobs, ledger, mails, own_links),
            recipient_erasure=RecipientErasure(catalog, clock, ledger),
            subscriptions=Subscriptions(clock, own_links, Unsubscriptions(clock)),
            inbox=inbox,
            imports=Imports(catalog, registry, files, sources, clock, jobs),
            rejects=Rejects(sources),
            pulls=Pulls(sources, asking, checks, offers, beginning, jobs, clock),
            derivations=derivations,
            query=query,
            kept_answers=kept,
            reports=reports,
            previews=Previews(registry, query, sources),
            runs=runs,
            run_events=RunEvents(runs),
            schedules=Schedules(catalog, clock, registry, jobs, ledger, runs, due, begins, known),
            occurrences=Occurrences(),
            approvals=Approvals(catalog, clock, files, jobs, ledger, transports, settings.public_url),
            resends=Resends(catalog, clock, runs, sendings, due, begins),
            freshness=freshness,
            retention=retention,
            contact_merges=ContactMerges(catalog, moments, clock, contact_seal),
            contact_erasures=ContactErasures(catalog, clock, jobs, contact_seal),
            drilldowns=Drilldowns(registry, query, files, runs),
            contact_timelines=ContactTimelines(
                registry,
                query,
                sources,
                Seal(settings.key(), settings.previous_keys(), purpose=CONTACT_PAGES),
            ),
            deliveries=deliveries,
            resolve_unknown=ResolveUnknown(catalog, clock, runs, sendings, ledger),
            download_links=DownloadLinks(catalog, clock, files, links, sendings, runs),
            outbox=outbox,
            shares=Shares(catalog, clock, registry, passwords, runs, address_book, share_mails),
            shared_reports=SharedReports(catalog, clock, passwords, runs, share_links),
            share_mails=share_mails,
            public_check=PublicCheck(catalog, clock),
        )
        steps = {
            "build": BuildStep(catalog, registry, query, files, clock, translator),
            "render": RenderStep(renderer),
            "render_attachment": RenderAttachmentStep(letters),
            "compose": ComposeStep(letters),
            "deliver": DeliverStep(
                letters,
                ledger,
                transports,
                suppressions,
                clock,
                at_once={key: channel.at_once for key, channel in registry.channels.items()},
            ),
            APPROVE: ApproveStep(catalog, clock, jobs, ledger, mails, settings.public_url),
            DISPATCH: DispatchStep(sendings, files, clock, known),
            "import": ImportStep(
                catalog,
                warehouse,
                registry,
                files,
                sources,
                derivations,
                moments,
                clock,
                meters,
                partial(check_folder, settings.data_dir),
                erased,
            ),
            "pull": PullStep(
                catalog,
                warehouse,
                registry,
                sources,
                asking,
                checks,
                derivations,
                moments,
                clock,
                meters,
                partial(check_folder, settings.data_dir),
                erased=erased,
                take_reports=reported.take,
            ),
            ERASE: EraseStep(
                catalog,
                clock,
                files,
                contact_seal,
                FactErasure(catalog, warehouse, registry, moments, clock, contact_seal),
                TraceErasure(catalog, files, retention),
                PictureSweep(catalog, clock, NamedPictures(query)),
            ),
        }
        engine = Engine(
            catalog, jobs, clock, steps,
            meters=meters, retry_delays={"deliver": WAITS, "pull": PULL_WAITS},
            one_at_a_time=("deliver", "pull"),
        )  # fmt: skip
        # The embedded warehouse belongs to this process alone, so whoever held the
        # inbox before is gone and its lease need not be waited for.
        holder = "embedded" if warehouse.address.path is not None else ""
        appender = Appender(
            catalog,
            warehouse,
            registry,
            sources,
            inbox,
            derivations,
            moments,
            clock,
            meters,
            holder,
            erased,
            take_reports=reported.take,
        )
        settling = Settling(catalog, warehouse, registry, clock, moments)
        checker = Checker(catalog, warehouse, registry, clock, moments, meters)
        notices = FailureNotices(catalog, clock, mails, settings.public_url)
        return cls(
            services,
            engine,
            appender,
            moments,
            settling,
            checker,
            beginning,
            broker,
            ledger,
            due,
            WaitingOccurrences(catalog, clock, begins),
            notices,
            transports,
        )

    def pool(self) -> WorkerPool:
        """Threads that are woken through the queue."""
        return WorkerPool(
            self.broker,
            self.services.catalog,
            self.engine,
            threads=self.services.settings.worker_threads,
        )

    def ticker(self) -> Ticker:
        """What has to happen again and again."""
        services = self.services
        pictures = PictureSweep(services.catalog, services.clock, NamedPictures(services.query))
        return Ticker(
            self.services.catalog,
            [
                Periodic("requeue", SECOND, self.engine.requeue_stale),
                Periodic("pictures", SWEEP, pictures.sweep),
                Periodic("schedules", SECOND, self.due.tick),
                Periodic("waiting", 5 * SECOND, self.waiting.sweep),
                Periodic("occurrences", SECOND, Conclusions(services.catalog, services.clock).sweep),
                Periodic("notices", 5 * SECOND, self.notices.sweep),
                Periodic("owners", MINUTE, self.due.suspend_ownerless),
                Periodic("gone reports", MINUTE, self.due.end_reportless),
                Periodic("erase", SWEEP, self.services.retention.sweep),
                Periodic("ledger", 5 * SECOND, self.ledger.sweep),
                Periodic("confirmations", MINUTE, self.services.confirmations.sweep),
                Periodic("outbox", SWEEP, self.services.outbox.sweep),
                Periodic("passwords of shares", 5 * SECOND, self.services.share_mails.sweep),
                Periodic("visits", SWEEP, self.services.shared_reports.sweep),
                Periodic("pull", PULL, self.beginning.sweep),
                Periodic("offers", SWEEP, partial(erase_offers, self.services.clock)),
                Periodic("derive", SETTLE, self.services.derivations.sweep),
                Periodic("settle", SETTLE, self.settling.sweep),
                Periodic("check", SWEEP, self.checker.sweep),
                Periodic("proofs", SWEEP, Proofs(self.services.clock).sweep),
                Periodic("attempts", SWEEP, self.services.sessions.attempts.sweep),
                Periodic("broken parts", MINUTE, partial(look_again, self.services.warehouse)),
            ],
        )

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[None]:
        """Do jobs, tick and feed the warehouse while the block runs; then end in order."""
        with unwrapped():
            async with working(self.pool(), [self.ticker(), self.appender]):
                yield
