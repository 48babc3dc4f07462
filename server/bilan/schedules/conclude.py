"""Concluding: what became of an occurrence once its run and its sendings are over, written down for good.

An occurrence that somebody has sent again, or whose unknown rows somebody
resolves, is concluded again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from bilan.catalog import Catalog
from bilan.catalog.statements import rows
from bilan.clock import Clock
from bilan.delivery.models import DeliveryRow, LetterRow, SendingRow
from bilan.delivery.values import DeliveryState
from bilan.schedules.models import OccurrencePartRow, OccurrenceRow, PartRecipientRow, ScheduleRow
from bilan.schedules.values import OccurrenceState, ScheduleState
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _, ngettext
from bilan.work import State
from bilan.work.models import JobRow

log = structlog.get_logger(__name__)

OVER = """
SELECT occurrence.id AS id FROM occurrence LEFT JOIN job ON job.id = occurrence.run
WHERE occurrence.state IN ('begun', 'waiting') AND (job.id IS NULL OR job.state NOT IN ('waiting', 'running'))
AND NOT EXISTS (
  SELECT 1 FROM sending JOIN delivery ON delivery.sending_id = sending.id
  WHERE sending.occurrence = occurrence.id
    AND delivery.state IN ('planned', 'claimed', 'handed_over', 'withheld')
)
AND NOT EXISTS (
  SELECT 1 FROM occurrence_part JOIN job AS part_job ON part_job.id = occurrence_part.run
  WHERE occurrence_part.occurrence_id = occurrence.id AND part_job.state IN ('waiting', 'running')
)
UNION ALL
SELECT occurrence.id AS id FROM occurrence WHERE occurrence.state = 'incomplete' AND EXISTS (
  SELECT 1 FROM sending JOIN delivery ON delivery.sending_id = sending.id
  WHERE sending.occurrence = occurrence.id AND delivery.settled_at > occurrence.settled_at
)
UNION
SELECT occurrence.id AS id FROM delivery
JOIN sending ON sending.id = delivery.sending_id JOIN occurrence ON occurrence.id = sending.occurrence
WHERE delivery.state = 'bounced' AND occurrence.state = 'sent' AND delivery.settled_at > occurrence.settled_at
LIMIT 200
"""
"""Occurrences of which nothing goes on any more, and those of which something was settled since."""
GOT_IT = (DeliveryState.ACCEPTED, DeliveryState.ARRIVED)
RUN_GONE = _("Its run was deleted before it was sent.")
DELETED = _("The schedule was deleted before this was sent.")
STOPPED = _("Somebody stopped it before it was sent.")
WITHOUT_FILE = _("It was sent without a file for tables, since the report had no table to attach.")
NOBODY = _("There was nobody to send it to.")
MISSED = (OccurrenceState.FAILED, OccurrenceState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """How an occurrence ended, and why."""

    state: OccurrenceState
    reason: Message | None = None


class Conclusions:
    """Writes down how occurrences ended. For the ticker of every process."""

    def __init__(self, catalog: Catalog, clock: Clock) -> None:
        self._catalog, self._clock = catalog, clock

    async def sweep(self) -> int:
        """Conclude what is over; how many."""
        return sum([await self._conclude(UUID(str(row["id"]))) for row in await rows(OVER)])

    async def _conclude(self, occurrence: UUID) -> int:
        # What is settled while this is read is later than that, and looked at again.
        now = self._clock.now()
        async with self._catalog.transaction():
            row = await OccurrenceRow.filter(id=occurrence).select_for_update(skip_locked=True).first()
            concluded = await conclusion(row) if row is not None else None
            if row is None or concluded is None:
                return 0  # another process does it, or it was sent again meanwhile
            if row.state == OccurrenceState.INCOMPLETE and _counted(concluded.reason) > _counted(row.reason):
                row.notified_at = None  # whoever is missing by now is news
            row.state, row.reason, row.settled_at = concluded.state, concluded.reason, now
            await row.save()
        log.info("occurrence concluded", occurrence=str(occurrence), outcome=concluded.state)
        return 1


async def conclusion(row: OccurrenceRow) -> Conclusion | None:
    """How an occurrence ended; ``None`` where something of it goes on. How its parts did is written down."""
    sent = DeliveryRow.filter(sending__occurrence=row.id).order_by("created_at").select_related("sending")
    deliveries = await sent
    if not all(DeliveryState(one.state).over for one in deliveries):
        return None
    parts = await OccurrencePartRow.filter(occurrence_id=row.id).order_by("position")
    if not parts:
        return await _ended(row, row.run, deliveries)
    for part in parts:
        theirs = [one for one in deliveries if one.sending.run == part.run]
        if theirs or part.state == OccurrenceState.BEGUN:
            ended = await _ended(row, part.run, theirs)
            part.state, part.reason = ended.state, ended.reason or part.reason
            await part.save(update_fields=["state", "reason"])
    return _together(parts, await PartRecipientRow.filter(occurrence_id=row.id, reason__isnull=False).count())


async def _ended(row: OccurrenceRow, run: UUID | None, deliveries: Sequence[DeliveryRow]) -> Conclusion:
    """How a run of an occurrence, and what was sent of it, ended."""
    if deliveries:
        return await _sent(row, deliveries)
    job = await JobRow.get_or_none(id=run)
    if job is None:
        return Conclusion(OccurrenceState.FAILED, RUN_GONE)
    match job.state:
        case State.CANCELLED:
            return await _cancelled(row)
        case State.FAILED:
            return Conclusion(OccurrenceState.FAILED, job.error)
        case _:
            return Conclusion(OccurrenceState.WITHHELD, NOBODY)


def _counted(reason: Message | None) -> int:
    """How many did not get it, as the reason says."""
    count = reason.args.get("count") if reason is not None else None
    return count if isinstance(count, int) else 0


def _together(parts: Sequence[OccurrencePartRow], left: int) -> Conclusion:
    """How parts ended together. ``left`` counts recipients who got nothing though no part failed."""
    states = [OccurrenceState(one.state) for one in parts]
    reached = states.count(OccurrenceState.SENT)
    missed = [one for one in parts if one.state in MISSED]
    if OccurrenceState.INCOMPLETE in states or (reached and missed):
        return Conclusion(OccurrenceState.INCOMPLETE, _told(len(parts), len(parts) - reached))
    if reached == len(parts):
        said = ngettext(
            "One recipient got nothing; their row says why.",
            "{count} recipients got nothing; their rows say why.",
            count=left,
        )
        return Conclusion(OccurrenceState.SENT, said if left else None)
    if reached:
        return Conclusion(OccurrenceState.SENT, _told(len(parts), len(parts) - reached))
    worst = next(iter(missed), parts[0])
    return Conclusion(OccurrenceState(worst.state), worst.reason)


def _told(total: int, count: int) -> Message:
    return ngettext(
        "Of {total} parts one was not sent, or not to everybody; its row says why.",
        "Of {total} parts {count} were not sent, or not to everybody; their rows say why.",
        count=count,
        total=total,
    )


async def _sent(row: OccurrenceRow, deliveries: Sequence[DeliveryRow]) -> Conclusion:
    """By the best that each recipient got, of all that was sent to them."""
    best = best_of(deliveries)
    missed = missed_by(best)
    unknown = [one for one in best if one.state == DeliveryState.UNKNOWN]
    if not missed and not unknown:
        return Conclusion(OccurrenceState.SENT, await _without_file(best))
    if unknown or len(missed) < len(best):
        reason = ngettext(
            "Of {total} recipients one did not get it, as far as is known.",
            "Of {total} recipients {count} did not get it, as far as is known.",
            count=len(missed) + len(unknown), total=len(best),
        )  # fmt: skip
        return Conclusion(OccurrenceState.INCOMPLETE, reason)
    if await _stopped(missed):
        return await _cancelled(row, missed[0].reason)
    return Conclusion(OccurrenceState.FAILED, next(one.reason for one in missed if one.reason))


def best_of(deliveries: Iterable[DeliveryRow]) -> list[DeliveryRow]:
    """Of each recipient's rows, the oldest first, the last of those of which the best is known."""
    best = dict[UUID, DeliveryRow]()
    for one in deliveries:
        if one.recipient not in best or _rank(one) >= _rank(best[one.recipient]):
            best[one.recipient] = one
    return list(best.values())


