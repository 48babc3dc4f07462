"""A simulated inbox of a small shop: each day is drawn by its date, so a day is the same whenever one looks.

No openly licensed log of a WhatsApp inbox with agents, tags and ratings is known, so this
one is made up, and its source says so. What lies ahead of the present moment has not happened.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

WEEKS = 9
FIRST_PHONE = 33639980000
"""Numbers that France keeps for films and books."""
OUR_NUMBER = "33639981234"
CONTACTS = 140
GIVEN = ("Ana", "Bilal", "Chloé", "Driss", "Elena", "Farid", "Greta", "Hugo", "Inès", "Jonas", "Kenza", "Léo")
FAMILY = ("Alvarez", "Berger", "Costa", "Dubois", "Eriksen", "Fontaine", "Garnier", "Haddad", "Ivanov")
SUNDAY = 6
OPENS, CLOSES = 9, 18
"""The hours in which agents answer, in UTC."""


@dataclass(frozen=True)
class Agent:
    """An agent: how much they take on, in how many minutes they answer, and how contacts take to them."""

    address: str
    weight: float
    minutes: float
    rating: float


AGENTS = (
    Agent("lea.martin@example.com", 0.30, 9, 4.6),
    Agent("tom.keller@example.com", 0.25, 16, 4.3),
    Agent("sara.rossi@example.com", 0.20, 24, 4.4),
    Agent("noah.olsen@example.com", 0.15, 41, 3.9),
    Agent("ines.costa@example.com", 0.10, 75, 3.4),
)
TAGS = (
    ("delivery", 0.34), ("product question", 0.24), ("returns", 0.16), ("invoice", 0.10), ("stock", 0.09),
    ("complaint", 0.07),
)  # fmt: skip
WEEKDAYS = (11, 9, 8, 8, 9, 4, 2)
"""Conversations of a day on average, from Monday on."""
BEGINNINGS = (("contact", 0.74), ("campaign", 0.16), ("agent", 0.10))


@dataclass
class Conversation:
    """The events of one conversation, each with its moment, while it is drawn."""

    ident: str
    phone: int
    events: list[tuple[datetime, dict[str, Any]]] = field(
        default_factory=list[tuple[datetime, dict[str, Any]]]
    )

    def tell(self, at: datetime, event: str, **said: Any) -> None:
        """Add an event."""
        moment = at.replace(microsecond=0).isoformat().replace("+00:00", "Z")
        ident = f"{self.ident}-{len(self.events) + 1}"
        who = {"contact": str(self.phone), "conversation": self.ident, "number": OUR_NUMBER}
        self.events.append((at, {"event": event, "id": ident, "occurred_at": moment, **who, **said}))
        if event == "message" and said["direction"] == "out":
            for later, status, codes in _became(Random(ident), said["type"]):  # noqa: S311 - no secret
                self.tell(at + later, "status", message_id=ident, status=status, error_codes=codes)


def _became(random: Random, kind: str) -> Iterator[tuple[timedelta, str, list[str]]]:
    """After how long a message arrived and was read, or failed and why; drawn apart from all else."""
    template = kind == "template"
    if random.random() < (0.05 if template else 0.006):
        reasons = ("131026", "131049", "131049", "131042") if template else ("131047", "131047", "131026")
        yield timedelta(seconds=random.randint(1, 4)), "failed", [random.choice(reasons)]
        return
    arrived = timedelta(seconds=random.randint(1, 40))
    yield arrived, "delivered", []
    if random.random() < (0.68 if template else 0.91):
        yield arrived + timedelta(minutes=random.lognormvariate(1, 1.2)), "read", []


def events(now: datetime) -> Iterator[dict[str, Any]]:
    """The events of the last weeks up to ``now`` (UTC), conversation by conversation."""
    today = now.astimezone(UTC).date()
    for back in range(7 * WEEKS, -1, -1):
        for conversation in _day(today - timedelta(days=back)):
            yield from (event for at, event in conversation.events if at <= now)


def _day(day: date) -> Iterator[Conversation]:
    random = Random(day.isoformat())  # noqa: S311 - a simulation, no secret
    usual = WEEKDAYS[day.weekday()]
    for number in range(random.randint(usual - usual // 3, usual + usual // 3)):
        minute = int(random.triangular(7 * 60, 21 * 60, 10.5 * 60))
        at = datetime.combine(day, time(minute // 60, minute % 60, random.randrange(60)), UTC)
        contact = int(CONTACTS * random.random() ** 1.6)
        made = Conversation(f"sim-{day.isoformat()}-{number:02}", FIRST_PHONE + contact)
        _draw(random, made, contact, at)
        yield made


def _draw(random: Random, made: Conversation, contact: int, at: datetime) -> None:
    name = f"{GIVEN[contact % len(GIVEN)]} {FAMILY[contact % len(FAMILY)]}"
    person = {"contact_name": name, "contact_tags": _contact_tags(contact)}
    match _drawn(random, BEGINNINGS):
        case "campaign":
            made.tell(at, "message", direction="out", type="template", automated=True)
            if random.random() < 0.55:
                made.tell(at + timedelta(days=1), "closed")
                return
            at += timedelta(minutes=random.randint(4, 300))
        case "agent":
            at = _at_work(at)
            made.tell(at, "message", direction="out", type="text", agent=_agent(random).address)
            at += timedelta(minutes=random.randint(3, 90))
        case _:
            pass
    made.tell(at, "message", direction="in", type=random.choice(("text", "text", "text", "image")), **person)
    _answer(random, made, at)


def _answer(random: Random, made: Conversation, at: datetime) -> None:
    """An agent takes it, both write in turn, then it is tagged, closed and perhaps rated."""
    if random.random() < 0.008:
        return  # nobody took it
    agent = _agent(random)
    taken = _at_work(at + timedelta(minutes=random.randint(1, 6)))
    made.tell(taken, "assigned", agent=agent.address)
    if random.random() < 0.006:
        return  # and forgot it
    at = _at_work(taken + timedelta(minutes=random.lognormvariate(0, 0.6) * agent.minutes))
    tag = _drawn(random, TAGS)
    for _turn in range(random.choice((1, 1, 2, 2, 3, 4))):
        made.tell(at, "message", direction="out", type="text", agent=agent.address)
        if random.random() < 0.7:
            at += timedelta(minutes=random.randint(1, 25))
            made.tell(at, "message", direction="in", type="text")
        at = _at_work(at + timedelta(minutes=random.lognormvariate(0, 0.5) * agent.minutes / 2))
    if tag == "complaint" and random.random() < 0.5:
        other = _agent(random)
        made.tell(at, "assigned", agent=other.address)
        at = _at_work(at + timedelta(minutes=other.minutes))
        made.tell(at, "message", direction="out", type="text", agent=other.address)
    urgent = ["urgent"] if tag in ("delivery", "complaint") and random.random() < 0.2 else []
    made.tell(at + timedelta(minutes=1), "tagged", tags=[tag, *urgent])
    at += timedelta(minutes=random.randint(5, 180))
    made.tell(at, "closed")
    if random.random() < 0.55:
        drawn = random.gauss(agent.rating - (0.8 if tag == "complaint" else 0), 0.8)
        made.tell(at + timedelta(minutes=random.randint(2, 60)), "rated", rating=min(5, max(1, round(drawn))))


def _contact_tags(contact: int) -> list[str]:
    tags = ["newsletter"] if contact % 3 == 0 else []
    if contact < CONTACTS // 10:
        return [*tags, "regular"]
    return [*tags, "new"] if contact > CONTACTS // 2 else tags


def _agent(random: Random) -> Agent:
    return random.choices(AGENTS, [one.weight for one in AGENTS])[0]


def _drawn(random: Random, weighted: tuple[tuple[str, float], ...]) -> str:
    return random.choices([name for name, _w in weighted], [weight for _n, weight in weighted])[0]


def _at_work(at: datetime) -> datetime:
    """The moment itself, or the next one at which somebody is there to answer."""
    while at.weekday() == SUNDAY or not OPENS <= at.hour < CLOSES:
        following = at.date() if at.hour < OPENS else at.date() + timedelta(days=1)
        at = datetime.combine(following, time(OPENS, at.minute % 20, at.second), UTC)
        if at.weekday() == SUNDAY:
            at += timedelta(days=1)
    return at
