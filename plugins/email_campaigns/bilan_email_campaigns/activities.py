"""What contacts do with messages, by name: the categories E-mail and Campaign."""

from __future__ import annotations

from bilan.sdk import ActivityCategory, Archive
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import CAMPAIGNS, Kind

ACTIONS = {
    Kind.QUEUED.value: _("Queued"),
    Kind.SENT.value: _("Message sent"),
    Kind.DELIVERED.value: _("Message delivered"),
    Kind.DEFERRED.value: _("Put off"),
    Kind.OPENED.value: _("Opened"),
    Kind.CLICKED.value: _("Clicked"),
    Kind.BOUNCED.value: _("Bounced"),
    Kind.REJECTED.value: _("Rejected"),
    Kind.FAILED.value: _("Failed"),
    Kind.COMPLAINED.value: _("Reported as spam"),
    Kind.UNSUBSCRIBED.value: _("Unsubscribed"),
    Kind.SUBSCRIBED.value: _("Subscribed"),
}
OTHERS = {
    Kind.IMPRESSION.value: _("Seen in an app"),
    Kind.INFLUENCED_OPEN.value: _("Opened the app after it"),
    Kind.BODY_CLICK.value: _("Clicked the message"),
    Kind.BUTTON1_CLICK.value: _("Clicked the first button"),
    Kind.BUTTON2_CLICK.value: _("Clicked the second button"),
    Kind.CARRIER_SENT.value: _("Handed over to the carrier"),
    Kind.ERROR.value: _("Error"),
}
"""Of other channels than e-mail."""
ACTIVITIES = (
    ActivityCategory("email", _("E-mail"), ACTIONS),
    ActivityCategory("campaign", _("Campaign"), {**ACTIONS, **OTHERS}, Archive(CAMPAIGNS, "campaign")),
)
