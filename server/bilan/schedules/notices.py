"""Notices: the owner of a schedule hears of an occurrence that failed; its recipients never do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from tortoise.expressions import Q

from bilan.accounts.principals import principal_for_schedule
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.delivery.models import DeliveryRow
from bilan.delivery.plain_mails import PlainMails
from bilan.delivery.recipients import unwanted
from bilan.delivery.values import Addressee, DeliveryState, PlainMail
from bilan.schedules.conclude import GOT_IT, best_of
from bilan.schedules.models import OccurrencePartRow, OccurrenceRow, ScheduleRow
from bilan.schedules.values import OccurrenceState, ScheduleState
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _, ngettext

log = structlog.get_logger(__name__)

TOLD = Q(state__in=(OccurrenceState.FAILED, OccurrenceState.INCOMPLETE)) | Q(
    state=OccurrenceState.WITHHELD, approval_until__isnull=False
)
"""What the owner hears of: what failed, and what nobody said yes to."""
NAMED = 10
"""So many recipients are named in a notice; the others are counted."""
OLDEST = timedelta(days=7)
"""What failed longer ago is no news."""
AT_ONCE = 100
"""Notices that one sweep writes; the next goes on."""


class FailureNotices:
    """Writes to the owners of schedules, once for each time that an occurrence failed. For the ticker."""

    def __init__(self, catalog: Catalog, clock: Clock, mails: PlainMails, public_url: str) -> None:
        self._catalog, self._clock, self._mails, self._public_url = catalog, clock, mails, public_url

    async def sweep(self) -> int:
        """Write about what failed and was not written about; how many."""
        since = self._clock.now() - OLDEST
        found = OccurrenceRow.filter(TOLD, notified_at__isnull=True, settled_at__gte=since)
        return sum([await self._notify(row.id) for row in await found.limit(AT_ONCE).only("id")])

    async def _notify(self, occurrence: UUID) -> int:
        async with self._catalog.transaction():
            found = OccurrenceRow.filter(TOLD, id=occurrence, notified_at__isnull=True)
            row = await found.select_for_update(skip_locked=True).first()
            if row is None:
                return 0  # another process does it, or it is sent again
            row.notified_at = self._clock.now()
            await row.save(update_fields=["notified_at"])
            schedule = await ScheduleRow.get(id=row.schedule_id)
            owner = await principal_for_schedule(schedule.id, schedule.owner, schedule.workspace_id)
            # Whoever deleted it, or said no to it, knows; where nobody is there to act for, it is listed.
            known = schedule.state == ScheduleState.DELETED or _said_no(row, schedule)
            if owner is not None and not known and not await _unwanted(row):
                mail = await self._mail(row, schedule)
                to = Addressee(owner.person, owner.email, owner.name, owner.language, owner.zone)
                key = f"failed:{row.id.hex}:{row.notified_at.timestamp():.0f}"
                await self._mails.send(schedule.workspace_id, to, mail, key, sent_by_name="Bilan")
        log.info("owner notified", occurrence=str(occurrence))
        return 1

    async def _mail(self, row: OccurrenceRow, schedule: ScheduleRow) -> PlainMail:
        name, at = schedule.report_name, row.due_at.isoformat()
        if row.state != OccurrenceState.INCOMPLETE:
            again = row.state == OccurrenceState.FAILED and await _built(row)
            subject = _("{report} was not sent", report=name)
            said = (
                _("What was due on {at:instant} was sent to nobody.", at=at),
                *((row.reason,) if row.reason is not None else ()),
                _("It can be sent again on the page behind this button.")
                if again
                else _("To have it sent all the same, open its schedule and send it now."),
            )
        else:
            subject = _("{report} was not sent to everybody", report=name)
            said = (
                _("What was due on {at:instant} did not reach everybody, as far as is known.", at=at),
                *await _missed(row),
                _(
                    "The others have it. It can be sent to the rest, with the same files, on the page "
                    "behind this button."
                ),
            )
        return PlainMail(
            subject=subject,
            paragraphs=said,
            button=_("Look at it"),
            url=f"{self._public_url}/occurrences/{row.id}",
        )


def late(report: str, due_at: datetime, stale: Iterable[Message], url: str, *, sent: bool) -> PlainMail:
    """What the owner hears of an occurrence whose sources had not reported all of its days in time."""
    at = due_at.isoformat()
    if sent:
        subject = _("{report} is sent as provisional", report=report)
        said = _(
            "What was due on {at:instant} has waited for its sources and is sent now, marked as provisional.",
            at=at,
        )
    else:
        subject = _("{report} was not sent", report=report)
        said = _(
            "What was due on {at:instant} was left out: its sources had not reported all of its days.", at=at
        )
    return PlainMail(subject=subject, paragraphs=(said, *stale), button=_("Look at it"), url=url)


def _said_no(row: OccurrenceRow, schedule: ScheduleRow) -> bool:
    """Whether the owner themselves said no to it."""
    mine = schedule.approval is not None and schedule.approval.approver == schedule.owner
    return mine and row.state == OccurrenceState.WITHHELD and row.decided_by_name is not None


async def _built(row: OccurrenceRow) -> bool:
    """Whether anything of it was begun that can be sent, or built, once more."""
    begun = OccurrencePartRow.filter(occurrence_id=row.id, run__isnull=False)
    return row.run is not None or await begun.exists()


async def _unwanted(row: OccurrenceRow) -> bool:
    """Whether all have it but those who want no more, which is listed each time and no news."""
    if row.state != OccurrenceState.INCOMPLETE:
        return False
    unsent, missed = await _not_reached(row)
    return not unsent and bool(missed) and all(map(unwanted, missed))


async def _not_reached(row: OccurrenceRow) -> tuple[Sequence[OccurrencePartRow], Sequence[DeliveryRow]]:
    """Parts that failed before anything of them was to be sent, and the rows of who did not get theirs."""
    rows = DeliveryRow.filter(sending__occurrence=row.id)
    best = best_of(await rows.order_by("created_at").select_related("sending"))
    parts = await OccurrencePartRow.filter(occurrence_id=row.id, state=OccurrenceState.FAILED)
    unsent = [one for one in parts if not any(sent.sending.run == one.run for sent in best)]
    return unsent, [one for one in best if one.state not in GOT_IT]


async def _missed(row: OccurrenceRow) -> Sequence[Message]:
    """Who did not get it, each with the reason."""
    unsent, missed = await _not_reached(row)
    told = [*map(_part, unsent), *map(_one, missed)][:NAMED]
    if (rest := len(unsent) + len(missed) - NAMED) > 0:
        told.append(ngettext("And one more.", "And {count} more.", count=rest))
    return told


def _one(row: DeliveryRow) -> Message:
    if row.state == DeliveryState.UNKNOWN:
        return _("{name}: nobody knows whether it arrived.", name=row.name)
    return _("{name}: {reason}", name=row.name, reason=row.reason or _("It was not sent."))


def _part(row: OccurrencePartRow) -> Message:
    values = ", ".join(row.values)
    return _("The part {values}: {reason}", values=values, reason=row.reason or _("It was not sent."))
