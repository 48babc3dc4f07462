"""Mailchimp's campaign reports as its API gives them: one report or a list of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from bilan.sdk import (
    ColumnMapping,
    Fact,
    ImportFile,
    Invalid,
    JsonObject,
    Reject,
    RowFacts,
    Settings,
    Unreadable,
    load_json_file,
    open_bytes,
    read_count,
    read_currency,
    read_instant,
    read_number,
    read_object,
    read_text,
    zone_setting,
)
from bilan_email_campaigns.campaigns import Campaign, Totals, hour
from bilan_email_campaigns.textdomain import _


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
    ) -> Iterator[RowFacts | Reject]:  # fmt: skip
        """Each report's campaign, totals and hours."""
        for number, report in enumerate(_reports(load_json_file(file.path)), start=1):
            try:
                facts = tuple(read_report(report, zone_setting(settings)))
                yield RowFacts(number, facts, json.dumps(report, default=str)[:4000])
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
    report = read_object(report)
    key = read_text(report.get("id"))
    if not key:
        raise Unreadable(_("This report names no campaign."))
    campaign = Campaign(
        campaign=key,
        name=read_text(report.get("campaign_title")),
        subject=read_text(report.get("subject_line")),
        audience=read_text(report.get("list_name")) or read_text(report.get("list_id")),
        category=read_text(report.get("type")),
        sent_at=read_instant(report.get("send_time"), zone),
    )
    yield campaign.fact()
    yield _totals(campaign, report, zone)
    for each in report.get("timeseries") or ():
        yield from _hour(campaign, read_object(each), zone)


def _totals(campaign: Campaign, report: JsonObject, zone: ZoneInfo) -> Fact:
    bounces, opens, clicks = (read_object(report.get(name)) for name in ("bounces", "opens", "clicks"))
    hard, soft, syntax = (
        read_count(bounces.get(name)) for name in ("hard_bounces", "soft_bounces", "syntax_errors")
    )
    sales = read_object(report.get("ecommerce"))
    total, people = read_count(opens.get("opens_total")), read_count(opens.get("proxy_excluded_opens"))
    return Totals(
        campaign=campaign,
        last_open=read_instant(opens.get("last_open"), zone),
        last_click=read_instant(clicks.get("last_click"), zone),
        revenue=read_number(sales.get("total_revenue")),
        currency=read_currency(sales.get("currency_code")),
        counts={
            "orders": read_count(sales.get("total_orders")),
            "recipients": read_count(report.get("emails_sent")),
            # An address that is none bounces too.
            "bounces": None if hard is None or soft is None else hard + soft + (syntax or 0),
            "hard_bounces": hard,
            "soft_bounces": soft,
            "opens": total,
            "unique_opens": read_count(opens.get("unique_opens")),
            "machine_opens": None if total is None or people is None else total - people,
            "clicks": read_count(clicks.get("clicks_total")),
            # Mailchimp's "unique_clicks" counts pairs of recipient and link; people are a field of their own.
            "unique_clicks": read_count(clicks.get("unique_subscriber_clicks")),
            "unique_link_clicks": read_count(clicks.get("unique_clicks")),
            "unsubscribes": read_count(report.get("unsubscribed")),
            "complaints": read_count(report.get("abuse_reports")),
            "forwards": read_count(read_object(report.get("forwards")).get("forwards_count")),
        },
    ).fact()


def _hour(campaign: Campaign, entry: JsonObject, zone: ZoneInfo) -> Iterator[Fact]:
    start = read_instant(entry.get("timestamp"), zone)
    if start is not None:
        counts = {
            "sends": read_count(entry.get("emails_sent")),
            "unique_opens": read_count(entry.get("unique_opens")),
            "unique_clicks": read_count(entry.get("recipients_clicks")),
        }
        yield hour(campaign, start, counts)
