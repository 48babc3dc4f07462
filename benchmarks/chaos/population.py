"""Who receives what, and when: schedules of every sort, and what each of them is to bring forth.

What is expected is worked out here from the orders, the calendar and the rules as they are written down,
without asking anything of the server.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from benchmarks.chaos.shop import COUNTRIES, KIND, NOWHERE, ORDERS, TILE, TILL, ordered_on, orders
from bilan.accounts import SourceRole, WorkspaceRole
from bilan.accounts.models import Membership, Person, SourceGrant, Workspace
from bilan.accounts.principals import principal_for
from bilan.accounts.values import Principal
from bilan.app import Bilan
from bilan.clock import FrozenClock
from bilan.delivery import Mode
from bilan.reports.values import Draft
from bilan.schedules import CatchUp, Recurrence, Rhythm, Timetable
from bilan.schedules.approval import ApprovalRule, Unanswered
from bilan.schedules.condition import SendCondition, SendConditionKind
from bilan.schedules.values import DeliveryOptions, ScheduleDraft
from bilan.sdk.periods import Period, Preset
from bilan.sources.models import SourceRow

OWNER, APPROVER = "owner@example.org", "approver@example.org"
MISSED = 3
"""Days of which nobody sent anything, before the run."""
DAYS = 12
LANGUAGES = ("en", "fr")
"""So many days orders go back."""
ZONES = ("UTC", "Europe/Paris", "Asia/Kolkata", "America/Los_Angeles", "Pacific/Auckland")
FORMATS = ((), ("html",), ("csv",), ("csv", "html"), ("xlsx",))
SIZES = (1, 2, 3, 5, 8, 13, 25)
LONGEST_SPREAD = 60
"""Seconds within which everything comes due."""


class Answer(StrEnum):
    """What becomes of an occurrence that waits for a yes."""

    YES = "yes"
    NO = "no"
    LATE_SEND = "none in time, then sent"
    LATE_WITHHOLD = "none in time, then withheld"


class Fate(StrEnum):
    """What is to become of an occurrence."""

    SENT = "sent"
    WITHHELD = "withheld"
    REFUSED = "withheld without a yes"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Expected:
    """An occurrence: its day in its zone, the day it covers, the figure, what becomes of it."""

    day: date
    covers: date
    figure: int
    fate: Fate


@dataclass(frozen=True, slots=True)
class Planned:
    """A schedule as it was made."""

    id: UUID
    title: str
    recipients: tuple[str, ...]
    formats: tuple[str, ...]
    mode: Mode
    expected: tuple[Expected, ...]
    answer: Answer | None = None
    """That of whoever approves; of nobody's yes is anything waited for without."""

    @property
    def deliveries(self) -> int:
        """How many messages are to leave."""
        return len(self.recipients) * sum(one.fate is Fate.SENT for one in self.expected)


@dataclass(frozen=True, slots=True)
class _Sort:
    """What a schedule is like, chosen by chance."""

    zone: str
    country: str
    policy: CatchUp
    missed: bool
    condition: SendCondition | None
    answer: Answer | None


def language_of(address: str) -> str:
    """The language that a recipient chose."""
    return LANGUAGES[int(address[1:].partition("@")[0]) % len(LANGUAGES)]


