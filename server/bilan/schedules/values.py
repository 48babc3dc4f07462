"""What the services of this area take and hand out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from bilan.delivery.values import USUAL_PROTECTED_LINK, Addressee, FileContent, Mode, ProtectedLink
from bilan.i18n import USUAL_FORMATS, DisplayFormats
from bilan.schedules.approval import ApprovalRule
from bilan.schedules.catch_up import CatchUp
from bilan.schedules.condition import SendCondition
from bilan.schedules.freshness import FreshnessRule
from bilan.schedules.occurrences import Timetable
from bilan.schedules.split_rule import RecipientValues, SplitRule
from bilan.sdk.messages import Message


class ScheduleState(StrEnum):
    """Whether a schedule has its report sent."""

    ACTIVE = "active"
    PAUSED = "paused"
    """Until somebody resumes it; nothing is expected meanwhile."""
    SUSPENDED = "suspended"
    """Nobody is there to act for. What comes due is left out, until somebody takes the schedule over."""
    ENDED = "ended"
    """Nothing follows."""
    DELETED = "deleted"
    """Kept to tell what was sent, and listed nowhere else."""


class OccurrenceState(StrEnum):
    """What became of an occurrence. All but the first four are final."""

    PLANNED = "planned"
    AWAITING_SOURCES = "awaiting_sources"
    """It was due before its sources had reported all of its days."""
    BEGUN = "begun"
    """Its report is being built or sent."""
    WAITING = "waiting"
    """It is built, and waits for somebody to say yes."""
    SENT = "sent"
    """The mail server of each recipient took it."""
    INCOMPLETE = "incomplete"
    """Some recipients did not get it, or nobody knows whether they did."""
    FAILED = "failed"
    """It could not begin, its report could not be built, or nobody got it."""
    WITHHELD = "withheld"
    """Its report was built, and there was a reason not to send it."""
    LEFT_OUT = "left_out"
    """It was missed and is not made up for, its sources were late, or there was nobody to act for."""
    CANCELLED = "cancelled"
    """Somebody stopped it before anybody got it."""

    @property
    def final(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self not in (OccurrenceState.PLANNED, OccurrenceState.AWAITING_SOURCES, *UNDER_WAY)


UNDER_WAY = (OccurrenceState.BEGUN, OccurrenceState.WAITING)
"""The states of what is being worked on."""


@dataclass(frozen=True, slots=True)
class DeliveryOptions:
    """How a schedule's report arrives.

    ``formats`` are keys of file formats; without any the e-mail holds the
    figures alone. ``days`` is how long links last. Without a ``language`` it
    is that of each recipient. ``message`` stands above the figures.
    ``protected`` says more of what arrives by protected link.
    """

    formats: tuple[str, ...] = ()
    mode: Mode = Mode.LINK
    days: int = 7
    language: str | None = None
    message: str = ""
    display: DisplayFormats = USUAL_FORMATS
    """How days and times of day are written."""
    content: FileContent = FileContent.USUAL
    """What its files hold: everything, or the parts that the report chose."""
    protected: ProtectedLink = USUAL_PROTECTED_LINK


@dataclass(frozen=True, slots=True)
class ScheduleDraft:
    """What somebody chose: which report, when and for which days, to whom and how, and what of the missed.

    ``to`` are addresses; without any being named it goes to whoever creates
    the schedule. Without ``delivery`` the files are those of the report,
    without a ``condition`` it is always sent, without an ``approval`` it
    waits for nobody, without ``freshness`` for no source. With
    ``tells_changes`` each report says what changed since the last copy.
    With a ``split`` each recipient gets their part;
    whoever stands in its ``table`` is a recipient too.
    """

    report: UUID
    timetable: Timetable
    to: tuple[str, ...] | None = None
    delivery: DeliveryOptions | None = None
    catch_up: CatchUp = CatchUp.LATEST
    condition: SendCondition | None = None
    approval: ApprovalRule | None = None
    split: SplitRule | None = None
    table: tuple[RecipientValues, ...] = ()
    freshness: FreshnessRule | None = None
    tells_changes: bool = False


@dataclass(frozen=True, slots=True)
class Schedule:
    """A report that is sent again and again, with the rights that its owner has at that moment.

    ``recipients`` have the addresses and names that they have now; whoever
    has left, those of when they were chosen. ``next_due_at`` (UTC) is when the next occurrence comes due.
    ``version`` counts what was saved. ``reason`` says why it is suspended or
    has ended. ``table`` holds the values of recipients beside the addresses
    for which they were written.
    """

    id: UUID
    workspace: UUID
    report: UUID
    report_name: str
    """As it was called when the schedule was last saved."""
    timetable: Timetable
    recipients: tuple[Addressee, ...]
    delivery: DeliveryOptions
    catch_up: CatchUp
    condition: SendCondition | None
    approval: ApprovalRule | None
    split: SplitRule | None
    table: tuple[RecipientValues, ...]
    freshness: FreshnessRule | None
    tells_changes: bool
    owner: UUID
    owner_name: str
    state: ScheduleState
    reason: Message | None
    next_due_at: datetime | None
    version: int
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class RecordedOccurrence:
    """An occurrence of a schedule as it is written down, before it is due and ever after.

    ``nominal`` is its wall time with the zone's name, ``due_at`` (UTC) when it
    was to begin. ``run`` is what it began, of the report as it was in its
    ``report_version``; ``reason`` says why there is none, or why it was not
    sent to all. ``report_name`` is what the report was called when the
    schedule was last saved. Of so many ``recipients``, ``reached`` had it
    taken by their mail servers. ``asked_by_name`` is who had it sent beside
    what was planned, ``decided_by_name`` who said yes or no to it, which
    could be said until ``approval_until``. ``waits_until`` is when its time to
    wait for its sources is over, where it waits or has waited for them.
    """

    id: UUID
    schedule: UUID
    report_name: str
    nominal: str
    due_at: datetime
    state: OccurrenceState
    reason: Message | None
    run: UUID | None
    report_version: int | None
    settled_at: datetime | None
    asked_by_name: str | None
    approval_until: datetime | None
    waits_until: datetime | None
    decided_by_name: str | None
    recipients: int
    reached: int


@dataclass(frozen=True, slots=True)
class OccurrencePage:
    """Some occurrences of a schedule, the last due first, and how many the whole list has."""

    occurrences: tuple[RecordedOccurrence, ...]
    total: int


@dataclass(frozen=True, slots=True)
class PartRecipient:
    """Whose part it is. ``reason`` says why nothing goes to them. Who was erased has no name and address."""

    id: UUID
    name: str
    address: str
    reason: Message | None


@dataclass(frozen=True, slots=True)
class OccurrencePart:
    """A part of an occurrence: its values, the run that holds it alone, whose it is, what became of it."""

    id: UUID
    values: tuple[str, ...]
    run: UUID | None
    state: OccurrenceState
    reason: Message | None
    recipients: tuple[PartRecipient, ...]


@dataclass(frozen=True, slots=True)
class OccurrenceParts:
    """The parts of an occurrence in order, and those who have none."""

    parts: tuple[OccurrencePart, ...] = ()
    without: tuple[PartRecipient, ...] = ()
