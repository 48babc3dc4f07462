"""Events, campaigns, and the totals a sender states: three things that are never mixed.

See docs/decisions/017.
"""

from __future__ import annotations

import re

from bilan.sdk import Column, ColumnType, Dataset, DistinctKey, From, Keep, Once, Projection, Rollup
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import (
    CAMPAIGNS,
    EVENTS,
    HOURS,
    OUTCOMES,
    PAIR,
    STEP_ALONE,
    TOTALS,
    Kind,
)

T = ColumnType
NO_WORD = re.compile(r"\W+")


def _category(*campaign: str) -> str:
    return "campaign" if any(campaign) else "email"


def _action(kind: str, reason: str) -> str:
    if kind != Kind.OTHER:
        return kind
    # A service's own name for it, such as "contact.created", as one word.
    word = NO_WORD.sub("_", reason).strip("_")
    return word if word.isidentifier() else kind


def _first(*texts: str) -> str:
    return next(filter(None, texts), "")


CAMPAIGN = ("campaign_name", "campaign", "canvas_name", "canvas")
ACTIVITY = Projection(
    "recipient",
    category=From(_category, CAMPAIGN),
    action=From(_action, ("kind", "reason")),
    subject=From(_first, (*CAMPAIGN, "subject")),
    detail=From(_first, ("url", "reason")),
    subject_key=From(_first, ("campaign", "canvas")),
)
"""What an event says about its recipient; nothing where the sender names none."""

EVENT_COLUMNS = (
    Column("occurred_at", T.INSTANT, _("When")),
    Column("kind", T.TEXT, _("Event"), dimension=True),
    Column("channel", T.TEXT, _("Channel"), dimension=True),
    Column(
        "send", T.BOOLEAN, _("Counts as a send"),
        _("Whether this is the event with which the sender says that it sent a message, once a message."),
    ),
    Column("campaign", T.TEXT, _("Campaign"), _("The campaign's key at the sender."), dimension=True),
    Column("campaign_name", T.TEXT, _("Campaign name"), dimension=True),
    Column("canvas", T.TEXT, _("Canvas"), _("The key of the journey at the sender."), dimension=True),
    Column("canvas_name", T.TEXT, _("Canvas name"), dimension=True),
    Column("variant", T.TEXT, _("Variant"), dimension=True),
    Column("variant_name", T.TEXT, _("Variant name"), dimension=True),
    Column("step", T.TEXT, _("Step"), dimension=True),
    Column("step_name", T.TEXT, _("Step name"), dimension=True),
    Column("subject", T.TEXT, _("Subject"), dimension=True),
    Column("category", T.TEXT, _("Category"), dimension=True),
    Column("audience", T.TEXT, _("List"), dimension=True),
    Column("tags", T.TEXTS, _("Tags"), dimension=True),
    Column("recipient", T.TEXT, _("Recipient"), _("In lower case."), personal=True),
    Column("domain", T.TEXT, _("Recipient's domain"), dimension=True),
    Column("url", T.TEXT, _("Link"), dimension=True),
    Column("button", T.TEXT, _("Button"), _("The button that was pressed, “body” outside all buttons.")),
    Column("machine", T.BOOLEAN, _("By a machine"), _("Opened or clicked by a proxy or a scanner.")),
    Column("bounce_class", T.TEXT, _("Bounce class"), _("“hard” or “soft”."), dimension=True),
    Column("reject_reason", T.TEXT, _("Class of reason"), dimension=True),
    Column("reason", T.TEXT, _("Reason"), _("The sender's or the receiving server's own words.")),
    Column("user_agent", T.TEXT, _("User agent"), personal=True),
    Column("country", T.TEXT, _("Country"), dimension=True),
    Column("city", T.TEXT, _("City"), dimension=True),
    Column("test", T.BOOLEAN, _("Test"), _("Sent in the sender's test mode.")),
    Column("undated", T.BOOLEAN, _("Without a time"), _("The sender gave no time at all.")),
    Column(
        "repeat", T.BOOLEAN, _("Repeat"),
        _("Whether an earlier event tells of the same outcome, which happens to a message only once."),
    ),
    Column("message_id", T.TEXT, _("Message")),
    Column("event_id", T.TEXT, _("Event id"), _("The sender's id of the event or of its post.")),
    Column("fact_id", T.TEXT, _("Fact"), _("What makes two copies the same event.")),
)  # fmt: skip

EVENT_DATASET = Dataset(
    key=EVENTS,
    label=_("Message events"),
    description=_("What happened to single messages: sent, delivered, opened, clicked, bounced and so on."),
    columns=EVENT_COLUMNS,
    identity=("fact_id",),
    activity=ACTIVITY,
    contact="recipient",
    rollup=Rollup(
        dimensions=(
            "kind",
            "channel",
            "send",
            "campaign",
            "campaign_name",
            "canvas",
            "canvas_name",
            "variant",
            "variant_name",
            "step",
            "step_name",
            "category",
            "audience",
            "tags",
            "machine",
            "bounce_class",
            "test",
            "undated",
            "repeat",
        ),
        keys=(
            DistinctKey(PAIR, present=("recipient",), unless=STEP_ALONE),
            DistinctKey(("recipient",), present=("recipient",)),
        ),
    ),
    once=Once(
        column="repeat",
        outcomes=OUTCOMES,
        keys=(
            # Some senders give one id to a message to many.
            DistinctKey(("test", "channel", "message_id", "recipient"), present=("message_id",)),
            DistinctKey(("test", "channel", "canvas", "step", "recipient"), present=("canvas", "recipient")),
            DistinctKey(("test", "channel", "canvas", "step", "recipient"), present=("step", "recipient")),
            DistinctKey(("test", "channel", "campaign", "recipient"), present=("campaign", "recipient")),
        ),
        undated="undated",
    ),
)

