"""What the services of this area take and hand out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from bilan.i18n import USUAL_FORMATS, DisplayFormats
from bilan.recipients.values import EMAIL
from bilan.runs.values import Run
from bilan.sdk.messages import Message


class Mode(StrEnum):
    """How files arrive."""

    LINK = "link"
    ATTACH = "attach"
    PROTECTED = "protected"
    """Not with the e-mail at all: that leads to a page which opens by a password (:mod:`bilan.shares`)."""


class DeliveryState(StrEnum):
    """Where a delivery is."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    HANDED_OVER = "handed_over"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    WITHHELD = "withheld"
    """It waits until its recipient has confirmed their address."""
    ARRIVED = "arrived"
    """It was unknown, and a person says so; or its recipient called it spam."""
    BOUNCED = "bounced"
    """It was taken over, and a mail server on its way reported later that it could not be delivered."""
    REPEATED = "repeated"
    """It was unknown, and a person had it sent once more."""

    @property
    def over(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self not in UNSETTLED


UNSETTLED = (
    DeliveryState.PLANNED,
    DeliveryState.CLAIMED,
    DeliveryState.HANDED_OVER,
    DeliveryState.WITHHELD,
)


class FileContent(StrEnum):
    """What the files of a sending hold."""

    USUAL = "usual"
    """Files for programs everything, others the parts that the report chose."""
    EVERYTHING = "global"
    CHOSEN = "custom"
    """The parts that the report chose."""

    @property
    def options(self) -> dict[str, str]:
        """What a format is asked."""
        return {} if self is FileContent.USUAL else {"content": self.value}


@dataclass(frozen=True, slots=True)
class ProtectedLink:
    """How a report is shared that is sent by protected link.

    ``separately`` tells the password in an e-mail of its own, ``views`` is how
    often each recipient may open it, ``downloads`` whether they may take
    files along. Without a ``language`` the page is in that of each recipient.
    """

    separately: bool = False
    views: int | None = None
    downloads: bool = True
    language: str | None = None


USUAL_PROTECTED_LINK = ProtectedLink()


@dataclass(frozen=True, slots=True)
class AttachmentFormat:
    """A file that goes along with a sending, as it is stored: the key of its format."""

    format: str


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody whom a sending goes to. Without a language of their own, the workspace's counts.

    ``zone`` is the one that they want to see instants in; without one it is
    the report's. ``formats`` are the files they get, where they are not
    those of the sending. An ``external`` one is no person of the workspace;
    ``channel`` is what reaches them.
    """

    id: UUID
    address: str
    name: str
    language: str | None = None
    zone: str | None = None
    formats: tuple[str, ...] | None = None
    external: bool = False
    channel: str = EMAIL


@dataclass(frozen=True, slots=True)
class PlainMail:
    """An e-mail of a few sentences, as it is stored: in the reader's language once it leaves.

    ``button`` is what stands on its one button, and ``url`` where that leads;
    empty where it is the page on which the recipient confirms their address.
    ``chooses`` is what a link to choose a password tells, which is signed as
    the e-mail leaves: what is stored opens nothing. ``grant`` is that of a
    viewer: their link stands behind the button, and their password among the
    sentences where it ``tells_password``; both are put in as it leaves too.
    """

    subject: Message
    paragraphs: tuple[Message, ...]
    button: Message | None = None
    url: str = ""
    chooses: str = ""
    grant: str = ""
    tells_password: bool = False


@dataclass(frozen=True, slots=True)
class GrantWords:
    """What an e-mail to a viewer tells: their link, and the password where it is still kept."""

    url: str
    password: str


@dataclass(frozen=True, slots=True)
class NewSending:
    """What somebody asks to be sent, to whom and how.

    ``to`` are addresses. ``formats`` are keys of file formats; without any
    the e-mail holds the figures alone. ``language`` is by default that of
    each recipient. ``key`` is chosen by whoever asks: the same one again
    sends nothing again. ``display`` says how days and times of day are written.
    ``protected`` says more of what is sent by protected link.
    """

    to: tuple[str, ...]
    key: str
    mode: Mode = Mode.LINK
    formats: tuple[str, ...] = ("csv",)
    language: str | None = None
    days: int = 7
    message: str = ""
    display: DisplayFormats = USUAL_FORMATS
    test: bool = False
    """Whether it is a test, which says so, and whose links change nothing."""
    content: FileContent = FileContent.USUAL
    protected: ProtectedLink | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the ledger: what one recipient got. Moments are in UTC.

    ``run`` is whose report is sent, empty for a plain e-mail; ``job`` the job that sends it.
    ``answer`` are the last words of the mail server, ``reason`` says what
    went wrong. ``attached`` says whether the files were inside.
    """

    id: UUID
    run: UUID | None
    job: UUID
    channel: str
    recipient: UUID
    address: str
    name: str
    state: DeliveryState
    attempt: int
    mode: Mode
    attached: bool
    answer: str | None
    reason: Message | None
    sent_by_name: str
    created_at: datetime
    claimed_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A sending under way: the job that sends it, as a run, and its rows."""

    run: Run
    deliveries: tuple[Delivery, ...]
