"""Reports to start from, the most wanted first."""

from __future__ import annotations

from bilan.sdk import Example
from bilan_email_campaigns.reports import campaign_list
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import MessageChannel

EMAIL = (MessageChannel.EMAIL.value,)
QUARTER = {"period": "last_90_days", "compare": "previous_period"}

ENGAGEMENT_EXAMPLES = (
    Example(
        "quarter",
        _("Engagement by week, last 90 days"),
        _("Every channel week by week with rates, beside the 90 days before."),
        {**QUARTER, "interval": "week", "rates": True},
    ),
    Example(
        "newsletter",
        _("The newsletter"),
        _("The e-mails with the tag “newsletter” week by week with rates, beside the 90 days before."),
        {**QUARTER, "tags": ["newsletter"], "channels": EMAIL, "interval": "week", "rates": True},
    ),
    Example(
        "steps",
        _("Variants and steps"),
        _("Which variant of a campaign and which step of a Canvas was opened and clicked most."),
        {"period": "last_90_days", "channels": EMAIL, "interval": "none", "rates": True, "level": "variant"},
    ),
)
CAMPAIGN_EXAMPLES = (
    Example(
        "quarter",
        _("Campaigns of the last 90 days"),
        _("Every campaign on every channel with its counts, beside the 90 days before."),
        QUARTER,
    ),
    Example(
        "month",
        _("Campaigns of the previous month, as rates"),
        _("What was sent by e-mail in the previous month, the best click rate first."),
        {
            "period": "previous_month", "compare": "previous_period", "channels": EMAIL,
            "show": campaign_list.RATES, "sort": "click_rate",
        },
    ),
    Example(
        "attention",
        _("What asks for attention"),
        _("The campaigns of the last 90 days as rates, those with most complaints first."),
        {
            "period": "last_90_days", "channels": EMAIL,
            "show": campaign_list.RATES, "sort": "complaint_rate",
        },
    ),
)  # fmt: skip
