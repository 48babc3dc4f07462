"""The log of an inbox, whatever its sources tell row by row; and the conversations and messages made of it.

See docs/decisions/086.
"""

from __future__ import annotations

from bilan.sdk import Column, ColumnType, Dataset, Derivation, From, Keep, Projection
from bilan_whatsapp_inbox.button.datasets import DATASETS as BUTTON_DATASETS
from bilan_whatsapp_inbox.conversations import conversations
from bilan_whatsapp_inbox.messages import messages
from bilan_whatsapp_inbox.textdomain import _
from bilan_whatsapp_inbox.vocabulary import CONVERSATIONS, LOG, MESSAGES, SYSTEM, Direction, Kind

T = ColumnType


def _action(kind: str, direction: str, type_: str) -> str:
    if type_ == SYSTEM:
        return ""
    if kind == Kind.MESSAGE:
        return "wrote" if direction == Direction.IN else "was_written_to"
    return {Kind.RATED.value: "rated", Kind.PREFERENCE.value: "chose_messages"}.get(kind, "")


def _detail(kind: str, type_: str, status: str, rating: float | None) -> str:
    if kind == Kind.RATED:
        return f"{rating:g}" if rating is not None else ""
    return type_ if kind == Kind.MESSAGE else f"{type_}: {status}"


ACTIVITY = Projection(
    "contact_phone",
    category=From(lambda: "inbox", ()),
    action=From(_action, ("kind", "direction", "type")),
    subject=From(str, ("conversation",)),
    detail=From(_detail, ("kind", "type", "status", "rating")),
)
"""What a contact did or was sent; nothing where the row names no contact or tells of the inbox alone."""

THREAD = Column(
    "thread",
    T.TEXT,
    _("Thread"),
    _("The conversation, where the inbox names it, else the contact."),
    personal=True,
)

