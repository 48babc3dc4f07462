"""Webhook signatures: how a sender proves itself with a secret it was told.

Without a secret nobody can prove anything, so an empty one refuses every post.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass, replace
from datetime import timedelta

from bilan.sdk.errors import StaleSignature, Unauthenticated
from bilan.sdk.messages import Message
from bilan.sdk.parameters import Parameter, ParameterKind
from bilan.sdk.sources import Settings, WebhookRequest
from bilan.sdk.textdomain import _

SECRET = Parameter(
    "secret", _("Secret"), ParameterKind.SECRET,
    help=_("What the service sends along: as a bearer token, or in the header named below."),
)  # fmt: skip
SECRET_HEADER = Parameter(
    "secret_header", _("Header of the secret"), ParameterKind.TEXT, default="",
    help=_("Empty: the secret comes as “Authorization: Bearer …”."), advanced=True,
)  # fmt: skip
MAX_AGE = Parameter(
    "max_age", _("Oldest signature accepted, in minutes"), ParameterKind.NUMBER, default=0,
    help=_("Longer than the service goes on repeating a post. 0 accepts any age."), advanced=True,
)  # fmt: skip

REMEMBERED = timedelta(days=731)
"""No proof of a post is remembered for longer, whatever age its source accepts."""


def max_age(hours: int) -> Parameter:
    """The setting ``MAX_AGE`` with this default: longer than the service goes on repeating a post."""
    return replace(MAX_AGE, default=hours * 60)


def equal_secrets(given: str, wanted: str) -> bool:
    """Whether two secrets are equal, in a time that says nothing about either."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode("utf-8", "replace"))


def require_setting(settings: Settings, key: str, label: Message) -> str:
    """A setting without which nobody can prove anything."""
    value = str(settings.get(key) or "").strip()
    if not value:
        raise Unauthenticated(
            _("This source has no {setting} yet; set it, or turn the checking of posts off.", setting=label),
            (key,),
        )
    return value


def check_secret(request: WebhookRequest, settings: Settings) -> None:
    """Raise ``Unauthenticated`` unless the secret came along, as a bearer token or in the named header."""
    wanted = require_setting(settings, "secret", SECRET.label)
    header = str(settings.get("secret_header") or "").strip().lower()
    if header:
        given = request.headers.get(header, "")
    else:
        scheme, _space, given = request.headers.get("authorization", "").partition(" ")
        given = given.strip() if scheme.lower() == "bearer" else ""
    if not equal_secrets(given, wanted):
        raise Unauthenticated(_("The secret is missing or wrong."))


def check_basic(request: WebhookRequest, username: str, password: str) -> None:
    """Raise ``Unauthenticated`` unless the user name and the password came along."""
    scheme, _space, given = request.headers.get("authorization", "").partition(" ")
    try:
        told = base64.b64decode(given.strip(), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        told = ""
    if scheme.lower() != "basic" or not equal_secrets(told, f"{username}:{password}"):
        raise Unauthenticated(_("The user name or the password is missing or wrong."))


def guarded(settings: Settings) -> timedelta:
    """How long a signature is guarded: twice the greatest age accepted, at most :data:`REMEMBERED`."""
    minutes = 2 * int(settings.get(MAX_AGE.key) or 0)
    most = REMEMBERED // timedelta(minutes=1)
    return timedelta(minutes=minutes) if 0 < minutes < most else REMEMBERED


def check_age(signed_at: str, request: WebhookRequest, settings: Settings) -> None:
    """Raise ``StaleSignature`` for one older or newer than the source's setting ``MAX_AGE`` accepts."""
    minutes = int(settings.get(MAX_AGE.key) or 0)
    if minutes <= 0:
        return
    try:
        age = request.received_at.timestamp() - float(signed_at)
    except ValueError:
        raise Unauthenticated(_("The signature says no time.")) from None
    greatest = 60 * minutes
    if age < -greatest:
        raise StaleSignature(_("The signature is from the future; compare the clocks of both sides."))
    if not age <= greatest:
        raise StaleSignature(_("The signature is older than this source accepts."))


@dataclass(frozen=True, slots=True)
class HmacSignature:
    """HMAC-SHA256 of the body in hexadecimal, in a header; the key is a setting of the source.

    Called with a post, it raises ``Unauthenticated`` unless the signature fits.
    """

    header: str
    """In lower case."""
    setting: str = SECRET.key

    def __call__(self, request: WebhookRequest, settings: Settings) -> None:
        key = require_setting(settings, self.setting, SECRET.label)
        signature = request.headers.get(self.header, "").removeprefix("sha256=")
        if not equal_secrets(signature, hmac.new(key.encode(), request.body, "sha256").hexdigest()):
            raise Unauthenticated(_("The signature is missing or wrong."))
