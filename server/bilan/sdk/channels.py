"""Ways to hand a report over to people: e-mail in the core, others by plugins."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bilan.sdk.document import Document
from bilan.sdk.messages import Message
from bilan.sdk.rendering import Look, Rows


@dataclass(frozen=True, slots=True)
class ParcelFile:
    """A file of the report. ``url`` downloads it without a sign-in until the parcel's links expire."""

    name: str
    label: Message
    media_type: str
    size: int
    url: str
    content: Callable[[], bytes]
    """Reads the bytes; for threads."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A report on its way to one recipient.

    ``ident`` is the same for every attempt at the same delivery, so that a
    recipient can be told of a repetition. ``attach`` asks for the files
    themselves rather than links to them; ``sender_address`` is empty where
    no person sends. ``look`` holds the recipient's language.
    """

    ident: str
    address: str
    name: str
    sender: str
    sender_address: str
    document: Document
    look: Look
    rows: Rows
    files: tuple[ParcelFile, ...]
    attach: bool
    page: str
    """Where the report is read online, by those who may."""
    sent_at: datetime
    links_until: datetime
    message: str = ""
    """What the sender wrote along with it."""


@dataclass(frozen=True, slots=True)
class Package:
    """A parcel made ready: the exact bytes to hand over. ``attached`` says whether files are inside."""

    ident: str
    sender: str
    recipient: str
    content: bytes
    attached: bool


class Fate(StrEnum):
    """What became of an attempt."""

    ACCEPTED = "accepted"
    """The other side has taken it over."""
    REFUSED = "refused"
    """The other side does not want it, now or later."""
    LATER = "later"
    """Nothing was taken over; trying again later is right."""
    UNKNOWN = "unknown"
    """The other side may or may not have it. Never tried again by itself."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """How an attempt ended, with the other side's own words."""

    fate: Fate
    answer: str = ""


Leaving = Callable[[], Awaitable[None]]
"""To be awaited right before the first byte of the content leaves; raises where it must not leave."""


class Carrier(Protocol):
    """A channel that knows the server it works for."""

    def pack(self, parcel: Parcel) -> Package:
        """Make the parcel ready. For threads; the same parcel gives the same bytes."""
        ...

    async def carry(self, package: Package, leaving: Leaving) -> Receipt:
        """Hand the package over, once. Whatever goes wrong is a receipt, not an exception."""
        ...


class Keep(Protocol):
    """Keeps a package in the server's own outbox, where people can look at it."""

    async def __call__(self, package: Package) -> None: ...


@dataclass(frozen=True, slots=True)
class Setup:
    """What a channel is opened with.

    ``setting`` reads a setting of the server by its name in lower case, such
    as ``mail_url``, or the environment variable ``BILAN_…`` of a plugin's
    own. ``keep`` stands in where nothing outside is set.
    """

    setting: Callable[[str], str]
    public_url: str
    keep: Keep


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to hand over. ``open`` is called once, when the server starts; it connects to nothing yet."""

    key: str
    label: Message
    open: Callable[[Setup], Carrier]
