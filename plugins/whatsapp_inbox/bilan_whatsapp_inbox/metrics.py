"""What is counted of conversations, messages and the log."""

from __future__ import annotations

from bilan.sdk import (
    AllOf,
    AnyOf,
    Between,
    Count,
    Distinct,
    In,
    Is,
    Mean,
    Metric,
    Not,
    Present,
    Quantile,
    Ratio,
    Sum,
    Unit,
)
from bilan_whatsapp_inbox.textdomain import _
from bilan_whatsapp_inbox.vocabulary import CONVERSATIONS, LOG, MESSAGES, NAMESPACE

UNANSWERED = AllOf(
    (
        Is("status", "open"),
        AnyOf((Is("direction", "inbound"), Between("messages_in", 1))),
        Not(Present("first_response_seconds")),
    )
)

SENT = Is("direction", "out")
READ = ("read", "played")
ARRIVED = ("delivered", *READ)
"""Each message has the furthest of its statuses."""

METRICS: tuple[Metric, ...] = (
    Metric(
        f"{NAMESPACE}.all_conversations", CONVERSATIONS, _("All conversations"),
        _("How many conversations started."), Count(), _("the number of conversations, by their start"),
    ),
    Metric(
        f"{NAMESPACE}.distinct_contacts", CONVERSATIONS, _("Distinct contacts"),
        _("With how many different contacts."), Distinct(("contact_phone",), Present("contact_phone")),
        _("the number of different phone numbers of conversations"),
    ),
    Metric(
        f"{NAMESPACE}.replied_conversations", CONVERSATIONS, _("Conversations with a reply"),
        _("In how many the contact wrote and a person replied."), Count(Present("first_response_seconds")),
        _("the number of conversations with a first response"),
    ),
    Metric(
        f"{NAMESPACE}.mean_first_response", CONVERSATIONS, _("Avg. first response time"),
        _("How long contacts waited for the first reply of a person."), Mean("first_response_seconds"),
        _("the mean of the seconds from the contact's first message to the first reply of a person, over the "
          "conversations that have one, on the day on which they started"),
        Unit.SECONDS, higher_is_better=False, beside=f"{NAMESPACE}.replied_conversations",
    ),
    Metric(
        f"{NAMESPACE}.mean_business_response", CONVERSATIONS,
        _("Avg. first response time in business hours"),
        _("The same, of which only business hours count."), Mean("first_response_business_seconds"),
        _("the mean of the seconds within business hours from the contact's first message to the first reply "
          "of a person, over the conversations that have one"),
        Unit.SECONDS, higher_is_better=False, beside=f"{NAMESPACE}.replied_conversations",
    ),
    Metric(
        f"{NAMESPACE}.closed_conversations", CONVERSATIONS, _("Closed conversations"),
        _("How many of them were closed, by the inbox or by silence."), Count(Is("status", "closed")),
        _("the number of conversations with the status “closed”"),
    ),
    Metric(
        f"{NAMESPACE}.unanswered_conversations", CONVERSATIONS, _("Open conversations without an answer"),
        _("In how many that are open the contact wrote and no person replied."), Count(UNANSWERED),
        _("the number of conversations with the status “open” in which the contact wrote, without a first "
          "response"),
        higher_is_better=False,
    ),
    Metric(
        f"{NAMESPACE}.mean_duration", CONVERSATIONS, _("Avg. duration"),
        _("How long conversations took from their start to their close."), Mean("duration_seconds"),
        _("the mean of the seconds from start to close, over closed conversations, on the day on "
          "which they started"),
        Unit.SECONDS, beside=f"{NAMESPACE}.closed_conversations",
    ),
    Metric(
        f"{NAMESPACE}.open_conversations", CONVERSATIONS, _("Open conversations"),
        _("How many of them are not closed."), Count(Is("status", "open")),
        _("the number of conversations with the status “open”"),
    ),
    Metric(
        f"{NAMESPACE}.long_duration", CONVERSATIONS, _("Nine in ten closed within"),
        _("How long nine in ten of the conversations took at most."), Quantile("duration_seconds", 0.9),
        _("the quantile 0.9 of the seconds from start to close, over closed conversations"),
        Unit.SECONDS, beside=f"{NAMESPACE}.closed_conversations",
    ),
    Metric(
        f"{NAMESPACE}.rated_conversations", CONVERSATIONS, _("Conversations with a rating"),
        _("How many contacts gave a rating."), Count(Present("rating")),
        _("the number of conversations with a rating"),
    ),
    Metric(
        f"{NAMESPACE}.mean_rating", CONVERSATIONS, _("Avg. rating"), _("What contacts gave on average."),
        Mean("rating"),
        _("the mean of the ratings, over the conversations that have one, on the day on which they started"),
        Unit.NUMBER, higher_is_better=True, beside=f"{NAMESPACE}.rated_conversations",
    ),
    Metric(
        f"{NAMESPACE}.conversation_messages_in", CONVERSATIONS, _("Messages received in conversations"),
        _("How many messages contacts wrote in them."), Sum("messages_in"),
        _("the sum of the messages received in the conversations"),
    ),
    Metric(
        f"{NAMESPACE}.conversation_messages_out", CONVERSATIONS, _("Messages sent in conversations"),
        _("How many messages contacts were sent in them."), Sum("messages_out"),
        _("the sum of the messages sent in the conversations"),
    ),
    Metric(
        f"{NAMESPACE}.all_messages", MESSAGES, _("Messages"), _("How many messages went either way."),
        Count(), _("the number of messages, by when they were written"),
    ),
    Metric(
        f"{NAMESPACE}.messages_received", MESSAGES, _("Messages received"), _("How many contacts wrote."),
        Count(Is("direction", "in")), _("the number of messages with the direction “in”"),
    ),
    Metric(
        f"{NAMESPACE}.messages_sent", MESSAGES, _("Messages sent"), _("How many contacts were sent."),
        Count(Is("direction", "out")), _("the number of messages with the direction “out”"),
    ),
    Metric(
        f"{NAMESPACE}.messages_told", MESSAGES, _("Messages sent with a status"),
        _("Of how many of those sent a source told what became of them."),
        Count(AllOf((SENT, Present("status")))),
        _("the number of messages with the direction “out” and a status"),
    ),
    Metric(
        f"{NAMESPACE}.messages_delivered", MESSAGES, _("Messages delivered"),
        _("How many of those sent arrived."), Count(AllOf((SENT, In("status", ARRIVED)))),
        _("the number of messages with the direction “out” and the status “delivered”, “read” or “played”"),
        higher_is_better=True,
    ),
    Metric(
        f"{NAMESPACE}.messages_read", MESSAGES, _("Messages read"), _("How many of those sent were read."),
        Count(AllOf((SENT, In("status", READ)))),
        _("the number of messages with the direction “out” and the status “read” or “played”"),
        higher_is_better=True,
    ),
    Metric(
        f"{NAMESPACE}.messages_failed", MESSAGES, _("Messages failed"), _("How many could not be delivered."),
        Count(AllOf((SENT, Is("status", "failed")))),
        _("the number of messages with the direction “out” and the status “failed”"), higher_is_better=False,
    ),
    Metric(
        f"{NAMESPACE}.delivery_rate", MESSAGES, _("Delivery rate"), _("Which part of those sent arrived."),
        Ratio(f"{NAMESPACE}.messages_delivered", f"{NAMESPACE}.messages_told", proportion=True),
        _("delivered ÷ sent with a status"), Unit.PROPORTION, higher_is_better=True,
        beside=f"{NAMESPACE}.messages_told",
    ),
    Metric(
        f"{NAMESPACE}.read_rate", MESSAGES, _("Read rate"), _("Which part of those delivered was read."),
        Ratio(f"{NAMESPACE}.messages_read", f"{NAMESPACE}.messages_delivered", proportion=True),
        _("read ÷ delivered"), Unit.PROPORTION, higher_is_better=True,
        beside=f"{NAMESPACE}.messages_delivered",
    ),
    Metric(
        f"{NAMESPACE}.failure_rate", MESSAGES, _("Failure rate"), _("Which part of those sent failed."),
        Ratio(f"{NAMESPACE}.messages_failed", f"{NAMESPACE}.messages_told", proportion=True),
        _("failed ÷ sent with a status"), Unit.PROPORTION, higher_is_better=False,
        beside=f"{NAMESPACE}.messages_told",
    ),
    Metric(
        f"{NAMESPACE}.logged", LOG, _("Rows of the log"), _("How many rows came in, whatever they tell."),
        Count(), _("all rows of the log"),
    ),
)  # fmt: skip
