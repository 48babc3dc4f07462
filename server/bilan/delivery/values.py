"""What the services of this area take and hand out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from bilan.runs.values import Run
from bilan.sdk.messages import Message


class Mode(StrEnum):
    """How files arrive."""

    LINK = "link"
    ATTACH = "attach"


class DeliveryState(StrEnum):
    """Where a delivery is."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    HANDED_OVER = "handed_over"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    ARRIVED = "arrived"
    """It was unknown, and a person says so."""
    REPEATED = "repeated"
    """It was unknown, and a person had it sent once more."""

    @property
    def over(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self not in (DeliveryState.PLANNED, DeliveryState.CLAIMED, DeliveryState.HANDED_OVER)


@dataclass(frozen=True, slots=True)
class AttachmentFormat:
    """A file that goes along with a sending, as it is stored: the key of its format."""

    format: str


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody whom a sending goes to. Without a language of their own, the workspace's counts."""

    id: UUID
    address: str
    name: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class NewSending:
    """What somebody asks to be sent, to whom and how.

    ``to`` are addresses. ``formats`` are keys of file formats; without any
    the e-mail holds the figures alone. ``language`` is by default that of
    each recipient. ``key`` is chosen by whoever asks: the same one again
    sends nothing again.
    """

    to: tuple[str, ...]
    key: str
    mode: Mode = Mode.LINK
    formats: tuple[str, ...] = ("csv",)
    language: str | None = None
    days: int = 7
    message: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the ledger: what one recipient got. Moments are in UTC.

    ``run`` is whose report is sent, ``job`` the job that sends it.
    ``answer`` are the last words of the mail server, ``reason`` says what
    went wrong. ``attached`` says whether the files were inside.
    """

    id: UUID
    run: UUID
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
