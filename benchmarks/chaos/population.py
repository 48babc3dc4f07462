"""Who receives what, and when: schedules of every sort, and what each of them is to bring forth.

What is expected is worked out here from the orders, the calendar and the rules as they are written down,
without asking anything of the server.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from benchmarks.chaos.shop import COUNTRIES, FILTER, KIND, NOWHERE, ORDERS, TILE, TILL, ordered_on, orders
from benchmarks.chaos.webhook_server import HOOKS
from bilan.accounts import SourceRole, WorkspaceRole
from bilan.accounts.models import Membership, Person, SourceGrant, Workspace
from bilan.accounts.principals import principal_for
from bilan.accounts.values import Principal
from bilan.app import Bilan
from bilan.clock import FrozenClock
from bilan.delivery import Mode
from bilan.recipients import TargetDraft
from bilan.reports.values import Draft
from bilan.schedules import CatchUp, Recurrence, Rhythm, Timetable
from bilan.schedules.approval import ApprovalRule, Unanswered
from bilan.schedules.condition import SendCondition, SendConditionKind
from bilan.schedules.split_rule import RecipientValues, SplitRule
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
ATTRIBUTE = "countries"
"""The attribute of people by which every other schedule of parts is split; the others have a table."""
SHARES = (("fr",), ("jp",), ("br",), ("fr", "jp"), (NOWHERE,), ())
"""What may be somebody's part: one with nothing in it, and none at all, too."""
FEWEST_PARTS = 6
"""Recipients of a schedule of parts, at least."""
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
    """An occurrence: its day in its zone, the day it covers, what becomes of it, and whom it goes to.

    ``figure`` is that of the whole, ``figures`` that of each who is to get it.
    """

    day: date
    covers: date
    figure: int
    fate: Fate
    figures: Mapping[str, int]


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
    parts: Mapping[str, tuple[str, ...]] | None = None
    """Where it is split: the countries of each recipient; who has none is not in it."""

    @property
    def deliveries(self) -> int:
        """How many messages are to leave."""
        return sum(len(one.figures) for one in self.expected if one.fate is Fate.SENT)


@dataclass(frozen=True, slots=True)
class _Sort:
    """What a schedule is like, chosen by chance."""

    zone: str
    country: str
    policy: CatchUp
    missed: bool
    condition: SendCondition | None
    answer: Answer | None
    split: bool


def language_of(address: str) -> str:
    """The language that a recipient chose; that of webhooks is the first."""
    if address.startswith("http"):
        return LANGUAGES[0]
    return LANGUAGES[int(address[1:].partition("@")[0]) % len(LANGUAGES)]


