"""Consent: external recipients confirm their address before reports go there.

The first e-mail asks them. Until they answer, what is for them waits, or they
get the first report along with the question, as the workspace chose. See docs/decisions/105.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from bilan.delivery.values import Addressee, PlainMail
from bilan.recipients.models import RecipientRow
from bilan.recipients.reading import read_recipient, read_rules
from bilan.recipients.values import FirstEmail, RecipientState
from bilan.sdk.textdomain import _

LASTS = timedelta(days=14)
"""How long somebody has to answer, and how long what is for them waits."""
DAY = timedelta(days=1)
ASKED_A_DAY = 500
"""So many addresses of a workspace are asked within a day; the others with what is sent to them next."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What a recipient's confirmation means for an e-mail to them.

    ``withheld`` lets it wait, ``confirms`` has it ask itself, ``asks`` has an
    e-mail of its own ask, which leaves now.
    """

    withheld: bool = False
    confirms: bool = False
    asks: bool = False


FREE = Consent()
"""Nothing stands in its way that is not looked at again right before it leaves."""


async def admit(workspace: UUID, one: Addressee, now: datetime, *, test: bool) -> Consent:
    """What is to happen with a report for somebody; who was not asked yet counts as asked from now on.

    Within the transaction that plans the e-mail.
    """
    if not one.external or test:
        return FREE
    # Of several that are planned at once, one is the first.
    await RecipientRow.filter(id=one.id).select_for_update().only("id").first()
    found = await read_recipient(workspace, one.id, now)
    match found.state if found else None:
        case RecipientState.WAITING:
            return Consent(withheld=True)
        case RecipientState.NEW if await _room(workspace, now):
            await mark_asked(one.id, now)
            rules = await read_rules(workspace)
            with_report = rules.first_email is FirstEmail.WITH_REPORT
            return Consent(withheld=not with_report, confirms=with_report, asks=not with_report)
        case _:
            return FREE


async def mark_asked(recipient: UUID, now: datetime) -> None:
    """Write down that somebody is asked now, and until when they may answer."""
    row = await RecipientRow.get(id=recipient)
    recently = row.asked_at is not None and row.asked_at > now - 2 * LASTS
    row.asked, row.asked_at, row.asked_until = (row.asked if recently else 0) + 1, now, now + LASTS
    await row.save(update_fields=["asked", "asked_at", "asked_until"])


def question(workspace: str, sender: str, until: datetime) -> PlainMail:
    """The e-mail that asks somebody to confirm their address. It says nothing of any figure or report."""
    return PlainMail(
        subject=_("{workspace}: please confirm your e-mail address", workspace=workspace),
        paragraphs=(
            _(
                "{sender} wants to send you reports of {workspace} by e-mail, at this address.",
                sender=sender,
                workspace=workspace,
            ),
            _(
                "Confirm it by {until:date} to receive them. What is ready for you by then is sent at once.",
                until=until.date().isoformat(),
            ),
            _("If you do not want that, or do not know who this is, do nothing: nothing more comes then."),
        ),
        button=_("Confirm my address"),
    )


async def _room(workspace: UUID, now: datetime) -> bool:
    asked = RecipientRow.filter(workspace_id=workspace, asked_at__gt=now - DAY)
    return await asked.count() < ASKED_A_DAY
