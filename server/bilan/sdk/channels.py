"""Ways to hand a report over to people: e-mail in the core, others by plugins."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Protocol

from bilan.sdk.document import Document
from bilan.sdk.messages import Message
from bilan.sdk.parameters import Parameter
from bilan.sdk.rendering import RenderContext, Rows

ReadSetting = Callable[[str], str]
"""Reads a setting of the server by its name in lower case, such as ``mail_url``, or the environment
variable ``BILAN_…`` of a plugin's own."""


def _no_settings() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file of the report.

    ``url`` stands in the message for the link of each recipient, which
    downloads the file without a sign-in until it expires.
    """

    name: str
    label: Message
    media_type: str
    size: int
    url: str
    content: Callable[[], bytes]
    """Reads the bytes; for threads."""


@dataclass(frozen=True, slots=True)
class OutgoingReport:
    """A report on its way to everybody who gets it in one language, before it is a message.

    ``ident`` is the same for every attempt at the same sending. ``attach``
    asks for the files themselves rather than links to them;
    ``sender_address`` is empty where no person sends. ``render_context``
    holds the language and the zone of instants.

    ``subscription`` and ``confirmation`` stand in the message for addresses
    of each recipient's own: of the page on which they see what they get and
    end it, and of the one on which they confirm their address. Empty where
    there is nothing to end or to confirm.

    ``grant`` stands for the address at which each recipient reads a report
    that is sent by protected link: no figure is in such a message. ``password``
    stands for what is said of the password; empty where that comes by itself.
    Such a report goes by e-mail alone.
    """

    ident: str
    sender: str
    sender_address: str
    document: Document
    render_context: RenderContext
    rows: Rows
    files: tuple[ReportFile, ...]
    attach: bool
    page: str
    """Where the report is read online, by those who may."""
    sent_at: datetime
    links_until: datetime | None
    """When links end; without it they last ``links_days`` from when the message leaves."""
    message: str = ""
    """What the sender wrote along with it."""
    subscription: str = ""
    confirmation: str = ""
    grant: str = ""
    password: str = ""
    scheduled: bool = False
    """Whether it comes again and again."""
    test: bool = False
    """Whether it is a test: the message says so, and its links change nothing."""
    links_days: int = 7
    without: tuple[Message, ...] = ()
    """The formats that were asked for and of which there is no file, since the report has no table."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets a composed message.

    ``ident`` is the same for every attempt at the same delivery, so that a
    recipient can be told of a repetition. ``links`` are the recipient's own,
    one for each file of the report; so are ``subscription``, an address to
    which a plain POST ends what they get (RFC 8058), ``confirmation``, and ``grant``
    with the words about its ``password``.
    ``settings`` are what was filled in of a recipient of a channel that asks
    for some, its secrets in the clear.
    """

    ident: str
    address: str
    name: str
    links: tuple[str, ...] = ()
    subscription: str = ""
    confirmation: str = ""
    grant: str = ""
    password: str = field(default="", repr=False)
    settings: Mapping[str, Any] = field(default_factory=_no_settings, repr=False)


@dataclass(frozen=True, slots=True)
class RawMessage:
    """The exact bytes to hand over to a recipient. ``attached`` says whether files are inside.

    ``settings`` are those of the recipient, as far as sending takes them.
    """

    ident: str
    sender: str
    recipient: str
    content: bytes
    attached: bool
    settings: Mapping[str, Any] = field(default_factory=_no_settings, repr=False)


class DeliveryStatus(StrEnum):
    """The outcome of an attempt to send."""

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
    """How an attempt ended, with the other side's own words.

    ``reason`` is said in their place where they do not explain it.
    ``retry_after`` are the seconds that the other side asks for before it is
    tried again.
    ``address_refused`` says of a refusal that it is about the recipient's
    address, whatever is sent to it: nothing more goes there until somebody lifts that.
    """

    status: DeliveryStatus
    answer: str = ""
    reason: Message | None = None
    retry_after: float | None = None
    address_refused: bool = False


BeforeSend = Callable[[], Awaitable[None]]
"""To be awaited right before the first byte of the content leaves; raises where it must not leave."""


class Transport(Protocol):
    """Composes messages and sends them: a channel that knows the server it works for."""

    def compose(self, outgoing: OutgoingReport) -> bytes:
        """All that recipients share, made once. For threads; the same report gives the same bytes."""
        ...

    def address(self, composed: bytes, recipient: Recipient) -> RawMessage:
        """The message to one recipient. For threads; the same again gives the same bytes."""
        ...

    async def send(self, message: RawMessage, before_send: BeforeSend) -> Receipt:
        """Hand the message over, once. Whatever goes wrong is a receipt, not an exception."""
        ...

    async def aclose(self) -> None:
        """Give back what is held open between messages, as the server stops."""
        ...


class OutboxWriter(Protocol):
    """Writes a message into the server's own outbox, where people can look at it."""

    async def __call__(self, message: RawMessage) -> None: ...


@dataclass(frozen=True, slots=True)
class ChannelContext:
    """What a channel is opened with. ``outbox`` stands in where nothing outside is set."""

    setting: ReadSetting
    public_url: str
    outbox: OutboxWriter


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to hand over. ``open`` is called once, when the server starts; it connects to nothing yet.

    A channel reaches people at their addresses of e-mail, unless it has
    ``settings``: then it reaches recipients of its own, of whom these are filled
    in and kept, the secrets among them sealed. ``identify`` makes of them the
    address by which such a recipient is known, which holds no secret: it names
    where it leads, and no other has it. It raises ``Invalid`` with the path of what
    cannot be used.

    ``at_once`` says how many messages a process may hand over side by side: its
    transport's ``send`` is called so many times before the first has returned.
    """

    key: str
    label: Message
    open: Callable[[ChannelContext], Transport]
    settings: tuple[Parameter, ...] = ()
    identify: Callable[[Mapping[str, Any], ReadSetting], str] | None = None
    at_once: int = 1
