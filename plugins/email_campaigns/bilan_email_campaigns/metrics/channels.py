"""The statistics of each channel: nine, five, four, four, two and five of them."""

from __future__ import annotations

from bilan.sdk import AllOf, AnyOf, Is
from bilan_email_campaigns.metrics.factories import FIRST, ONCE, counted, events, happened, pairs
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import Kind, MessageChannel

SENDS_TEXT = _(
    "the number of events with which the sender reports a message as sent, one a message; "
    "senders that report none (Postmark) add nothing"
)


def _sent(channel: MessageChannel) -> AllOf:
    return AllOf((Is("channel", channel.value), Is("send", True)))


_EMAIL = (
    counted("sends", MessageChannel.EMAIL, _sent(MessageChannel.EMAIL),
            _("Sends"), _("How many e-mails were sent."), SENDS_TEXT),
    events("opens", MessageChannel.EMAIL, Kind.OPENED,
           _("Opens"), _("How often e-mails were opened, by people and by machines."), better=True),
    pairs("unique_opens", (Is("kind", Kind.OPENED.value),),
          _("Unique opens"), _("How many recipients opened, counted once for each campaign or Canvas step."),
          _("the number of different pairs of campaign or Canvas step and recipient with an open; "
            "opens without a recipient are left out")),
    events("clicks", MessageChannel.EMAIL, Kind.CLICKED,
           _("Clicks"), _("How often links in e-mails were clicked."), better=True),
    pairs("unique_clicks", (Is("kind", Kind.CLICKED.value),),
          _("Unique clicks"),
          _("How many recipients clicked, counted once for each campaign or Canvas step."),
          _("the number of different pairs of campaign or Canvas step and recipient with a click; "
            "clicks without a recipient are left out")),
    events("unsubscribes", MessageChannel.EMAIL, Kind.UNSUBSCRIBED,
           _("Unsubscribes"), _("How often recipients unsubscribed."), better=False, once=True),
    counted("bounces", MessageChannel.EMAIL, happened(MessageChannel.EMAIL, Kind.BOUNCED, also=(FIRST,)),
            _("Bounces"), _("How many e-mails came back, for good or for now."),
            _("the number of e-mail bounces; those for good {once}", once=ONCE), better=False, version=2),
    events("delivered", MessageChannel.EMAIL, Kind.DELIVERED,
           _("Delivered"), _("How many e-mails the receiving servers took."), better=True, once=True),
    events("spam_reports", MessageChannel.EMAIL, Kind.COMPLAINED,
           _("Spam reports"), _("How often recipients reported an e-mail as spam."), better=False, once=True),
)  # fmt: skip

_PUSH = (
    counted("push_sends", MessageChannel.PUSH, _sent(MessageChannel.PUSH),
            _("Push sends"), _("How many push notifications were sent."), SENDS_TEXT),
    events("push_opens", MessageChannel.PUSH, Kind.OPENED,
           _("Push opens"), _("How often push notifications were opened directly."), better=True),
    events("push_influenced_opens", MessageChannel.PUSH, Kind.INFLUENCED_OPEN,
           _("Push influenced opens"),
           _("How often the app was opened after a push notification without tapping it."), better=True),
    events("push_bounces", MessageChannel.PUSH, Kind.BOUNCED,
           _("Push bounces"), _("How many push notifications could not be delivered."), better=False),
    counted("push_body_clicks", MessageChannel.PUSH,
            AnyOf((happened(MessageChannel.PUSH, Kind.BODY_CLICK),
                   happened(MessageChannel.PUSH, Kind.OPENED, also=(Is("button", "body"),)))),
            _("Push body clicks"), _("How often the text of a push notification was tapped, not a button."),
            _("the number of events “body_click”, and of opens outside all buttons, on the channel “push”"),
            better=True),
)  # fmt: skip

_WEB_PUSH = (
    counted("web_push_sends", MessageChannel.WEB_PUSH, _sent(MessageChannel.WEB_PUSH),
            _("Web push sends"), _("How many web push notifications were sent."), SENDS_TEXT),
    events("web_push_opens", MessageChannel.WEB_PUSH, Kind.OPENED,
           _("Web push opens"), _("How often web push notifications were opened."), better=True),
    events("web_push_bounces", MessageChannel.WEB_PUSH, Kind.BOUNCED,
           _("Web push bounces"), _("How many web push notifications could not be delivered."), better=False),
    counted("web_push_body_clicks", MessageChannel.WEB_PUSH,
            AnyOf((happened(MessageChannel.WEB_PUSH, Kind.BODY_CLICK),
                   happened(MessageChannel.WEB_PUSH, Kind.OPENED, also=(Is("button", "body"),)))),
            _("Web push body clicks"),
            _("How often the text of a web push notification was clicked, not a button."),
            _("the number of events “body_click”, and of opens outside all buttons, "
              "on the channel “web_push”"),
            better=True),
)  # fmt: skip

_IN_APP = (
    events("in_app_impressions", MessageChannel.IN_APP, Kind.IMPRESSION,
           _("In-app impressions"), _("How often in-app messages were shown."), better=True),
    events("in_app_clicks", MessageChannel.IN_APP, Kind.CLICKED,
           _("In-app clicks"), _("How often in-app messages were clicked outside their two buttons."),
           better=True),
    events("in_app_button1_clicks", MessageChannel.IN_APP, Kind.BUTTON1_CLICK,
           _("In-app first-button clicks"), _("How often the first button of in-app messages was clicked."),
           better=True),
    events("in_app_button2_clicks", MessageChannel.IN_APP, Kind.BUTTON2_CLICK,
           _("In-app second-button clicks"), _("How often the second button of in-app messages was clicked."),
           better=True),
)  # fmt: skip

_WEBHOOK = (
    counted("webhook_sends", MessageChannel.WEBHOOK, _sent(MessageChannel.WEBHOOK),
            _("Webhook sends"), _("How many webhook calls were made."), SENDS_TEXT),
    events("webhook_errors", MessageChannel.WEBHOOK, Kind.ERROR,
           _("Webhook errors"), _("How many webhook calls failed."), better=False),
)  # fmt: skip

_SMS = (
    counted("sms_sends", MessageChannel.SMS, _sent(MessageChannel.SMS),
            _("SMS sends"), _("How many text messages were sent."), SENDS_TEXT),
    events("sms_carrier_sends", MessageChannel.SMS, Kind.CARRIER_SENT,
           _("SMS sends to carrier"), _("How many text messages were handed to the carrier."), better=True),
    events("sms_deliveries", MessageChannel.SMS, Kind.DELIVERED,
           _("SMS confirmed deliveries"), _("How many text messages the carrier confirmed as delivered."),
           better=True, once=True),
    events("sms_delivery_failures", MessageChannel.SMS, Kind.FAILED,
           _("SMS delivery failures"), _("How many text messages could not be delivered."), better=False),
    events("sms_rejections", MessageChannel.SMS, Kind.REJECTED,
           _("SMS rejections"), _("How many text messages the carrier refused."), better=False),
)  # fmt: skip

CHANNEL_METRICS = (*_EMAIL, *_PUSH, *_WEB_PUSH, *_IN_APP, *_WEBHOOK, *_SMS)