def missed_by(best: Iterable[DeliveryRow]) -> list[DeliveryRow]:
    """The rows of those who certainly did not get it."""
    return [one for one in best if _rank(one) == 0]


async def _without_file(got: Sequence[DeliveryRow]) -> Message | None:
    """What is said where somebody got fewer files than were asked for, which a report without tables has."""
    for sending, several in _by_sending(got).items():
        letters = await LetterRow.filter(sending_id=sending.id)
        files = {(one.channel, one.language, one.letter): len(one.artifacts) for one in letters}
        for row in several:
            asked = len(sending.formats) if row.formats is None else len(row.formats)
            if files.get((row.channel, row.language, row.letter), asked) < asked:
                return WITHOUT_FILE
    return None


def _by_sending(deliveries: Iterable[DeliveryRow]) -> dict[SendingRow, list[DeliveryRow]]:
    found = dict[SendingRow, list[DeliveryRow]]()
    for one in deliveries:
        found.setdefault(one.sending, []).append(one)
    return found


async def _stopped(missed: Sequence[DeliveryRow]) -> bool:
    """Whether all of these were stopped, rather than kept back by something that failed."""
    steps = [one.step for one in missed if one.state == DeliveryState.CANCELLED]
    failed = JobRow.filter(steps__id__in=steps, state=State.FAILED)
    return len(steps) == len(missed) and not await failed.exists()


async def _cancelled(row: OccurrenceRow, reason: Message | None = None) -> Conclusion:
    deleted = await ScheduleRow.exists(id=row.schedule_id, state=ScheduleState.DELETED)
    return Conclusion(OccurrenceState.CANCELLED, DELETED if deleted else reason or STOPPED)


def _rank(row: DeliveryRow) -> int:
    """How much is known of a recipient's having got it."""
    if row.state in GOT_IT:
        return 2
    return 1 if row.state == DeliveryState.UNKNOWN else 0
