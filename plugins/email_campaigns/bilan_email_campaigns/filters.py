"""Ways to narrow the datasets."""

from __future__ import annotations

from bilan.sdk import Filter, FilterKind
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import CAMPAIGNS, EVENTS, HOURS, TOTALS

K = FilterKind
ALL = (EVENTS, CAMPAIGNS, TOTALS, HOURS)
DESCRIBED = (EVENTS, CAMPAIGNS, TOTALS)
"""The datasets whose rows carry their campaign's subject, tags and so on."""
LISTED = (CAMPAIGNS, TOTALS)
ONLY_EVENTS = (EVENTS,)

FILTERS = (
    Filter(
        "email.campaign", ALL, "campaign", K.CHOICES,
        _("Campaign"), _("The campaign's key at the sender."),
    ),
    Filter(
        "email.channel", ALL, "channel", K.CHOICES,
        _("Channel"), _("E-mail, push, web push, in-app message, webhook or SMS."),
    ),
    Filter(
        "email.tags", DESCRIBED, "tags", K.TAGS,
        _("Tags"), _("Any or all of the tags the message or its campaign carries."),
    ),
    Filter(
        "email.category", DESCRIBED, "category", K.CHOICES,
        _("Category"), _("The sender's own kind of campaign, such as regular or automation."),
    ),
    Filter(
        "email.audience", DESCRIBED, "audience", K.CHOICES,
        _("List"), _("The list the message was sent to."),
    ),
    Filter(
        "email.subject", DESCRIBED, "subject", K.TEXT,
        _("Subject"), _("A part of the subject line."),
    ),
    Filter(
        "email.test", DESCRIBED, "test", K.FLAG,
        _("Test"), _("Whether the message was a test."),
    ),
    Filter(
        "email.archived", LISTED, "archived", K.FLAG,
        _("Archived"), _("Whether the campaign is archived at the sender."),
    ),
    Filter(
        "email.kind", ONLY_EVENTS, "kind", K.CHOICES,
        _("Event"), _("What happened, such as delivered or clicked."),
    ),
    Filter(
        "email.canvas", ONLY_EVENTS, "canvas", K.CHOICES,
        _("Canvas"), _("The key of the journey at the sender."),
    ),
    Filter(
        "email.variant", ONLY_EVENTS, "variant", K.CHOICES,
        _("Variant"), _("The variant of a campaign or of a Canvas."),
    ),
    Filter(
        "email.step", ONLY_EVENTS, "step", K.CHOICES,
        _("Step"), _("The step of a Canvas."),
    ),
    Filter(
        "email.bounce_class", ONLY_EVENTS, "bounce_class", K.CHOICES,
        _("Bounce class"), _("Hard or soft."),
    ),
    Filter(
        "email.reject_reason", ONLY_EVENTS, "reject_reason", K.CHOICES,
        _("Class of reason"), _("Why a message was not taken: invalid, bounced, blocked, spam and so on."),
    ),
    Filter(
        "email.recipient", ONLY_EVENTS, "recipient", K.TEXT,
        _("Recipient"), _("A part of the recipient's address."),
    ),
    Filter(
        "email.domain", ONLY_EVENTS, "domain", K.CHOICES,
        _("Recipient's domain"), _("What follows the @ of the recipient's address."),
    ),
    Filter(
        "email.country", ONLY_EVENTS, "country", K.CHOICES,
        _("Country"), _("Where the message was opened or clicked, in the sender's own writing."),
    ),
    Filter(
        "email.url", ONLY_EVENTS, "url", K.TEXT,
        _("Link"), _("A part of the link that was clicked."),
    ),
    Filter(
        "email.machine", ONLY_EVENTS, "machine", K.FLAG,
        _("By a machine"), _("Whether a privacy proxy or a link scanner opened or clicked."),
    ),
    Filter(
        "email.undated", (EVENTS, TOTALS), "undated", K.FLAG,
        _("Without a time"), _("Whether the sender gave no time at all."),
    ),
)  # fmt: skip
