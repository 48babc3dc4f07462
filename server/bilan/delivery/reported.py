"""Deliveries that mail servers report about after they took them: they came back, or were called spam.

Reports come from anybody who knows an address to write to, so they are believed
only where they name a message by its id, which cannot be guessed, and the
address that it went to. See docs/decisions/116.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from uuid import UUID

from email_validator import EmailNotValidError, validate_email

from bilan.delivery.email.smtp import is_about_address
from bilan.delivery.ledger import LONGEST_ANSWER, Ledger, printable
from bilan.delivery.models import DeliveryRow
from bilan.delivery.values import DeliveryState
from bilan.recipients import Suppressions
from bilan.recipients.values import EMAIL
from bilan.sdk.delivery_reports import DeliveryReport, ReportedOutcome
from bilan.sdk.textdomain import _

OWN_ID = re.compile(r"<?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@", re.IGNORECASE)
"""The id of a delivery's message, as the headers of what is sent have it."""
SPAM = _("Its recipient called it spam.")
BOUNCED = _("It came back after the mail server had taken it.")


class ReportedDeliveries:
    """Settles deliveries by what mail servers report. Safe to repeat: what is known changes nothing."""

    def __init__(self, ledger: Ledger, suppressions: Suppressions) -> None:
        self._ledger, self._suppressions = ledger, suppressions

    async def take(self, reports: Sequence[DeliveryReport]) -> None:
        """Look which of them are about messages of the server's own. Others are passed over."""
        for report in reports:
            if (row := await _delivery_of(report)) is not None:
                await self._settle(row, report)

    async def _settle(self, row: DeliveryRow, report: DeliveryReport) -> None:
        complained = report.outcome is ReportedOutcome.COMPLAINED
        answer = printable(report.answer)[:LONGEST_ANSWER]
        if complained:
            state, reason = DeliveryState.ARRIVED, SPAM
        else:
            state = DeliveryState.BOUNCED
            reason = _("It came back: {answer}", answer=answer) if answer else BOUNCED
        # Only once: an address that somebody lets be written to again stays so when a report comes again.
        if not await self._ledger.report(row.id, state, answer, reason):
            return
        if complained or is_about_address(report.answer):
            await self._suppressions.add(row.sending.workspace, row.address, answer or str(SPAM))


async def _delivery_of(report: DeliveryReport) -> DeliveryRow | None:
    """The delivery whose message a report names, where it went to an address that the report names."""
    if (found := OWN_ID.match(report.message_id.strip())) is None:
        return None
    row = await DeliveryRow.get_or_none(id=UUID(found[1]), channel=EMAIL).select_related("sending")
    if row is None or not row.address:
        return None
    named = set(_plain(report.recipients))
    return row if not named or not named.isdisjoint(_plain([row.address])) else None


def _plain(addresses: Iterable[str]) -> Iterable[str]:
    """Addresses as they are compared: in lower case, their domains in ASCII."""
    for address in addresses:
        try:
            found = validate_email(address, check_deliverability=False, globally_deliverable=False)
        except EmailNotValidError:
            yield address.strip().lower()
        else:
            yield f"{found.local_part}@{found.ascii_domain}".lower()
