"""Amazon SES through SNS: event publishing and the older notifications, one message to one or many."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from bilan.sdk import (
    Fact,
    JsonObject,
    Reject,
    Settings,
    Unauthenticated,
    Unreadable,
    WebhookRequest,
    digest,
    first_value,
    json_body,
    json_items,
    read_flag,
    read_instant,
    read_object,
    read_text,
    zone_setting,
)
from bilan_email_campaigns.events import Event
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.values import address, check_maker, named
from bilan_email_campaigns.vocabulary import BounceClass, Kind, RejectReason
from bilan_email_campaigns.webhooks import amazon_sns
from bilan_email_campaigns.webhooks.outcomes import (
    CLICKED,
    COMPLAINED,
    DEFERRED,
    DELIVERED,
    FAILED,
    HARD_BOUNCE,
    OPENED,
    OTHER,
    SENT,
    SOFT_BOUNCE,
    SUBSCRIBED,
    UNSUBSCRIBED,
    Outcome,
    bounced,
    campaign_in,
    named_values,
    read_several,
    refuse_incoming,
    rejected,
)

OUTCOMES: Mapping[str, Outcome] = {
    "Send": SENT,
    "Delivery": DELIVERED,
    "DeliveryDelay": DEFERRED,
    "Open": OPENED,
    "Click": CLICKED,
    "Bounce: Permanent": HARD_BOUNCE,
    "Bounce: Permanent, Suppressed": rejected(RejectReason.BLOCKED),
    "Bounce: Permanent, OnAccountSuppressionList": rejected(RejectReason.BLOCKED),
    "Bounce: Permanent, UnsubscribedRecipient": rejected(RejectReason.UNSUBSCRIBED),
    "Bounce: Transient": SOFT_BOUNCE,
    "Bounce: Transient, ContentRejected": bounced(RejectReason.BLOCKED, BounceClass.SOFT),
    "Bounce: Transient, AttachmentRejected": bounced(RejectReason.BLOCKED, BounceClass.SOFT),
    "Bounce: Transient, CustomTimeoutExceeded": bounced(RejectReason.TIMED_OUT, BounceClass.SOFT),
    "Bounce: Undetermined": SOFT_BOUNCE,
    "Complaint": COMPLAINED,
    "Complaint: OnAccountSuppressionList": rejected(RejectReason.SPAM),
    "Complaint: not-spam": OTHER,
    "Reject": rejected(RejectReason.BLOCKED),
    "Rendering Failure": FAILED,
    "Subscription": UNSUBSCRIBED,
}
"""By event, and where it tells more by type and subtype."""
DETAILS = {
    "Rendering Failure": "failure",
    "DeliveryDelay": "deliveryDelay",
}
"""Where an event says more; others under their name in lower case."""
VALIDATED = "Successfully validated SNS topic for Amazon SES event publishing."
SUBSCRIBED_TO = "AmazonSnsSubscriptionSucceeded"
ALL_OF_THEM = frozenset({"Send", "Reject", "Rendering Failure"})
"""Events that are about everybody the message went to; others of one to several do not say whose they are."""
OWN_TAG = "ses:"
CONFIGURATION = "ses:configuration-set"


class AmazonSes:
    """Implements :class:`bilan.sdk.CertifiedWebhook`."""

    def hosts(self, settings: Settings) -> tuple[str, ...]:
        """The service in the regions of the source's topics."""
        try:
            found = amazon_sns.topics(settings)
        except Unauthenticated:
            return ()
        return tuple(dict.fromkeys(host for topic in found if (host := amazon_sns.host(topic))))

    def certificate(self, request: WebhookRequest, settings: Settings) -> str:
        """That of the topic's region, for a post of one of the source's topics."""
        if amazon_sns.is_raw(request):
            return ""
        envelope = amazon_sns.read_envelope(request)
        amazon_sns.check_topic(envelope.topic, settings)
        return amazon_sns.certificate_url(envelope)

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        """The certificate's signature over the post; for raw message delivery a user name and a password."""
        if amazon_sns.is_raw(request):
            return amazon_sns.check_raw(request, settings)
        envelope = amazon_sns.read_envelope(request)
        amazon_sns.check_topic(envelope.topic, settings)
        amazon_sns.certificate_url(envelope)
        return amazon_sns.check_signature(envelope, request)

    def confirmation(self, request: WebhookRequest, settings: Settings) -> str:
        """The address that confirms a subscription to one of the source's topics."""
        if amazon_sns.is_raw(request):
            return ""
        try:
            envelope = amazon_sns.read_envelope(request)
        except Unauthenticated:
            return ""
        if envelope.type != amazon_sns.CONFIRMATION:
            return ""
        amazon_sns.check_topic(envelope.topic, settings)
        return amazon_sns.confirmation_url(envelope)

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject]:
        """A fact for each recipient that the event is about."""
        items = (_opened(item) for item in json_items(json_body(request)))
        return read_several(items, lambda item: read(item, settings))


def read(item: JsonObject, settings: Settings) -> Iterator[Fact]:
    """The event of a post; nothing where SNS only speaks of itself."""
    post = read_text(item.get("MessageId"))
    if item.get("Type") == amazon_sns.FAREWELL:
        raise Unreadable(
            _("Amazon SNS ended the subscription: this address gets no more posts of the topic.")
        )
    event = item["Message"] if "Message" in item and isinstance(item["Message"], dict) else item
    if item.get("Type") == amazon_sns.CONFIRMATION or item.get("Message") == VALIDATED:
        return
    if event.get("notificationType") == SUBSCRIBED_TO:
        return
    check_maker(event, ("eventType", "notificationType"), "Amazon SES")
    yield from _facts(event, post, settings)


