"""HubSpot's tables as connectors copy them: e-mail events, what each type adds to them, and campaigns.

Their times have no zone and are in UTC, whatever the source's zone is. Only
``email_event_data`` says when something happened and to whom; the other
event tables add to its rows by their id.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
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
    in_table,
    read_flag,
    read_instant,
    read_text,
    table_name,
)
from bilan_email_campaigns.campaigns import Campaign
from bilan_email_campaigns.events import Event
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.values import address
from bilan_email_campaigns.vocabulary import BounceClass, Kind, RejectReason

EVENTS_TABLE = "email_event_data"
CAMPAIGN_TABLE = "email_campaign_data"
ADDED = {
    "email_event_click_data": ("url", "browser"),
    "email_event_open_data": ("browser",),
    "email_event_bounce_data": ("category", "status"),
    "email_event_dropped_data": ("drop_reason", "subject"),
    "email_event_deferred_data": ("attempt", "response"),
    "email_event_status_change_data": ("portal_subscription_status", "source"),
}
KNOWN = frozenset({EVENTS_TABLE, CAMPAIGN_TABLE, *ADDED})
UTC = ZoneInfo("UTC")

KINDS = {
    "PROCESSED": Kind.QUEUED,
    "SENT": Kind.SENT,
    "DELIVERED": Kind.DELIVERED,
    "OPEN": Kind.OPENED,
    "CLICK": Kind.CLICKED,
    "BOUNCE": Kind.BOUNCED,
    "DROPPED": Kind.REJECTED,
    "DEFERRED": Kind.DEFERRED,
    "SPAMREPORT": Kind.COMPLAINED,
    "UNSUBSCRIBED": Kind.UNSUBSCRIBED,
    "SUBSCRIBED": Kind.SUBSCRIBED,
}
DROPPED = {
    "PREVIOUSLY_UNSUBSCRIBED_PORTAL": RejectReason.UNSUBSCRIBED,
    "PREVIOUSLY_UNSUBSCRIBED_MESSAGE": RejectReason.UNSUBSCRIBED,
    "PREVIOUSLY_BOUNCED": RejectReason.BOUNCED,
    "PREVIOUS_SPAM": RejectReason.SPAM,
    "INVALID_TO_ADDRESS": RejectReason.INVALID,
    "BLOCKED_DOMAIN": RejectReason.BLOCKED,
    "BLOCKED_ADDRESS": RejectReason.BLOCKED,
}

Additions = dict[str, str]


class HubSpotTablesReader:
    """Implements :class:`bilan.sdk.sources.Reader`."""

    key = "hubspot-tables"
    label = _("HubSpot e-mail tables (CSV)")

    def recognises(self, file: ImportFile) -> float:
        """By the file's name."""
        return 0.95 if table_name(file.name) in KNOWN else 0.0

    def propose(self, file: ImportFile, settings: Settings) -> ColumnMapping | None:  # noqa: ARG002 - the contract's
        """Nothing is left open."""
        return None

    def read(
        self, file: ImportFile, settings: Settings, mapping: ColumnMapping | None  # noqa: ARG002 - the contract's
    ) -> Iterator[RowFacts | Reject]:  # fmt: skip
        """The campaigns and events; a row that adds to no event is a reject."""
        tables = CompanionTables.of(file, KNOWN)
        rows = _HubspotRows(tables)
        yield from tables.read(CAMPAIGN_TABLE, _campaign)
        yield from tables.read(EVENTS_TABLE, rows.event)
        yield from rows.left_over()


class _HubspotRows:
    """Reads the events with what the other tables add to them."""

    def __init__(self, tables: CompanionTables) -> None:
        self._campaigns = tables.lookup(CAMPAIGN_TABLE, "id", "name", "subject", "type")
        self._added = {name: tables.lookup(name, "id", *columns) for name, columns in ADDED.items()}
        self._used: set[str] = set()

    def event(self, row: TableRow) -> Iterator[Fact]:
        key = read_text(row.get("id"))
        if not key:
            raise Unreadable(_("This row names no event."))
        added = self._additions(key)
        kind, word = _kind(read_text(row.get("type")), added)
        campaign = read_text(row.get("email_campaign_id"))
        name, subject, category = self._campaigns.get(campaign, ("", "", ""))
        yield Event(
            fact_id=key,
            event_id=key,
            occurred_at=read_instant(row.get("created"), UTC),
            kind=kind,
            send=kind is Kind.SENT,
            campaign=campaign,
            campaign_name=name,
            category=category,
            subject=added.get("subject") or subject,
            # Whatever follows a sent message carries that event's id.
            message_id=read_text(row.get("sent_by_id")) or key,
            recipient=address(row.get("recipient")),
            url=added.get("url", ""),
            user_agent=added.get("browser", ""),
            machine=read_flag(row.get("filtered_event")),
            bounce_class=_bounce_class(kind, added),
            reject_reason=_reject_reason(kind, added),
            reason=word if kind is Kind.OTHER else _words(added),
        ).fact()

    def _additions(self, key: str) -> Additions:
        found: Additions = {}
        for name, rows in self._added.items():
            if key in rows:
                self._used.add(key)
                found |= dict(zip(ADDED[name], rows[key], strict=True))
        return found

    def left_over(self) -> Iterator[Reject]:
        """The rows whose event was not handed over."""
        reason = _(
            "Its event is not in email_event_data, so nobody knows when it happened and to whom; "
            "hand both files over together."
        )
        for name, rows in self._added.items():
            for number, (key, cells) in enumerate(rows.items(), start=1):
                if key not in self._used:
                    row = {"id": key, **dict(zip(ADDED[name], cells, strict=True))}
                    yield Reject(number, in_table(name, reason), json.dumps(row, ensure_ascii=False))


def _campaign(row: TableRow) -> Iterator[Fact]:
    yield Campaign(
        campaign=read_text(row.get("id")),
        name=read_text(row.get("name")),
        subject=read_text(row.get("subject")),
        category=read_text(row.get("type")),
    ).fact()


def _kind(word: str, added: Additions) -> tuple[Kind, str]:
    if word == "STATUSCHANGE":
        word = added.get("portal_subscription_status") or word
    return KINDS.get(word, Kind.OTHER), word


def _bounce_class(kind: Kind, added: Additions) -> BounceClass | None:
    if kind is Kind.DEFERRED:
        return BounceClass.SOFT
    if kind is not Kind.BOUNCED or not (added.get("category") or added.get("status")):
        return None
    hard = added["category"] == "UNKNOWN_USER" or added["status"].startswith("5")
    return BounceClass.HARD if hard else BounceClass.SOFT


def _reject_reason(kind: Kind, added: Additions) -> RejectReason | None:
    if kind is not Kind.REJECTED:
        return None
    return DROPPED.get(added.get("drop_reason", ""), RejectReason.OTHER)


def _words(added: Additions) -> str:
    return next((added[name] for name in ("category", "drop_reason", "response") if added.get(name)), "")