async def populate(bilan: Bilan, clock: FrozenClock, chance: random.Random, deliveries: int) -> list[Planned]:
    """Schedules that bring forth at least so many deliveries, made a few days before ``now`` or just now."""
    now, rows = datetime.now(UTC), orders(datetime.now(UTC), DAYS)
    bilan.services.warehouse.append(ORDERS, TILL, rows, moment=now)
    addresses = await _people(max(30, deliveries // 20), now)
    owner = await principal(OWNER)
    spread = min(LONGEST_SPREAD, 2 + deliveries // 20)
    planned: list[Planned] = []
    while sum(one.deliveries for one in planned) < deliveries:
        number = len(planned)
        sort = _sort_of(chance, number)
        # So that one large one does not make up half of a short run.
        size = min(chance.choice(SIZES), max(2, deliveries // 6))
        at = now + timedelta(seconds=2 + chance.randrange(spread))
        clock.move((at - timedelta(days=MISSED + 0.5) if sort.missed else now) - clock.now())
        to = tuple(chance.sample(addresses, size))
        planned.append(await _schedule(bilan, owner, number, sort, at, to, rows))
    clock.move(now - clock.now())
    return planned


def _sort_of(chance: random.Random, number: int) -> _Sort:
    # A country for each, so that each has a figure of its own.
    country = chance.choice(("", *COUNTRIES, NOWHERE))
    above = SendCondition(SendConditionKind.ABOVE, TILE, 30)
    conditions = (None, None, SendCondition(SendConditionKind.NOT_EMPTY), above)
    return _Sort(
        zone=chance.choice(ZONES),
        country=country,
        policy=(CatchUp.ALL, CatchUp.LATEST, CatchUp.ALL, CatchUp.SKIP)[number % 4],
        missed=number % 3 == 0,
        condition=chance.choice(conditions),
        # Every fourth waits for a yes, which comes most of the time.
        answer=chance.choice((Answer.YES, Answer.YES, *Answer)) if number % 4 == 1 else None,
    )


async def _schedule(
    bilan: Bilan,
    owner: Principal,
    number: int,
    sort: _Sort,
    at: datetime,
    to: tuple[str, ...],
    rows: Sequence[Mapping[str, Any]],
) -> Planned:
    services, title = bilan.services, f"Takings {number}"
    saved = await services.reports.create(
        owner,
        Draft(title, KIND, {"country": sort.country} if sort.country else {}, sources=frozenset({TILL})),
    )
    local = at.astimezone(ZoneInfo(sort.zone)).replace(microsecond=0)
    first = local.date() - timedelta(days=MISSED if sort.missed else 0)
    # What was missed ends yesterday, so that whoever looks sees all of it at once.
    last = local.date() - timedelta(days=1 if sort.missed else 0)
    recurrence = Recurrence(Rhythm.DAYS, first, sort.zone, local.time(), until=last)
    formats, mode = FORMATS[number % len(FORMATS)], (Mode.LINK, Mode.ATTACH)[number % 2]
    draft = ScheduleDraft(
        saved.id,
        Timetable(recurrence, Period(Preset.YESTERDAY)),
        to=to,
        delivery=DeliveryOptions(formats, mode),
        catch_up=sort.policy,
        condition=sort.condition,
        approval=await _rule(sort.answer),
    )
    schedule = await services.schedules.create(owner, draft)
    days = [first + timedelta(days=one) for one in range((last - first).days + 1)]
    expected = tuple(_expected(sort, day, last, rows) for day in days)
    return Planned(schedule.id, title, to, formats, mode, expected, sort.answer)


async def _rule(answer: Answer | None) -> ApprovalRule | None:
    if answer is None:
        return None
    unanswered = Unanswered.SEND if answer is Answer.LATE_SEND else Unanswered.WITHHOLD
    return ApprovalRule((await Person.get(email=APPROVER)).id, 1, unanswered)


def _expected(sort: _Sort, day: date, last: date, rows: Sequence[Mapping[str, Any]]) -> Expected:
    covers = day - timedelta(days=1)
    figure = ordered_on(rows, covers, sort.zone, sort.country)
    made_up_for = sort.policy is CatchUp.ALL or (sort.policy is CatchUp.LATEST and day == last)
    fate = Fate.SENT
    if sort.missed and not made_up_for:
        fate = Fate.LEFT_OUT
    elif sort.condition is not None and not figure > sort.condition.value:
        fate = Fate.WITHHELD  # more than nothing, or more than the threshold
    elif sort.answer in (Answer.NO, Answer.LATE_WITHHOLD):
        fate = Fate.REFUSED
    return Expected(day, covers, figure, fate)


async def _people(count: int, now: datetime) -> list[str]:
    """The workspace, its till, its owner, and so many members who receive; their addresses."""
    workspace = await Workspace.create(
        name="Acme", zone="Europe/Paris", first_weekday=0, language="en", created_at=now
    )
    await SourceRow.create(
        id=TILL, workspace=workspace, plugin="chaos", kind="till", name="Till", live_name="till",
        address="till", zone="Europe/Paris", created_at=now,
    )  # fmt: skip
    addresses = [f"p{number}@example.org" for number in range(count)]
    for address in (OWNER, APPROVER, *addresses):
        language = "en" if address in (OWNER, APPROVER) else language_of(address)
        person = await Person.create(
            email=address, name=f"Person {address}", password_hash="", created_at=now, language=language
        )
        role = WorkspaceRole.OWNER if address == OWNER else WorkspaceRole.MEMBER
        await Membership.create(workspace=workspace, person=person, role=role)
        if address in (OWNER, APPROVER):
            await SourceGrant.create(person=person, source=TILL, role=SourceRole.ADMIN)
    return addresses


async def principal(address: str) -> Principal:
    """The person with this address."""
    actor = await principal_for((await Person.get(email=address)).id)
    assert actor is not None
    return actor
