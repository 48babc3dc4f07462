"""Where facts come from, as a plugin declares it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from bilan.sdk.columns import FactColumns
from bilan.sdk.datasets import Fact, Reject, Retract, RowFacts
from bilan.sdk.delivery_reports import DeliveryReport
from bilan.sdk.messages import Message
from bilan.sdk.parameters import Parameter
from bilan.sdk.pulls import Pull
from bilan.sdk.reports import Example
from bilan.sdk.sample_services import SampleReply, SampleRequest

Settings = Mapping[str, Any]
LARGEST_POST = 16 * 1024**2
"""Bytes of a post where its kind of source says nothing else."""


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """An HTTP request as it arrived. Header names are lower case."""

    body: bytes
    headers: Mapping[str, str]
    query: Mapping[str, str]
    content_type: str
    received_at: datetime
    """Only for refusing stale signatures. Facts take their time from the payload."""
    url: str = ""
    """The address that was posted to, as the server is known, with its query. For ``verify`` alone."""
    certificate: bytes = b""
    """What a ``CertifiedWebhook`` asked for, in the form in which it was found. For ``verify`` alone."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a post was proved with, where that does not cover its body: it is good for one content alone.

    ``key`` tells the proof from all others of its source; ``content`` is a
    digest of what the post says, the same whenever the service repeats it.
    """

    key: str
    content: str


class Webhook(Protocol):
    """How a service's posts are checked and read.

    Both methods are pure and quick, and blocking: they are called in threads
    of their own, ``verify`` with whatever a stranger sends, for ten seconds at most.
    """

    def verify(self, request: WebhookRequest, settings: Settings) -> Proof | None:
        """Raise ``Unauthenticated`` with a sentence unless the sender proves itself.

        Where the proof does not cover the body, it is returned: the core then
        refuses it for another content, and takes a repeat once. Not called
        where the source's ``verify`` setting is ``off``.
        """
        ...

    def parse(
        self, request: WebhookRequest, settings: Settings
    ) -> Iterable[Fact | Retract | Reject | FactColumns | DeliveryReport]:
        """The facts in the body, one by one or many at once, and those that it takes back.

        Raises ``Invalid`` where the body as a whole cannot be read. The same
        body always gives the same facts.
        """
        ...


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handshake is answered with: at most 1,000 characters, sent as plain text with status 200."""

    text: str


@runtime_checkable
class HandshakeWebhook(Webhook, Protocol):
    """A ``Webhook`` whose service asks by GET whether the address answers as it should, before it posts."""

    def greet(self, request: WebhookRequest, settings: Settings) -> Reply | None:
        """The answer that the service waits for, or ``None`` where the request is no handshake.

        Raises ``Unauthenticated`` where who asks does not prove itself. Pure and
        quick like ``verify``, and called also where ``verify`` is ``off``.
        """
        ...


@runtime_checkable
class RoutedWebhook(Webhook, Protocol):
    """A ``Webhook`` of a service that posts for several sources to one address.

    Its kind names in ``SourceKind.routed_by`` the setting that tells its sources
    apart. See docs/decisions/085.
    """

    def split(self, request: WebhookRequest) -> Mapping[str, bytes]:
        """The bodies of the posts that this one is made of, by what their source has in that setting.

        What names no source stands under an empty key. Together they hold what
        the post holds; ``parse`` rejects in its own words what is for another
        source than the one it is given for. Raises ``Invalid`` where the body as a whole
        cannot be read. Pure and quick like ``parse``.
        """
        ...


@runtime_checkable
class CertifiedWebhook(Webhook, Protocol):
    """A ``Webhook`` of a service that signs with a certificate, and asks to have its subscription confirmed.

    The core fetches the certificate, keeps it for a day, and asks the address that confirms: with its
    own client, by ``https``, of these hosts alone. See docs/decisions/109.
    """

    def hosts(self, settings: Settings) -> tuple[str, ...]:
        """The hosts that may be asked, each by its whole name; none where the settings do not say them.

        Pure, like the others.
        """
        ...

    def certificate(self, request: WebhookRequest, settings: Settings) -> str:
        """The address of the certificate that the post says it is signed with; empty where none is needed.

        Asked before anything is proved. ``verify`` then finds it in ``WebhookRequest.certificate``.
        Raises ``Unauthenticated`` for a post that is for another source, or names another host.
        """
        ...

    def confirmation(self, request: WebhookRequest, settings: Settings) -> str:
        """The address to ask by GET so that the service goes on; empty where the post asks for nothing.

        Called once ``verify`` has let the post in, and also where it is ``off``. Where nobody answers,
        the post is refused with 503, and the service sends it again.
        """
        ...


