"""Every service, under one name each, for resolvers, pages, jobs and commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bilan.accounts import Accounts, PasswordLinks, Sessions, Tokens
    from bilan.branding import Branding
    from bilan.catalog import Catalog
    from bilan.clock import Clock
    from bilan.delivery import (
        AccountMails,
        Confirmations,
        Deliveries,
        DownloadLinks,
        Outbox,
        PublicCheck,
        ResolveUnknown,
    )
    from bilan.delivery.target_tests import TargetTests
    from bilan.drilldown.contact_timelines import ContactTimelines
    from bilan.drilldown.service import Drilldowns
    from bilan.erasure import ContactErasures
    from bilan.files import Files
    from bilan.i18n import Translator
    from bilan.ingest.derivations import Derivations
    from bilan.ingest.imports import Imports
    from bilan.ingest.inbox import Inbox
    from bilan.ingest.rejects import Rejects
    from bilan.merges import ContactMerges
    from bilan.meters import Meters
    from bilan.pulls import Pulls
    from bilan.query.kept import KeptAnswers
    from bilan.query.query import Query
    from bilan.recipients import AddressBook, BookImport, RecipientAttributes, Rules, Suppressions, Targets
    from bilan.registry.declared import Registry
    from bilan.reports.preview import Previews
    from bilan.reports.service import Reports
    from bilan.runs.events import RunEvents
    from bilan.runs.retention import Retention
    from bilan.runs.service import Runs
    from bilan.schedules.approvals import Approvals
    from bilan.schedules.erase_recipient import RecipientErasure
    from bilan.schedules.freshness import Freshness
    from bilan.schedules.history import Occurrences
    from bilan.schedules.resends import Resends
    from bilan.schedules.service import Schedules
    from bilan.schedules.subscriptions import Subscriptions
    from bilan.settings import Settings
    from bilan.shares import SharedReports, ShareMails, Shares
    from bilan.sources import Source, Sources
    from bilan.warehouse import Warehouse
    from bilan.work import Jobs


@dataclass(frozen=True, repr=False)  # all of a server would stand in each trace of a task
class Services:
    """What the process is made of. Built once, in :mod:`bilan.app`."""

    settings: Settings
    registry: Registry
    clock: Clock
    meters: Meters
    translator: Translator
    jobs: Jobs
    catalog: Catalog
    warehouse: Warehouse
    files: Files
    accounts: Accounts
    password_links: PasswordLinks
    account_mails: AccountMails
    sessions: Sessions
    tokens: Tokens
    branding: Branding
    sources: Sources
    address_book: AddressBook
    book_import: BookImport
    recipient_attributes: RecipientAttributes
    targets: Targets
    target_tests: TargetTests
    recipient_rules: Rules
    suppressions: Suppressions
    confirmations: Confirmations
    recipient_erasure: RecipientErasure
    contact_erasures: ContactErasures
    contact_merges: ContactMerges
    subscriptions: Subscriptions
    inbox: Inbox
    imports: Imports
    rejects: Rejects
    pulls: Pulls
    derivations: Derivations
    query: Query
    kept_answers: KeptAnswers
    reports: Reports
    previews: Previews
    runs: Runs
    run_events: RunEvents
    schedules: Schedules
    occurrences: Occurrences
    resends: Resends
    freshness: Freshness
    approvals: Approvals
    retention: Retention
    drilldowns: Drilldowns
    contact_timelines: ContactTimelines
    deliveries: Deliveries
    resolve_unknown: ResolveUnknown
    download_links: DownloadLinks
    outbox: Outbox
    shares: Shares
    shared_reports: SharedReports
    share_mails: ShareMails
    public_check: PublicCheck

    def webhook_address(self, source: Source) -> str | None:
        """Where the service posts to, if the source's kind has a webhook."""
        kind = self.registry.source_kinds.get((source.plugin, source.kind))
        if kind is None or kind.webhook is None:
            return None
        return f"{self.settings.public_url}/hooks/{source.address}"