LOG_COLUMNS = (
    Column("occurred_at", T.INSTANT, _("When")),
    Column("kind", T.TEXT, _("What it tells"), dimension=True),
    Column("direction", T.TEXT, _("Direction"), _("“in” from the contact, “out” to them."), dimension=True),
    Column(
        "type",
        T.TEXT,
        _("Type"),
        _("Of a message, such as “text”; else the sender's own name."),
        dimension=True,
    ),
    Column(
        "subtype", T.TEXT, _("Subtype"), _("Which answer, or which notice of the system."), dimension=True
    ),
    Column(
        "status",
        T.TEXT,
        _("Status"),
        _("What became of a message, or the answer to a preference."),
        dimension=True,
    ),
    Column(
        "automated", T.BOOLEAN, _("By a machine"), _("Sent by a bot, a flow or a campaign, not by a person.")
    ),
    Column(
        "contact_phone",
        T.TEXT,
        _("Contact's phone number"),
        _("In figures, with the country's code."),
        personal=True,
    ),
    Column("contact_name", T.TEXT, _("Contact's name"), personal=True),
    Column("new_phone", T.TEXT, _("Contact's new number"), personal=True),
    Column("number", T.TEXT, _("Number"), _("The number that was written to or from."), dimension=True),
    Column("phone_number_id", T.TEXT, _("Id of the number"), dimension=True),
    Column("account", T.TEXT, _("Account"), _("The id of the WhatsApp business account.")),
    Column(
        "conversation", T.TEXT, _("Conversation"), _("The inbox's own id of it; empty where it has none.")
    ),
    THREAD,
    Column("message_id", T.TEXT, _("Message")),
    Column("about", T.TEXT, _("About"), _("The message that a status is about.")),
    Column("reply_to", T.TEXT, _("Reply to"), _("The message that this one answers.")),
    Column(
        "agent", T.TEXT, _("Agent"), _("Who wrote it, or has the conversation from now on."), dimension=True
    ),
    Column("tags", T.TEXTS, _("Conversation tags"), dimension=True),
    Column("contact_tags", T.TEXTS, _("Contact tags"), dimension=True),
    Column("rating", T.NUMBER, _("Rating"), nullable=True),
    Column(
        "opened_at",
        T.INSTANT,
        _("Opened"),
        _("When the contact opened it, as the inbox says."),
        nullable=True,
    ),
    Column("closed_at", T.INSTANT, _("Closed"), _("When it was closed, as the inbox says."), nullable=True),
    Column(
        "first_reply_at",
        T.INSTANT,
        _("First reply"),
        _("When a person first replied, as a table of conversations says."),
        nullable=True,
    ),
    Column("error_codes", T.TEXTS, _("Error codes"), dimension=True),
    Column("forwarded", T.BOOLEAN, _("Forwarded")),
    Column("referral_type", T.TEXT, _("Came from"), _("“ad” or “post”."), dimension=True),
    Column("referral_id", T.TEXT, _("Id of the ad or post"), dimension=True),
    Column("referral_url", T.TEXT, _("Address of the ad or post")),
    Column("referral_headline", T.TEXT, _("Headline of the ad or post")),
    Column("referral_body", T.TEXT, _("Text of the ad or post")),
    Column("referral_media", T.TEXT, _("Medium of the ad or post")),
    Column("click_id", T.TEXT, _("Click id"), _("The id of the click on an ad.")),
    Column(
        "window", T.TEXT, _("Billing window"), _("The id of the window in which WhatsApp bills messages.")
    ),
    Column("window_origin", T.TEXT, _("Origin of the window"), dimension=True),
    Column("window_expires_at", T.INSTANT, _("End of the window"), nullable=True),
    Column("billable", T.BOOLEAN, _("Billed"), nullable=True),
    Column("pricing_category", T.TEXT, _("Pricing category"), dimension=True),
    Column("tracker", T.TEXT, _("Tracker"), _("What the sender of a message gave along to find it again.")),
    Column(
        "reference", T.TEXT, _("Reference"), _("The word by which a message tells of its click on a button.")
    ),
    Column("fact_id", T.TEXT, _("Fact"), _("What makes two copies the same row.")),
)

TOLD = (
    "fact_id", "occurred_at", "kind", "direction", "type", "status", "message_id", "contact_phone",
    "contact_name", "number", "window_origin", "pricing_category",
)  # fmt: skip
"""What both conversations and messages are made of."""

LOG_DATASET = Dataset(
    key=LOG,
    label=_("Log of the inbox"),
    description=_(
        "What numbers and inboxes tell, row by row: messages and what became of them, agents, tags, ratings "
        "and closings. Conversations and messages are made of it."
    ),
    columns=LOG_COLUMNS,
    identity=("fact_id",),
    sort=("thread", "occurred_at"),
    activity=ACTIVITY,
    contact="contact_phone",
)

