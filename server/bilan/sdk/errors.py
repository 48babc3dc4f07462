"""What goes wrong, as a code for programs and a sentence for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bilan.sdk.messages import Message

if TYPE_CHECKING:
    from bilan.sdk.http_client import HttpReply


class BilanError(Exception):
    """The base of every expected failure.

    ``code`` is stable and for programs, ``message`` says in a sentence what is
    wrong and what would be right, ``path`` names the field it is about.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    retry_after: ClassVar[int | None] = None
    """Seconds after which it is right to try again, where that is known."""
    reply: HttpReply | None = None
    """What a service answered, where a request of a pull's failed."""

    def __init__(self, message: Message, path: tuple[str, ...] = ()) -> None:
        super().__init__(str(message))
        self.message = message
        self.path = path


class Invalid(BilanError):
    """A value that cannot be used."""

    code = "invalid"
    status = 422


class NoTable(Invalid):
    """A format that holds tables alone was asked of a report that has none."""


class Unauthenticated(BilanError):
    """Nobody is signed in, or the credentials are wrong or expired."""

    code = "unauthenticated"
    status = 401


class StaleSignature(Unauthenticated):
    """A signature that was right once, and is older than its source accepts."""


class Forbidden(BilanError):
    """The actor may not do this."""

    code = "forbidden"
    status = 403


class NotFound(BilanError):
    """There is no such thing, or the actor may not know of it."""

    code = "not_found"
    status = 404


class Conflict(BilanError):
    """The thing is in a state that does not allow this."""

    code = "conflict"
    status = 409


class TooLarge(BilanError):
    """More than a stated limit allows."""

    code = "too_large"
    status = 413


class TooMany(BilanError):
    """The same was tried too often; waiting as long as the sentence says is right."""

    code = "too_many"
    status = 429


class Unavailable(BilanError):
    """A part outside the process does not answer; trying again later is right."""

    code = "unavailable"
    status = 503
    retry_after = 30


class Gone(BilanError):
    """What was there once and will not come back."""

    code = "gone"
    status = 410


class Expired(Gone):
    """A link whose time is over; a fresh one can be asked for."""

    code = "expired"


class Cancelled(BilanError):
    """Somebody stopped the work while it was running."""

    code = "cancelled"
    status = 409


class Misdeclared(BilanError):
    """A plugin declared something that cannot work. Raised at start-up, names the plugin."""

    code = "misdeclared"
