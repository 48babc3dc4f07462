"""The calendar: what the workspace's schedules send in a month, and what became of what is over."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from starlette.responses import Response

from bilan.schedules.values import OccurrenceState, RecordedOccurrence
from bilan.sdk.messages import Message
from bilan.sdk.periods import FIRST_DAY, LAST_DAY, midnight
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import view
from bilan_ui.words import OCCURRENCES

if TYPE_CHECKING:
    from bilan.schedules.preview import CalendarEntry

DAY, WEEK = timedelta(days=1), timedelta(days=7)
MONTH = relativedelta(months=1)
FEW = 6
"""So many of a day are shown at once; the others follow when they are asked for."""


@dataclass(frozen=True)
class CalendarItem:
    """Something that leaves or left: at which moment, what, and where more is said of it."""

    instant: datetime
    clock: str
    name: str
    href: str
    badge: tuple[str, Message] | None
    """What became of it, once it is over."""


@view
async def calendar(request: PageRequest) -> Response:
    """A month, by the days of the visitor's zone."""
    zone = request.formatter.zone
    today = request.services.clock.now().astimezone(ZoneInfo(zone)).date()
    first = _month(request.http.query_params.get("month", ""), today)
    start = first - timedelta(days=(first.weekday() - request.actor.first_weekday) % 7)
    after = first + MONTH
    days = 7 * -(-(after - start).days // 7)
    found = await _entries(request, midnight(first, zone), midnight(after, zone))
    shown = {
        "title": _capitalised(request.formatter.month(first)),
        "weeks": [
            [_day(request, day, first, today, found) for day in (start + n * DAY for n in range(w, w + 7))]
            for w in range(0, days, 7)
        ],
        "weekdays": [(request.actor.first_weekday + number) % 7 + 1 for number in range(7)],
        "zone": zone,
        "total": sum(map(len, found.values())),
        "few": FEW,
        "earlier": _address(first - MONTH),
        "later": _address(after),
        "now": first == today.replace(day=1),
    }
    return request.page("calendar.html", shown)


def _day(
    request: PageRequest, day: date, first: date, today: date, found: dict[date, list[CalendarItem]]
) -> dict[str, Any]:
    return {
        "number": day.day,
        "name": request.zoned("UTC").weekday(datetime(day.year, day.month, day.day, tzinfo=UTC)),
        "here": day.month == first.month,
        "today": day == today,
        "entries": found[day] if day.month == first.month else [],
    }


async def _entries(request: PageRequest, since: datetime, until: datetime) -> dict[date, list[CalendarItem]]:
    services, actor = request.services, request.actor
    recorded: list[RecordedOccurrence] = []
    coming: list[CalendarEntry] = []
    # Of a month there may be more than is told at once.
    for begin, end in pairwise([*_weeks(since, until), until]):
        recorded += await services.occurrences.expected(actor, begin, end)
        coming += await services.schedules.calendar(actor, begin, end)
    over = [one for one in recorded if one.state is not OccurrenceState.PLANNED]
    known = {(one.schedule, one.nominal) for one in over}
    entries = [
        *(
            _entry(request, one.due_at, one.report_name, f"/occurrences/{one.id}", OCCURRENCES[one.state])
            for one in over
        ),
        *(
            _entry(request, one.occurrence.instant, one.report_name, f"/schedules/{one.schedule}")
            for one in coming
            if (one.schedule, one.occurrence.key) not in known  # due in this very second
        ),
    ]
    found = defaultdict[date, list[CalendarItem]](list)
    for one in sorted(entries, key=lambda entry: (entry.instant, entry.name.casefold())):
        found[one.instant.astimezone(ZoneInfo(request.formatter.zone)).date()].append(one)
    return found


def _weeks(since: datetime, until: datetime) -> list[datetime]:
    """The moments from ``since`` to before ``until``, a week apart."""
    return [since + n * WEEK for n in range(-(-(until - since) // WEEK))]


def _entry(
    request: PageRequest, instant: datetime, name: str, href: str, badge: tuple[str, Message] | None = None
) -> CalendarItem:
    return CalendarItem(instant, request.formatter.clock(instant), name, href, badge)


def _capitalised(month: str) -> str:
    """The month as a heading begins; French writes it small."""
    return month[:1].upper() + month[1:]


def _month(given: str, today: date) -> date:
    """The first day of the month that the address names; of this one where it names none."""
    try:
        first = date.fromisoformat(f"{given}-01")
    except ValueError:
        first = today.replace(day=1)
    return min(max(first, FIRST_DAY.replace(day=1) + MONTH), LAST_DAY.replace(day=1) - MONTH)


def _address(first: date) -> str:
    return f"/schedules/calendar?month={first:%Y-%m}"