def outcome_of(name: str, detail: JsonObject) -> tuple[str, Outcome]:
    """What the event stands for, with the name under which it stands."""
    if name == "Subscription":
        return name, _preference(detail)
    said = {
        "Bounce": (detail.get("bounceType"), detail.get("bounceSubType")),
        "Complaint": (detail.get("complaintSubType") or detail.get("complaintFeedbackType"),),
    }.get(name, ())
    words = [text for one in said if (text := read_text(one))]
    for upto in range(len(words), 0, -1):
        if found := OUTCOMES.get(whole := f"{name}: {', '.join(words[:upto])}"):
            return whole, found
    if name == "Bounce":
        return name, SOFT_BOUNCE
    return name, OUTCOMES.get(name, OTHER)


def _opened(item: Any) -> Any:
    """A post with its message as an object, where it is one."""
    message = item.get("Message") if isinstance(item, dict) else None
    if not isinstance(message, str) or item.get("Type") != amazon_sns.NOTIFICATION:
        return item
    try:
        inner = json.loads(message)
    except (ValueError, RecursionError):
        return item
    return {**item, "Message": inner} if isinstance(inner, dict) else item


def _facts(event: JsonObject, post: str, settings: Settings) -> Iterator[Fact]:
    name = named(first_value((event.get("eventType"), event.get("notificationType"))))
    if name == "Received":
        refuse_incoming()
    mail, detail = read_object(event.get("mail")), _detail(name, event)
    headers = read_object(mail.get("commonHeaders"))
    tags = named_values(mail.get("tags"))
    whole, outcome = outcome_of(name, detail)
    reason = whole if outcome.kind is Kind.OTHER else _words(name, detail)
    moment = _moment(detail, mail, settings)
    for recipient, said in _recipients(name, detail, mail):
        yield Event(
            fact_id=digest([event, recipient]),
            event_id=post,
            occurred_at=moment,
            kind=outcome.kind,
            send=outcome.kind is Kind.SENT,
            campaign=campaign_in(settings, tags),
            category=tags.get(CONFIGURATION, ""),
            audience=read_text(detail.get("contactList")),
            subject=read_text(headers.get("subject")),
            tags=[f"{key}={value}" for key, value in tags.items() if not key.startswith(OWN_TAG)],
            message_id=read_text(mail.get("messageId")),
            recipient=recipient,
            url=read_text(detail.get("link")),
            user_agent=read_text(detail.get("userAgent")) if outcome in (OPENED, CLICKED) else "",
            bounce_class=outcome.bounce_class,
            reject_reason=outcome.reject_reason,
            reason=reason if outcome.kind is Kind.OTHER else said or reason,
        ).fact()


def _detail(name: str, event: JsonObject) -> JsonObject:
    return read_object(event.get(DETAILS.get(name, name.lower())))


def _recipients(name: str, detail: JsonObject, mail: JsonObject) -> list[tuple[str, str]]:
    """Whom the event is about, each with what their server said; nobody where it does not say whom."""
    lists = {"Bounce": "bouncedRecipients", "DeliveryDelay": "delayedRecipients"}
    if key := lists.get(name):
        people = [read_object(one) for one in _list(detail.get(key))]
        found = [(address(one.get("emailAddress")), read_text(one.get("diagnosticCode"))) for one in people]
    elif name == "Delivery":
        found = [(address(one), "") for one in _list(detail.get("recipients"))]
    elif name == "Complaint":
        # Mail providers hide who complained: those that are listed may have.
        people = [read_object(one) for one in _list(detail.get("complainedRecipients"))]
        found = [(address(one.get("emailAddress")), "") for one in people]
        found = found if len(found) == 1 else []
    else:
        found = [(address(one), "") for one in _list(mail.get("destination"))]
        found = found if name in ALL_OF_THEM or len(found) == 1 else []
    return list(dict.fromkeys(found)) or [("", "")]


def _moment(detail: JsonObject, mail: JsonObject, settings: Settings) -> datetime | None:
    said = first_value((detail.get("timestamp"), mail.get("timestamp")))
    return read_instant(said, zone_setting(settings))


def _words(name: str, detail: JsonObject) -> str:
    if name == "Bounce":
        both = (detail.get("bounceType"), detail.get("bounceSubType"))
        return ": ".join(text for one in both if (text := read_text(one)))
    fields = (
        "smtpResponse",
        "complaintFeedbackType",
        "complaintSubType",
        "delayType",
        "reason",
        "errorMessage",
    )
    return read_text(first_value(detail.get(one) for one in fields))


def _preference(detail: JsonObject) -> Outcome:
    """Whether somebody left everything or a topic, or came back."""
    new, old = _topics(detail.get("newTopicPreferences")), _topics(detail.get("oldTopicPreferences"))
    if read_flag(read_object(detail.get("newTopicPreferences")).get("unsubscribeAll")):
        return UNSUBSCRIBED
    changed = {name: state for name, state in new.items() if old.get(name) != state}
    if "OptOut" in changed.values():
        return UNSUBSCRIBED
    came_back = read_flag(read_object(detail.get("oldTopicPreferences")).get("unsubscribeAll"))
    return SUBSCRIBED if came_back or "OptIn" in changed.values() else OTHER


def _topics(preferences: Any) -> dict[str, str]:
    states = (read_object(one) for one in _list(read_object(preferences).get("topicSubscriptionStatus")))
    return {read_text(one.get("topicName")): read_text(one.get("subscriptionStatus")) for one in states}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
