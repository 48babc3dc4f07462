"""Amazon SNS, which posts for Amazon SES: signed with a certificate, and asking to be confirmed."""

from __future__ import annotations

import base64
import binascii
import re
from codecs import BOM_UTF8
from datetime import UTC
from typing import Any
from urllib.parse import urlencode

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.x509 import Certificate, load_pem_x509_certificate

from bilan.sdk import (
    SECRET,
    Invalid,
    Settings,
    Unauthenticated,
    WebhookRequest,
    check_basic,
    require_setting,
)
from bilan_email_campaigns.textdomain import _

ARN = re.compile(r"arn:aws(?:-[a-z-]+)?:sns:([a-z]{2}(?:-[a-z0-9]+)+):\d{12}:[A-Za-z0-9_-]{1,256}", re.ASCII)
PEM = re.compile(r"/SimpleNotificationService-[0-9A-Za-z]{1,64}\.pem", re.ASCII)
HASHES: dict[str, HashAlgorithm] = {
    # The service's own first version; see its documentation.
    "1": SHA1(),  # noqa: S303
    "2": SHA256(),
}
NOTIFICATION, CONFIRMATION, FAREWELL = "Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"
MOST_TOPICS = 20


class Envelope(msgspec.Struct):
    """What SNS posts, as far as it is read before anybody knows who sent it."""

    type: str = msgspec.field(name="Type", default="")
    message: str = msgspec.field(name="Message", default="")
    message_id: str = msgspec.field(name="MessageId", default="")
    subject: str | None = msgspec.field(name="Subject", default=None)
    timestamp: str = msgspec.field(name="Timestamp", default="")
    topic: str = msgspec.field(name="TopicArn", default="")
    token: str = msgspec.field(name="Token", default="")
    subscribe_url: str = msgspec.field(name="SubscribeURL", default="")
    version: str = msgspec.field(name="SignatureVersion", default="")
    signature: str = msgspec.field(name="Signature", default="")
    certificate_url: str = msgspec.field(name="SigningCertURL", default="")

    def signed(self) -> bytes:
        """What the signature covers: names and values, each on a line, in the order of their names."""
        if self.type == NOTIFICATION:
            subject = [] if self.subject is None else [("Subject", self.subject)]
            pairs = [("Message", self.message), ("MessageId", self.message_id), *subject]
        else:
            pairs = [
                ("Message", self.message),
                ("MessageId", self.message_id),
                ("SubscribeURL", self.subscribe_url),
            ]
        pairs.append(("Timestamp", self.timestamp))
        if self.type != NOTIFICATION:
            pairs.append(("Token", self.token))
        pairs += [("TopicArn", self.topic), ("Type", self.type)]
        return "".join(f"{name}\n{value}\n" for name, value in pairs).encode("utf-8", "replace")


def is_raw(request: WebhookRequest) -> bool:
    """Whether the post is the bare message, which SNS does not sign."""
    return request.headers.get("x-amz-sns-rawdelivery", "").strip().lower() == "true"


def read_envelope(request: WebhookRequest) -> Envelope:
    """The post. Raises ``Unauthenticated`` for one that is none of SNS, or of a topic of somebody else."""
    try:
        envelope = msgspec.json.decode(request.body.removeprefix(BOM_UTF8), type=Envelope)
    except (msgspec.DecodeError, RecursionError):
        raise Unauthenticated(_("The post is none of Amazon SNS.")) from None
    if envelope.type not in (NOTIFICATION, CONFIRMATION, FAREWELL):
        raise Unauthenticated(_("The post is none of Amazon SNS."))
    return envelope


def topics(settings: Settings) -> tuple[str, ...]:
    """The topics whose posts the source takes. Raises ``Unauthenticated`` where it has none."""
    return tuple(require_setting(settings, "topic", _("topic")).replace(",", " ").split())


def check_topics(written: Any) -> None:
    """Raise ``Invalid`` for what is no list of topics."""
    found = str(written).replace(",", " ").split()
    if len(found) > MOST_TOPICS or not all(ARN.fullmatch(one) for one in found):
        raise Invalid(
            _(
                "A topic is written as arn:aws:sns:eu-west-1:123456789012:name; several stand with "
                "commas between."
            )
        )


def host(topic: str) -> str:
    """The host of the service in the topic's region; empty for what is no topic."""
    found = ARN.fullmatch(topic)
    if found is None:
        return ""
    return f"sns.{found[1]}.amazonaws.com{'.cn' if topic.startswith('arn:aws-cn:') else ''}"


def check_topic(topic: str, settings: Settings) -> None:
    """Raise ``Unauthenticated`` for a topic that is none of the source's."""
    if topic not in topics(settings):
        raise Unauthenticated(_("The post is of another topic than those of this source."))


def certificate_url(envelope: Envelope) -> str:
    """Where the certificate is: with the service in the topic's region alone.

    Raises ``Unauthenticated`` for any other address.
    """
    pinned = f"https://{host(envelope.topic)}"
    path = envelope.certificate_url.removeprefix(pinned)
    if not (host(envelope.topic) and PEM.fullmatch(path)):
        raise Unauthenticated(_("The post names a certificate that is none of Amazon SNS."))
    return envelope.certificate_url


def check_signature(envelope: Envelope, request: WebhookRequest) -> None:
    """Raise ``Unauthenticated`` unless the certificate, valid by now, fits the signature."""
    algorithm = HASHES.get(envelope.version)
    if algorithm is None:
        raise Unauthenticated(
            _("The signature is of version {version}; 1 and 2 are known.", version=envelope.version[:20])
        )
    certificate = _certificate(request.certificate)
    now = request.received_at.astimezone(UTC)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise Unauthenticated(_("The certificate is not valid now; check the server's clock."))
    key = certificate.public_key()
    try:
        if not isinstance(key, RSAPublicKey):
            raise InvalidSignature
        signature = base64.b64decode(envelope.signature, validate=True)
        key.verify(signature, envelope.signed(), PKCS1v15(), algorithm)
    except (InvalidSignature, binascii.Error, ValueError):
        raise Unauthenticated(_("The signature is missing or wrong.")) from None


def check_raw(request: WebhookRequest, settings: Settings) -> None:
    """Raise ``Unauthenticated`` unless a bare message came with the user name and the password.

    It has no signature. The header that names its topic proves nothing alone.
    """
    check_topic(request.headers.get("x-amz-sns-topic-arn", ""), settings)
    username = require_setting(settings, "username", _("user name, which raw message delivery needs"))
    check_basic(request, username, require_setting(settings, "secret", SECRET.label))


def confirmation_url(envelope: Envelope) -> str:
    """The address that confirms the subscription, made of what is signed and of the pinned host."""
    query = {"Action": "ConfirmSubscription", "TopicArn": envelope.topic, "Token": envelope.token}
    return f"https://{host(envelope.topic)}/?{urlencode(query)}"


def _certificate(content: bytes) -> Certificate:
    try:
        return load_pem_x509_certificate(content)
    except ValueError:
        raise Unauthenticated(_("There is no certificate where the post says that one is.")) from None