CONVERSATION_DATASET = Dataset(
    key=CONVERSATIONS,
    label=_("Conversations"),
    description=_("Conversations as they follow from messages and from what the inbox tells of them."),
    columns=(
        Column("started_at", T.INSTANT, _("Started")),
        Column("first_reply_at", T.INSTANT, _("First reply"), _("Of a person."), nullable=True),
        Column(
            "closed_at",
            T.INSTANT,
            _("Closed"),
            _("By the inbox, else by silence, once it has lasted."),
            nullable=True,
            due=True,
        ),
        Column("contact_phone", T.TEXT, _("Contact's phone number"), personal=True),
        Column("contact_name", T.TEXT, _("Contact's name"), personal=True),
        Column("contact_tags", T.TEXTS, _("Contact tags"), dimension=True),
        Column("conversation_tags", T.TEXTS, _("Conversation tags"), dimension=True),
        Column(
            "agents", T.TEXTS, _("Agents"), _("By e-mail address, where the inbox tells it."), dimension=True
        ),
        Column(
            "status",
            T.TEXT,
            _("Status"),
            _("“open” or “closed”."),
            dimension=True,
            due="closed_at",
            until="open",
        ),
        Column("direction", T.TEXT, _("Direction"), _("“inbound” or “outbound”."), dimension=True),
        Column(
            "conversation_source",
            T.TEXT,
            _("Source of the conversation"),
            _("What began it: “flow”, a machine of ours; “inbound”, the contact; “inbox”, a person of ours."),
            dimension=True,
        ),
        Column("messages_in", T.INTEGER, _("Messages received")),
        Column("messages_out", T.INTEGER, _("Messages sent")),
        Column(
            "first_response_seconds",
            T.INTEGER,
            _("First response time"),
            _("From the contact's first message to the first reply of a person, in seconds."),
            nullable=True,
        ),
        Column(
            "duration_seconds", T.INTEGER, _("Duration"), _("In seconds."), nullable=True, due="closed_at"
        ),
        Column("rating", T.NUMBER, _("Rating"), nullable=True),
        Column(
            "first_response_business_seconds",
            T.INTEGER,
            _("First response time within business hours"),
            _("In seconds; elapsed ones where the source has no business hours."),
            nullable=True,
        ),
        Column("number", T.TEXT, _("Number"), dimension=True),
        Column(
            "conversation", T.TEXT, _("Conversation"), _("The inbox's own id of it; empty where it has none.")
        ),
        Column(
            "conversation_id", T.TEXT, _("Conversation id"), _("The inbox's own, else its first message.")
        ),
        Column(
            "reference",
            T.TEXT,
            _("Reference"),
            _("That of the first click on a button which a message of it carries."),
        ),
        THREAD,
    ),
    # A contact may be called like a conversation that the inbox names, and so may their message.
    identity=("thread", "conversation", "conversation_id"),
    time="started_at",
    sort=("started_at",),
    keep=Keep.LAST,
    derived=Derivation(
        of=LOG,
        by=("thread",),
        make=conversations,
        version=2,
        settings=("silence_hours", "hours", "holidays", "zone"),
        columns=(
            *TOLD,
            "subtype",
            "automated",
            "conversation",
            "agent",
            "tags",
            "contact_tags",
            "rating",
            "opened_at",
            "closed_at",
            "reference",
        ),
    ),
    contact="contact_phone",
)

MESSAGE_DATASET = Dataset(
    key=MESSAGES,
    label=_("Messages"),
    description=_("Each message once, with the furthest that became of it."),
    columns=(
        Column("message_id", T.TEXT, _("Message")),
        Column("occurred_at", T.INSTANT, _("When")),
        Column(
            "direction", T.TEXT, _("Direction"), _("“in” from the contact, “out” to them."), dimension=True
        ),
        Column("contact_phone", T.TEXT, _("Contact's phone number"), personal=True),
        Column("contact_name", T.TEXT, _("Contact's name"), personal=True),
        Column("type", T.TEXT, _("Type"), _("Empty where only its statuses are told."), dimension=True),
        Column(
            "status",
            T.TEXT,
            _("Status"),
            _("“received”, or the furthest of “sent”, “failed”, “delivered” and “read”; empty if not told."),
            dimension=True,
        ),
        Column("number", T.TEXT, _("Number"), dimension=True),
        Column("error_codes", T.TEXTS, _("Error codes"), dimension=True),
        Column(
            "category",
            T.TEXT,
            _("Category"),
            _("What WhatsApp bills it as, such as “marketing” of a template, or “service”."),
            dimension=True,
        ),
        THREAD,
    ),
    identity=("thread", "message_id"),
    keep=Keep.LAST,
    derived=Derivation(LOG, ("thread",), messages, version=2, columns=(*TOLD, "error_codes")),
    contact="contact_phone",
)

DATASETS = (CONVERSATION_DATASET, MESSAGE_DATASET, LOG_DATASET, *BUTTON_DATASETS)
