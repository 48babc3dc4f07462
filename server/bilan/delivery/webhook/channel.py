"""The webhook as a channel: a notice is composed here, and posted once, signed where a program reads it.

See docs/decisions/104.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

import anyio.from_thread
import anyio.to_thread
import httpx2
import msgspec

from bilan.delivery.webhook.forms import FORMS
from bilan.delivery.webhook.notice import WebhookNotice, for_recipient, write_notice
from bilan.delivery.webhook.signing import signed_headers
from bilan.delivery.webhook.targets import SETTINGS, WebhookForm, identify, private_hosts
from bilan.outbound import PrivateHosts, Unanswered, post_once
from bilan.outbound.replies import ServiceReply
from bilan.outbound.waits import seconds_to_wait
from bilan.sdk.channels import (
    BeforeSend,
    Channel,
    ChannelContext,
    DeliveryStatus,
    OutgoingReport,
    RawMessage,
    Receipt,
    Recipient,
)
from bilan.sdk.errors import Invalid, Unavailable
from bilan.sdk.textdomain import _

AGAIN = frozenset({408, 425, 429})
"""Refusals after which the same is right later; so are errors of the server but for those of ``BETWEEN``."""
BETWEEN = frozenset({502, 504})
"""Answers of something in between, which may have passed the post on and lost what was answered."""
GONE = 410
"""What is said of an address that was taken away: nothing more is posted there until somebody lifts that."""
SILENT = 10.0
"""Seconds for which a host that could not be reached is not called again."""
LONGEST = 300
"""Characters of an answer's words."""


class WebhookTransport:
    """Posts notices. Whatever goes wrong is a receipt."""

    def __init__(self, private: PrivateHosts, *, silent: float = SILENT) -> None:
        self._private, self._silent = private, silent
        self._unreachable = dict[str, tuple[float, Receipt]]()

    def compose(self, outgoing: OutgoingReport) -> bytes:
        """What is told of the report, whatever form it takes."""
        return msgspec.msgpack.encode(write_notice(outgoing))

    def address(self, composed: bytes, recipient: Recipient) -> RawMessage:
        """The body for one target, in the form that is read there; as programs read it without a target."""
        notice = for_recipient(msgspec.msgpack.decode(composed, type=WebhookNotice), recipient.links)
        body = FORMS[recipient.settings.get("form", WebhookForm.JSON)](notice, recipient.ident)
        content = msgspec.json.encode(body)
        return RawMessage(
            recipient.ident, "", recipient.address, content, attached=False, settings=recipient.settings
        )

    async def send(self, message: RawMessage, before_send: BeforeSend) -> Receipt:
        """Post it, once. From the first byte on only an answer says what became of it."""
        host = httpx2.URL(message.settings["url"]).host
        until, receipt = self._unreachable.get(host, (0.0, None))
        if receipt is not None and time.monotonic() < until:
            return receipt
        try:
            reply = await anyio.to_thread.run_sync(self._post, message, before_send)
        except Unanswered as error:
            return Receipt(DeliveryStatus.UNKNOWN, str(error.message))
        except Unavailable as error:
            receipt = Receipt(DeliveryStatus.LATER, str(error.message))
            self._unreachable[host] = (time.monotonic() + self._silent, receipt)
            return receipt
        except Invalid as error:
            return Receipt(DeliveryStatus.REFUSED, reason=error.message)
        self._unreachable.pop(host, None)
        return _receipt(reply)

    async def aclose(self) -> None:
        """Nothing is held open."""

    def _post(self, message: RawMessage, before_send: BeforeSend) -> ServiceReply:
        async def leave() -> None:
            await before_send()

        headers = {"content-type": "application/json", "idempotency-key": message.ident}
        if secret := message.settings.get("secret"):
            headers |= signed_headers(secret, message.ident, int(time.time()), message.content)
        return post_once(
            message.settings["url"],
            message.content,
            headers,
            private=self._private,
            before_send=lambda: anyio.from_thread.run(leave),
        )


def open_webhook(context: ChannelContext) -> WebhookTransport:
    """The webhook as the settings say. Raises ``Invalid`` for a setting that cannot be used."""
    return WebhookTransport(private_hosts(context.setting))


def _receipt(reply: ServiceReply) -> Receipt:
    """What an answer says of the post; one that is none of the protocol's says nothing."""
    answer = f"{reply.status} {reply.content.decode(errors='replace')}".strip()[:LONGEST]
    match reply.status:
        case status if 200 <= status < 300:
            return Receipt(DeliveryStatus.ACCEPTED, answer)
        case status if status in BETWEEN or status < 200:
            return Receipt(DeliveryStatus.UNKNOWN, answer)
        case status if status in AGAIN or status >= 500:
            wait = seconds_to_wait(reply.headers, datetime.now(UTC))
            return Receipt(DeliveryStatus.LATER, answer, retry_after=wait)
        case status if 300 <= status < 400:
            reason = _("The address leads elsewhere; enter the one that it leads to. It answered {status}.",
                       status=str(status))  # fmt: skip
            return Receipt(DeliveryStatus.REFUSED, answer, reason=reason)
        case _:
            return Receipt(DeliveryStatus.REFUSED, answer, address_refused=reply.status == GONE)


WEBHOOK = Channel("webhook", _("Webhook"), open_webhook, settings=SETTINGS, identify=identify)
