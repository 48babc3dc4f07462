"""What is reported, as facts and for the core."""

from __future__ import annotations

from collections.abc import Iterator

from bilan.sdk import DeliveryReport, Fact, ReportedOutcome, Settings, digest, read_text
from bilan_email_campaigns.bounces.mails import header, mail_of
from bilan_email_campaigns.bounces.reports import Reported, ReportMail, read_report
from bilan_email_campaigns.events import Event
from bilan_email_campaigns.values import address
from bilan_email_campaigns.vocabulary import Kind

OUTCOMES = {Kind.BOUNCED: ReportedOutcome.BOUNCED, Kind.COMPLAINED: ReportedOutcome.COMPLAINED}


def facts_in(raw: bytes, settings: Settings) -> Iterator[Fact | DeliveryReport]:
    """What an e-mail reports, recipient by recipient; nothing where it is no report."""
    if (report := read_report(mail_of(raw))) is None:
        return
    for one in report.recipients:
        yield _event(report, one, settings).fact()
        if (outcome := OUTCOMES.get(one.kind)) is not None and report.message_id:
            named = tuple(filter(None, (one.recipient, one.written_to)))
            yield DeliveryReport(report.message_id, outcome, named, one.answer)


def _event(report: ReportMail, one: Reported, settings: Settings) -> Event:
    original = report.original
    campaign = read_text(settings.get("campaign_header"))
    return Event(
        # A report is its own message: a copy in another mailbox, or posted as well, is the same one.
        fact_id=digest([report.report_id or report.message_id, one.recipient, one.kind, str(one.at)]),
        event_id=report.report_id,
        occurred_at=one.at,
        kind=one.kind,
        campaign=header(original, campaign) if original is not None and campaign else "",
        subject=header(original, "Subject") if original is not None else "",
        recipient=address(one.written_to or one.recipient),
        message_id=report.message_id,
        bounce_class=one.bounce_class,
        reject_reason=one.reject_reason,
        reason=one.answer,
    )