CAMPAIGN_DATASET = Dataset(
    key=CAMPAIGNS,
    label=_("Campaigns"),
    description=_("The campaigns and journeys a sender lists, with their names and subjects."),
    columns=(
        Column("occurred_at", T.INSTANT, _("When"), _("When it was sent, else when it was made.")),
        Column("campaign", T.TEXT, _("Campaign"), dimension=True),
        Column("channel", T.TEXT, _("Channel"), dimension=True),
        Column("name", T.TEXT, _("Name"), dimension=True),
        Column("subject", T.TEXT, _("Subject"), dimension=True),
        Column("audience", T.TEXT, _("List"), dimension=True),
        Column("category", T.TEXT, _("Category"), dimension=True),
        Column("tags", T.TEXTS, _("Tags"), dimension=True),
        Column("sent_at", T.INSTANT, _("Sent"), nullable=True),
        Column("created_at", T.INSTANT, _("Created"), nullable=True),
        Column("canvas", T.BOOLEAN, _("Canvas"), _("A journey of several steps, not a single campaign.")),
        Column("archived", T.BOOLEAN, _("Archived")),
        Column("test", T.BOOLEAN, _("Test")),
    ),
    identity=("campaign", "channel"),
    sort=(),
    keep=Keep.LAST,
)

TOTAL_DATASET = Dataset(
    key=TOTALS,
    label=_("Campaign totals"),
    description=_(
        "Totals per campaign as the sender's report states them. They are never added to counted events."
    ),
    columns=(
        Column("occurred_at", T.INSTANT, _("Sent")),
        Column("undated", T.BOOLEAN, _("Without a time"), _("The report gives no send date.")),
        Column(
            "reported_at", T.INSTANT, _("Date of the report"),
            _("Empty where the report does not carry its date."), nullable=True,
        ),
        Column("campaign", T.TEXT, _("Campaign"), dimension=True),
        Column("channel", T.TEXT, _("Channel"), dimension=True),
        Column("campaign_name", T.TEXT, _("Campaign name"), dimension=True),
        Column("subject", T.TEXT, _("Subject"), dimension=True),
        Column("category", T.TEXT, _("Category"), dimension=True),
        Column("audience", T.TEXT, _("List"), dimension=True),
        Column("tags", T.TEXTS, _("Tags"), dimension=True),
        Column("canvas", T.BOOLEAN, _("Canvas")),
        Column("archived", T.BOOLEAN, _("Archived")),
        Column("test", T.BOOLEAN, _("Test")),
        Column("recipients", T.INTEGER, _("Recipients"), nullable=True),
        Column("delivered", T.INTEGER, _("Delivered"), nullable=True),
        Column("bounces", T.INTEGER, _("Bounces"), nullable=True),
        Column("hard_bounces", T.INTEGER, _("Hard bounces"), nullable=True),
        Column("soft_bounces", T.INTEGER, _("Soft bounces"), nullable=True),
        Column("opens", T.INTEGER, _("Opens"), nullable=True),
        Column("unique_opens", T.INTEGER, _("Unique opens"), nullable=True),
        Column("machine_opens", T.INTEGER, _("Opens by machines"), nullable=True),
        Column("clicks", T.INTEGER, _("Clicks"), nullable=True),
        Column("unique_clicks", T.INTEGER, _("Unique clicks"), nullable=True),
        Column(
            "unique_link_clicks", T.INTEGER, _("Unique clicks per link"),
            _("Different pairs of recipient and link."), nullable=True,
        ),
        Column("unsubscribes", T.INTEGER, _("Unsubscribes"), nullable=True),
        Column("complaints", T.INTEGER, _("Spam reports"), nullable=True),
        Column("forwards", T.INTEGER, _("Forwards"), nullable=True),
        Column("orders", T.INTEGER, _("Orders"), nullable=True),
        Column(
            "conversions", T.INTEGER, _("Conversions"),
            _("How many recipients did what the sender counts as the campaign's aim."), nullable=True,
        ),
        Column("revenue", T.NUMBER, _("Revenue"), _("In the row's currency."), nullable=True),
        Column(
            "currency", T.TEXT, _("Currency"),
            _("The currency of the revenue: its code of three letters, or a sign that several share."),
            dimension=True,
        ),
        Column("last_open", T.INSTANT, _("Last open"), nullable=True),
        Column("last_click", T.INSTANT, _("Last click"), nullable=True),
    ),
    identity=("campaign", "channel"),
    sort=(),
    keep=Keep.LAST,
)  # fmt: skip

HOUR_DATASET = Dataset(
    key=HOURS,
    label=_("Campaign hours"),
    description=_("Totals per campaign and hour as the sender's report states them."),
    columns=(
        Column("occurred_at", T.INSTANT, _("Hour"), _("The hour's first moment.")),
        Column("campaign", T.TEXT, _("Campaign"), dimension=True),
        Column("channel", T.TEXT, _("Channel"), dimension=True),
        Column("sends", T.INTEGER, _("Sends"), nullable=True),
        Column("unique_opens", T.INTEGER, _("Unique opens"), nullable=True),
        Column("unique_clicks", T.INTEGER, _("Unique clicks"), nullable=True),
    ),
    identity=("campaign", "channel", "occurred_at"),
    sort=(),
    keep=Keep.LAST,
)

DATASETS = (EVENT_DATASET, CAMPAIGN_DATASET, TOTAL_DATASET, HOUR_DATASET)
