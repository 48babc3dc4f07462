"""Mailchimp's tables as connectors copy them: campaigns, recipients, activity, automations, unsubscribes.

Their times have no zone and are in UTC, whatever the source's zone is. An
automation is a journey: it becomes a Canvas, its e-mails the steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from bilan.sdk import (
    ColumnMapping,
    CompanionTables,
    Fact,
    ImportFile,
    Reject,
    RowFacts,
    Settings,
    TableRow,
    Unreadable,
    digest,
    read_flag,
    read_instant,
    read_text,
    table_name,
)
from bilan_email_campaigns.campaigns import Campaign
from bilan_email_campaigns.events import Event
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.values import address
from bilan_email_campaigns.vocabulary import BounceClass, Kind

FACTS = frozenset({
    "campaign", "campaign_recipient", "campaign_recipient_activity",
    "automation", "automation_recipient", "automation_recipient_activity", "unsubscribe",
})  # fmt: skip
LOOKUPS = frozenset({"automation_email", "list", "member", "segment", "segment_member"})
KINDS = {"open": Kind.OPENED, "click": Kind.CLICKED, "bounce": Kind.BOUNCED}
CLASSES = {"hard": BounceClass.HARD, "soft": BounceClass.SOFT}
UTC = ZoneInfo("UTC")
BOOKKEEPING = "_fivetran"


class MailchimpTablesReader:
    """Implements :class:`bilan.sdk.sources.Reader`."""

    key = "mailchimp-tables"
    label = _("Mailchimp tables (CSV)")

    def recognises(self, file: ImportFile) -> float:
        """By the names of the file and of those beside it."""
        if table_name(file.name) not in FACTS | LOOKUPS:
            return 0.0
        beside = {table_name(name) for name in file.companions} & (FACTS | LOOKUPS)
        return 0.9 if beside or "recipient" in table_name(file.name) else 0.5

    def propose(self, file: ImportFile, settings: Settings) -> ColumnMapping | None:  # noqa: ARG002 - the contract's
        """Nothing is left open."""
        return None

    def read(
        self, file: ImportFile, settings: Settings, mapping: ColumnMapping | None  # noqa: ARG002 - the contract's
    ) -> Iterator[RowFacts | Reject]:  # fmt: skip
        """The facts of the file and of those handed over with it."""
        tables = CompanionTables.of(file, FACTS | LOOKUPS)
        rows = _MailchimpRows(tables)
        yield from chain(
            tables.read("campaign", rows.campaign),
            tables.read("automation", rows.automation),
            tables.read("campaign_recipient", rows.recipient),
            tables.read("campaign_recipient_activity", rows.activity),
            tables.read("automation_recipient", rows.automation_recipient),
            tables.read("automation_recipient_activity", rows.activity),
            tables.read("unsubscribe", rows.unsubscribe),
        )


class _MailchimpRows:
    """Reads the rows of each table with what the others say of them."""

    def __init__(self, tables: CompanionTables) -> None:
        self._campaigns = tables.lookup(
            "campaign", "id", "title", "subject_line", "type", "send_time", "list_id"
        )
        self._automations = tables.lookup("automation", "id", "title")
        self._emails = tables.lookup("automation_email", "id", "automation_id", "title", "subject_line")
        self._lists = tables.lookup("list", "id", "name")
        self._members = tables.lookup("member", "id", "email_address")

    def campaign(self, row: TableRow) -> Iterator[Fact]:
        yield Campaign(
            campaign=read_text(row.get("id")),
            name=read_text(row.get("title")),
            subject=read_text(row.get("subject_line")),
            audience=self._list(row),
            category=read_text(row.get("type")),
            sent_at=read_instant(row.get("send_time"), UTC),
            created_at=read_instant(row.get("create_time"), UTC),
            archived=read_flag(row.get("_fivetran_deleted")),
        ).fact()

    def automation(self, row: TableRow) -> Iterator[Fact]:
        yield Campaign(
            campaign=read_text(row.get("id")),
            name=read_text(row.get("title")),
            audience=self._list(row),
            category="automation",
            sent_at=read_instant(row.get("start_time"), UTC),
            created_at=read_instant(row.get("create_time"), UTC),
            canvas=True,
            archived=read_flag(row.get("_fivetran_deleted")),
        ).fact()

    def recipient(self, row: TableRow) -> Iterator[Fact]:
        """A recipient's row is a send, at the campaign's time."""
        campaign = read_text(row.get("campaign_id"))
        if campaign not in self._campaigns:
            raise Unreadable(
                _("The campaign {campaign} is not in campaign.csv, so nobody knows when it was sent; "
                  "hand both files over together.", campaign=campaign)
            )  # fmt: skip
        sent_at = read_instant(self._campaigns[campaign][3], UTC)
        yield self._event(row, "sent", Kind.SENT, sent_at).fact()

    def automation_recipient(self, row: TableRow) -> Iterator[Fact]:
        """The table does not say when an automation wrote to somebody."""
        yield self._event(row, "sent", Kind.SENT, None).fact()

    def activity(self, row: TableRow) -> Iterator[Fact]:
        action = read_text(row.get("action"))
        event = self._event(
            row, action, KINDS.get(action, Kind.OTHER), read_instant(row.get("timestamp"), UTC)
        )
        event.bounce_class = CLASSES.get(read_text(row.get("bounce_type")))
        if event.kind is Kind.OTHER:
            event.reason = action
        yield event.fact()

    def unsubscribe(self, row: TableRow) -> Iterator[Fact]:
        event = self._event(row, "unsubscribe", Kind.UNSUBSCRIBED, read_instant(row.get("timestamp"), UTC))
        event.reason = read_text(row.get("reason"))
        yield event.fact()

    def _event(self, row: TableRow, what: str, kind: Kind, occurred_at: datetime | None) -> Event:
        # The connector's own columns change with every copy.
        own = {name: read_text(cell) for name, cell in row.items() if not name.startswith(BOOKKEEPING)}
        member = read_text(row.get("member_id"))
        return Event(
            fact_id=digest([what, own]),
            occurred_at=occurred_at,
            kind=kind,
            send=kind is Kind.SENT,
            audience=self._list(row),
            recipient=address(self._members.get(member, (member,))[0]),
            url=read_text(row.get("url")),
            **self._origin(read_text(row.get("campaign_id")) or read_text(row.get("automation_email_id"))),
        )

    def _origin(self, key: str) -> dict[str, Any]:
        """The campaign of this key, or the automation whose e-mail has it."""
        if key in self._emails:
            automation, title, subject = self._emails[key]
            name = self._automations.get(automation, ("",))[0]
            return {
                "canvas": automation, "canvas_name": name, "step": key, "step_name": title,
                "subject": subject, "category": "automation",
            }  # fmt: skip
        title, subject, category, *_rest = self._campaigns.get(key, ("", "", ""))
        return {"campaign": key, "campaign_name": title, "subject": subject, "category": category}

    def _list(self, row: TableRow) -> str:
        key = read_text(row.get("list_id"))
        return self._lists.get(key, (key,))[0]