def _no_picture(_name: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A file to read: where it lies now and what it was called."""

    path: Path
    name: str
    companions: Mapping[str, Path] = field(default_factory=dict[str, Path])
    """Other files handed over together with it, by their names."""
    sheet: str = ""
    """The sheet of a workbook that somebody asked for, or the file of an archive of several."""
    encoding: str = ""
    """The encoding of its text, where somebody said it."""
    picture: Callable[[str], str] = field(default=_no_picture, compare=False, repr=False)
    """Keeps a picture that was handed over together with the file, by its name: a companion, or a member
    of a ZIP archive among the file and its companions. Gives its key for a column of pictures, or
    nothing where there is none that can be used, and at a look before the file is read into a source."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """A column of the file put to a use, as proposed from the header or corrected by a person."""

    column: str
    target: str
    """A column of the dataset; empty ignores the file's column."""
    sample: str = ""
    written: str = ""
    """How its dates or numbers are written, where a person says so: a ``DateOrder`` or a ``DecimalMark``."""


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """How the columns of a file become a dataset's. ``constants`` fill what no column holds."""

    dataset: str
    columns: tuple[Mapped, ...]
    constants: Mapping[str, str] = field(default_factory=dict[str, str])
    sheet: str = ""
    """The sheet to read of a workbook with several, or the file of an archive."""
    encoding: str = ""
    """The encoding that its text is read in, where that is not UTF-8."""


class Reader(Protocol):
    """Reads one kind of file. ``key`` names it on the command line (``--as``)."""

    @property
    def key(self) -> str:
        """Short and stable, for example ``mailchimp-report``."""
        ...

    @property
    def label(self) -> Message:
        """What people see."""
        ...

    def recognises(self, file: ImportFile) -> float:
        """How surely the file is of this kind, from 0 (no) to 1, from its name and first bytes."""
        ...

    def propose(self, file: ImportFile, settings: Settings) -> ColumnMapping | None:
        """The column mapping for a person to correct, or ``None`` where the format leaves nothing open."""
        ...

    def read(
        self, file: ImportFile, settings: Settings, mapping: ColumnMapping | None
    ) -> Iterator[Fact | Retract | RowFacts | Reject | FactColumns]:
        """The facts of the file, streamed: one by one, or many at once as columns, which is far quicker.

        Raises ``Invalid`` where the file as a whole cannot be read.
        """
        ...


@runtime_checkable
class Rereader(Protocol):
    """A ``Reader`` that once read some of its files otherwise, so that people are asked for them again."""

    def why_again(self, mapping: ColumnMapping | None) -> Message | None:
        """What an earlier release made of files with this mapping and cannot be mended, or ``None``."""
        ...


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A kind of source that can be added.

    ``key`` is unique in the plugin (``sendgrid``). ``settings`` are rendered as a
    form. A kind with a webhook also gets the setting ``verify`` (``on`` or
    ``off``) from the core. ``settling_hours``: how long after their time facts
    may still come in; a schedule that waits for its sources waits so much longer. ``largest_post``:
    the most bytes of a post, as its service would send it. ``routed_by``: the
    text setting by which posts find their source, where ``webhook`` is a ``RoutedWebhook``.
    ``profile``: the text setting that holds the key of a profile, where ``pull`` is a ``Discovery``.
    ``pulled_with``: the setting without which a source is not pulled, where facts come to it by other
    ways too.
    """

    key: str
    label: Message
    description: Message
    settings: tuple[Parameter, ...] = ()
    webhook: Webhook | None = None
    readers: tuple[Reader, ...] = ()
    settling_hours: int = 1
    setup: Message | None = None
    """How to point the service at the webhook's address, in a sentence or two."""
    largest_post: int = LARGEST_POST
    routed_by: str = ""
    pull: Pull | None = None
    profile: str = ""
    pulled_with: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """A webhook post as a service would send it. Header names are lower case."""

    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Sample:
    """Sample data as a source of its own: real files or posts, or simulated ones that say so in ``note``.

    ``posts`` and ``files`` are called when the sample is loaded; ``files``
    may write into the folder it is given and gets the present moment (UTC),
    for samples that should reach up to today. ``reports`` gets it too, and
    gives examples by report kind that name keys of these very facts, which no
    kind can know: the demo shows them beside the kinds' own.
    """

    kind: str
    name: str
    note: Message
    posts: Callable[[], Iterable[Post]] | None = None
    files: Callable[[Path, datetime], Iterable[ImportFile]] | None = None
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    reports: Callable[[datetime], Mapping[str, Example]] | None = None
    answers: Callable[[SampleRequest], SampleReply] | None = None
    """How the service would answer, where the kind is pulled: pure, for the contract suite to pull from."""
    mails: Callable[[], Iterable[bytes]] | None = None
    """The messages of the mailbox, where the kind reads one: as they were received, the oldest first."""
    demo: bool = True
    """Whether the demo shows it; if not, it is for tests alone."""
