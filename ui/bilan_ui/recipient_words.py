"""What states of recipients are called, and what to do about them."""

from __future__ import annotations

from bilan.recipients import FirstEmail, RecipientState
from bilan.sdk.parameters import Choice
from bilan_ui.textdomain import _

RECIPIENT_STATES = {
    RecipientState.NEW: ("plain", _("not asked yet")),
    RecipientState.WAITING: ("waiting", _("waiting")),
    RecipientState.LAPSED: ("failed", _("no answer")),
    RecipientState.CONFIRMED: ("succeeded", _("confirmed")),
    RecipientState.UNSUBSCRIBED: ("cancelled", _("unsubscribed")),
    RecipientState.SUPPRESSED: ("failed", _("suppressed")),
    RecipientState.CLOSED: ("cancelled", _("closed")),
}
"""The look and the name of a recipient's state."""
ADVICE = {
    RecipientState.NEW: _(
        "The first e-mail asks them to confirm this address, and reports wait until they do. You can ask them"
        " now."
    ),
    RecipientState.WAITING: _(
        "They were asked to confirm this address. What is sent to them waits for that."
    ),
    RecipientState.LAPSED: _(
        "They did not confirm this address in time, so nothing is sent. Ask them again."
    ),
    RecipientState.UNSUBSCRIBED: _(
        "They want no more e-mails. Only they can begin it again, by the link in any e-mail they got."
    ),
    RecipientState.SUPPRESSED: _(
        "Their mail server takes nothing for this address. Correct the address, or lift the suppression in"
        " the list of recipients once it is right."
    ),
}
"""What to do about a state."""
FIRST_EMAILS = (
    Choice(FirstEmail.CONFIRMATION, _("a question without figures; the report follows once they confirm")),
    Choice(
        FirstEmail.WITH_REPORT,
        _("the first report along with that question, then nothing until they confirm"),
    ),
)
