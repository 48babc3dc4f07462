"""Mailchimp's campaign reports as its API gives them: one report or a list of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from bilan.sdk.datasets import Fact, Reject
from bilan.sdk.errors import Invalid
from bilan.sdk.sources import ColumnMapping, ImportFile, Settings
from bilan_email_campaigns.campaigns import Campaign, Totals, hour
from bilan_email_campaigns.instants import instant
from bilan_email_campaigns.readers.encodings import open_bytes
from bilan_email_campaigns.readers.tables import load_json
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.values import Item, Unreadable, mapping, text, whole, zone_of


class MailchimpReportReader:
    """Implements :class:`bilan.sdk.sources.Reader`."""

    key = "mailchimp-report"
    label = _("Mailchimp campaign reports (JSON)")

    def recognises(self, file: ImportFile) -> float:
        """By the fields that stand at the start of a report."""
        try:
            with open_bytes(file.path) as opened:
                start = opened.read(2000)
        except OSError:
            return 0.0
        return 0.95 if b'"emails_sent"' in start and b'"campaign_title"' in start else 0.0

    def propose(self, file: ImportFile, settings: Settings) -> ColumnMapping | None:  # noqa: ARG002 - the contract's
        """Nothing is left open."""
        return None

    def read(
        self, file: ImportFile, settings: Settings, mapping: ColumnMapping | None  # noqa: ARG002 - the contract's
    ) -> Iterator[Fact | Reject]:  # fmt: skip
        """Each report's campaign, totals and hours."""
        for number, report in enumerate(_reports(load_json(file.path)), start=1):
            try:
                yield from list(read_report(report, zone_of(settings)))
            except Unreadable as error:
                yield Reject(number, error.message, json.dumps(report, default=str)[:4000])


def _reports(body: Any) -> list[Any]:
    if isinstance(body, dict):
        body = body.get("reports", [body])
    if not isinstance(body, list):
        raise Invalid(_("The file holds no Mailchimp report."))
    return body


def read_report(report: Any, zone: ZoneInfo) -> Iterator[Fact]:
    """The facts of one report. What the report does not say stays empty."""
    report = mapping(report)
    key = text(report.get("id"))
    if not key:
        raise Unreadable(_("This report names no campaign."))
    campaign = Campaign(
        campaign=key,
        name=text(report.get("campaign_title")),
        subject=text(report.get("subject_line")),
        audience=text(report.get("list_name")) or text(report.get("list_id")),
        category=text(report.get("type")),
        sent_at=instant(report.get("send_time"), zone),
    )
    yield campaign.fact()
    yield _totals(campaign, report, zone)
    for each in report.get("timeseries") or ():
        yield from _hour(campaign, mapping(each), zone)


def _totals(campaign: Campaign, report: Item, zone: ZoneInfo) -> Fact:
    bounces, opens, clicks = (mapping(report.get(name)) for name in ("bounces", "opens", "clicks"))
    hard, soft, syntax = (
        whole(bounces.get(name)) for name in ("hard_bounces", "soft_bounces", "syntax_errors")
    )
    total, people = whole(opens.get("opens_total")), whole(opens.get("proxy_excluded_opens"))
    return Totals(
        campaign=campaign,
        last_open=instant(opens.get("last_open"), zone),
        last_click=instant(clicks.get("last_click"), zone),
        counts={
            "recipients": whole(report.get("emails_sent")),
            # An address that is none bounces too.
            "bounces": None if hard is None or soft is None else hard + soft + (syntax or 0),
            "hard_bounces": hard,
            "soft_bounces": soft,
            "opens": total,
            "unique_opens": whole(opens.get("unique_opens")),
            "machine_opens": None if total is None or people is None else total - people,
            "clicks": whole(clicks.get("clicks_total")),
            # Mailchimp's "unique_clicks" counts pairs of recipient and link; people are a field of their own.
            "unique_clicks": whole(clicks.get("unique_subscriber_clicks")),
            "unique_link_clicks": whole(clicks.get("unique_clicks")),
            "unsubscribes": whole(report.get("unsubscribed")),
            "complaints": whole(report.get("abuse_reports")),
            "forwards": whole(mapping(report.get("forwards")).get("forwards_count")),
        },
    ).fact()


def _hour(campaign: Campaign, entry: Item, zone: ZoneInfo) -> Iterator[Fact]:
    start = instant(entry.get("timestamp"), zone)
    if start is not None:
        counts = {
            "sends": whole(entry.get("emails_sent")),
            "unique_opens": whole(entry.get("unique_opens")),
            "unique_clicks": whole(entry.get("recipients_clicks")),
        }
        yield hour(campaign, start, counts)
