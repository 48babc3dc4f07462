"""What a channel's figures say. Opens and clicks of other channels are not of single recipients: no rates."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bilan.sdk import Message
from bilan_email_campaigns.reports import findings
from bilan_email_campaigns.reports.findings import Figures
from bilan_email_campaigns.textdomain import ngettext
from bilan_email_campaigns.vocabulary import MessageChannel

Finding = Callable[[Figures, Figures | None], Message | None]
"""What figures say, also beside those of a comparison."""


def finding(channel: str) -> Finding | None:
    """What to say of a channel's figures."""
    if channel == MessageChannel.EMAIL:
        return findings.engagement
    if channel not in _OTHERS:
        return None
    needed, say = _OTHERS[MessageChannel(channel)]

    def message(now: Figures, _before: Figures | None) -> Message | None:
        figures = [now.get(key) for key in needed]
        return say(*figures) if figures[0] and None not in figures else None

    return message


def _push(sent: int, opened: int) -> Message:
    return ngettext(
        "One push notification was sent, with {opens}.",
        "{count:count} push notifications were sent, with {opens}.",
        count=sent, opens=_opens(opened),
    )  # fmt: skip


def _web_push(sent: int, opened: int) -> Message:
    return ngettext(
        "One web push notification was sent, with {opens}.",
        "{count:count} web push notifications were sent, with {opens}.",
        count=sent, opens=_opens(opened),
    )  # fmt: skip


def _opens(count: int) -> Message:
    return ngettext("{count:count} open", "{count:count} opens", count=count)


def _in_app(shown: int, first: int, second: int) -> Message:
    return ngettext(
        "One in-app message was shown, with {first} on the first button and {second:count} on the second.",
        "In-app messages were shown {count:count} times, with {first} on the first button "
        "and {second:count} on the second.",
        count=shown,
        first=ngettext("{count:count} click", "{count:count} clicks", count=first),
        second=second,
    )


def _webhook(made: int, failed: int) -> Message:
    return ngettext(
        "One webhook call was made, with {errors}.",
        "{count:count} webhook calls were made, with {errors}.",
        count=made, errors=ngettext("{count:count} error", "{count:count} errors", count=failed),
    )  # fmt: skip


def _sms(sent: int, delivered: int) -> Message:
    return ngettext(
        "One text message was sent, with {deliveries}.",
        "{count:count} text messages were sent, with {deliveries}.",
        count=sent,
        deliveries=ngettext(
            "{count:count} confirmed delivery", "{count:count} confirmed deliveries", count=delivered
        ),
    )


_OTHERS: Mapping[MessageChannel, tuple[tuple[str, ...], Callable[..., Message]]] = {
    MessageChannel.PUSH: (("email.push_sends", "email.push_opens"), _push),
    MessageChannel.WEB_PUSH: (("email.web_push_sends", "email.web_push_opens"), _web_push),
    MessageChannel.IN_APP: (
        ("email.in_app_impressions", "email.in_app_button1_clicks", "email.in_app_button2_clicks"), _in_app,
    ),
    MessageChannel.WEBHOOK: (("email.webhook_sends", "email.webhook_errors"), _webhook),
    MessageChannel.SMS: (("email.sms_sends", "email.sms_deliveries"), _sms),
}  # fmt: skip