async def populate(
    bilan: Bilan, clock: FrozenClock, chance: random.Random, deliveries: int, hooks: dict[str, str]
) -> list[Planned]:
    """Schedules that bring forth at least so many deliveries, made a few days before ``now`` or just now.

    The webhooks among their recipients are written down in ``hooks``.
    """
    now, rows = datetime.now(UTC), orders(datetime.now(UTC), DAYS)
    bilan.services.warehouse.append(ORDERS, TILL, rows, moment=now)
    addresses = await _people(max(30, deliveries // 20), now)
    owner = await principal(OWNER)
    await _attributes(bilan, owner, addresses)
    hooks |= await _webhooks(bilan, owner, max(4, deliveries // 100))
    spread = min(LONGEST_SPREAD, 2 + deliveries // 20)
    planned: list[Planned] = []
    while sum(one.deliveries for one in planned) < deliveries:
        number = len(planned)
        sort = _sort_of(chance, number)
        # So that one large one does not make up half of a short run.
        size = min(chance.choice(SIZES), max(2, deliveries // 6))
        at = now + timedelta(seconds=2 + chance.randrange(spread))
        clock.move((at - timedelta(days=MISSED + 0.5) if sort.missed else now) - clock.now())
        if sort.split:
            size = max(size, FEWEST_PARTS)
        to = tuple(chance.sample(addresses, size))
        if number % 5 in (1, 2):
            to += tuple(chance.sample(sorted(hooks.values()), 2))
        planned.append(await _schedule(bilan, owner, number, sort, at, to, rows))
    clock.move(now - clock.now())
    return planned


def _sort_of(chance: random.Random, number: int) -> _Sort:
    split = number % 5 == 1
    # A country for each, so that each has a figure of its own.
    country = "" if split else chance.choice(("", *COUNTRIES, NOWHERE))
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
        split=split,
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
        Draft(title, KIND, {FILTER: [sort.country]} if sort.country else {}, sources=frozenset({TILL})),
    )
    local = at.astimezone(ZoneInfo(sort.zone)).replace(microsecond=0)
    first = local.date() - timedelta(days=MISSED if sort.missed else 0)
    # What was missed ends yesterday, so that whoever looks sees all of it at once.
    last = local.date() - timedelta(days=1 if sort.missed else 0)
    recurrence = Recurrence(Rhythm.DAYS, first, sort.zone, local.time(), until=last)
    by_attribute = number % 2 == 0
    parts = _parts(to, by_attribute=by_attribute) if sort.split else None
    table = () if parts is None or by_attribute else tuple(RecipientValues(*one) for one in parts.items())
    formats, mode = FORMATS[number % len(FORMATS)], (Mode.LINK, Mode.ATTACH)[number % 2]
    draft = ScheduleDraft(
        saved.id,
        Timetable(recurrence, Period(Preset.YESTERDAY)),
        to=to,
        delivery=DeliveryOptions(formats, mode),
        catch_up=sort.policy,
        condition=sort.condition,
        approval=await _rule(sort.answer),
        split=SplitRule(FILTER, ATTRIBUTE if by_attribute else "") if sort.split else None,
        table=table,
    )
    schedule = await services.schedules.create(owner, draft)
    days = [first + timedelta(days=one) for one in range((last - first).days + 1)]
    own = dict.fromkeys(to, (sort.country,) if sort.country else ()) if parts is None else parts
    expected = tuple(_expected(sort, day, last, rows, own) for day in days)
    return Planned(schedule.id, title, to, formats, mode, expected, sort.answer, parts)


def _parts(to: Iterable[str], *, by_attribute: bool) -> dict[str, tuple[str, ...]]:
    """The countries of each recipient: by their attribute, or so that each part is somebody's."""
    if by_attribute:
        shares = {one: _attribute(one) for one in to if not one.startswith("http")}
    else:
        shares = {one: SHARES[number % len(SHARES)] for number, one in enumerate(to)}
    return {address: share for address, share in shares.items() if share}


async def _rule(answer: Answer | None) -> ApprovalRule | None:
    if answer is None:
        return None
    unanswered = Unanswered.SEND if answer is Answer.LATE_SEND else Unanswered.WITHHOLD
    return ApprovalRule((await Person.get(email=APPROVER)).id, 1, unanswered)


def _expected(
    sort: _Sort,
    day: date,
    last: date,
    rows: Sequence[Mapping[str, Any]],
    countries: Mapping[str, tuple[str, ...]],
) -> Expected:
    covers = day - timedelta(days=1)
    figure = ordered_on(rows, covers, sort.zone, (sort.country,) if sort.country else ())
    figures = {one: ordered_on(rows, covers, sort.zone, theirs) for one, theirs in countries.items()}
    # More than nothing, or more than the threshold; nobody gets a part with nothing in it.
    least = sort.condition.value if sort.condition is not None else 0 if sort.split else -1
    figures = {one: count for one, count in figures.items() if count > least}
    made_up_for = sort.policy is CatchUp.ALL or (sort.policy is CatchUp.LATEST and day == last)
    fate = Fate.SENT
    if sort.missed and not made_up_for:
        fate = Fate.LEFT_OUT
    elif not figures:
        fate = Fate.WITHHELD
    elif sort.answer in (Answer.NO, Answer.LATE_WITHHOLD):
        fate = Fate.REFUSED
    return Expected(day, covers, figure, fate, figures)


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


async def _attributes(bilan: Bilan, owner: Principal, addresses: Iterable[str]) -> None:
    """Write down whose part is what, with the people."""
    for address in addresses:
        if share := _attribute(address):
            person = (await Person.get(email=address)).id
            await bilan.services.recipient_attributes.change(owner, person, {ATTRIBUTE: share})


def _attribute(address: str) -> tuple[str, ...]:
    return SHARES[int(address[1:].partition("@")[0]) % len(SHARES)]


async def _webhooks(bilan: Bilan, owner: Principal, count: int) -> dict[str, str]:
    """So many webhooks in the address book: their addresses there, by the path that is posted to."""
    found = dict[str, str]()
    for number in range(count):
        settings = {
            "form": "json",
            "url": f"http://{HOOKS}/{number}",
            "secret": f"the secret of webhook {number}",
        }
        draft = TargetDraft(f"Webhook {number}", settings, language=LANGUAGES[0])
        found[f"/{number}"] = (await bilan.services.targets.add(owner, "webhook", draft)).address
    return found


async def principal(address: str) -> Principal:
    """The person with this address."""
    actor = await principal_for((await Person.get(email=address)).id)
    assert actor is not None
    return actor
