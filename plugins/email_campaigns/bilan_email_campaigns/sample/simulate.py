"""A simulated half year of a small shop's messages: the same seed gives the same events.

No openly licensed log of e-mail events of any size is known, so this one is
made up, and its source says so. It covers all six channels, two Canvases,
tags, machine opens and one campaign that deserves its red flags.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

SEED = 20_260_101
AUDIENCE = 600
WELCOME = "Welcome"
WEEKS = 26
AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/605.1.15 Version/18.0",
)
DOMAINS = ("example.com", "example.org", "example.net", "mail.example", "post.example")
LINKS = (
    "https://shop.example/new",
    "https://shop.example/sale",
    "https://shop.example/journal",
    "https://shop.example/account",
)


@dataclass(frozen=True)
class Send:
    """One message to an audience, and how people take to it."""

    campaign: str = ""
    canvas: str = ""
    step: str = ""
    variant: str = ""
    channel: str = "email"
    tags: tuple[str, ...] = ()
    share: float = 1.0
    opens: float = 0.34
    clicks: float = 0.16
    bounces: float = 0.012
    complaints: float = 0.0004
    unsubscribes: float = 0.003


NEWSLETTERS = (
    ("{season} preview", ("newsletter", "preview"), 0.38, 0.0004, 0.002),
    ("The {season} edit", ("newsletter", "product"), 0.35, 0.0003, 0.003),
    ("{season} sale: last days", ("newsletter", "sale"), 0.29, 0.0031, 0.021),
    ("How it is made: ceramics", ("newsletter", "journal"), 0.42, 0.0002, 0.002),
    ("Back in stock", ("newsletter", "product"), 0.36, 0.0004, 0.003),
    ("How it is made: linen", ("newsletter", "journal"), 0.40, 0.0004, 0.002),
)
SEASONS = ("Winter", "Spring", "Summer", "Autumn")
"""From December on, three months each."""


def events(now: datetime) -> Iterator[dict[str, Any]]:
    """The events of the last half year up to ``now`` (UTC), in the order of the sends."""
    random = Random(SEED)  # noqa: S311 - a simulation, no secret
    people = [f"reader{n}@{random.choice(DOMAINS)}" for n in range(AUDIENCE)]
    start = _start(now)
    number = 0
    for week in range(WEEKS + 1):
        for at, send in _plan(week, start):
            for event in _deliver(random, _audience(people, week, send), at, send):
                number += 1
                if event["occurred_at"] <= now:
                    moment = event["occurred_at"].isoformat().replace("+00:00", "Z")
                    yield {"event_id": f"sim-{number}", **event, "occurred_at": moment}


def newest(now: datetime) -> str:
    """The newsletter that was sent last and that most had a week to read."""
    sends = [(at, send) for week in range(WEEKS + 1) for at, send in _plan(week, _start(now)) if send.variant]
    return max((at, send.campaign) for at, send in sends if at <= now - timedelta(weeks=1))[1]


def _start(now: datetime) -> datetime:
    """The moment of the first week, such that the first message of the last one has just been read."""
    return (now - timedelta(weeks=WEEKS, hours=5)).replace(minute=0, second=0, microsecond=0)


def _plan(week: int, start: datetime) -> Iterator[tuple[datetime, Send]]:
    monday = start + timedelta(weeks=week)
    if week % 2 == 0:
        name, tags, opens, complaints, unsubscribes = NEWSLETTERS[week // 2 % len(NEWSLETTERS)]
        sent = monday + timedelta(days=1)
        campaign = f"{name.format(season=SEASONS[sent.month % 12 // 3])} ({sent:%B %Y})"
        for variant, lift in (("A", 0.0), ("B", 0.04)):
            yield monday + timedelta(days=1, hours=1), Send(
                campaign=campaign, variant=variant, tags=tags, share=0.5, opens=opens + lift,
                complaints=complaints, unsubscribes=unsubscribes,
            )  # fmt: skip
    for step, (days, opens) in enumerate(((0, 0.61), (3, 0.47), (10, 0.39)), start=1):
        yield (
            monday + timedelta(days=days, hours=2),
            Send(
                canvas=WELCOME,
                step=f"{step} of 3",
                tags=("lifecycle",),
                share=0.03,
                opens=opens,
                clicks=0.3,
            ),
        )
    if week % 4 == 1:
        yield (
            monday + timedelta(days=4),
            Send(canvas="Win back", step="Offer", tags=("lifecycle", "sale"), share=0.08),
        )
        yield monday + timedelta(days=5), Send(canvas="Win back", step="Reminder", channel="push", share=0.05)
        yield (
            monday + timedelta(days=2),
            Send(campaign=f"Weekend drop ({monday:%B %Y})", channel="push", tags=("sale",), share=0.3),
        )
        yield (
            monday + timedelta(days=2),
            Send(campaign=f"Browser drop ({monday:%B %Y})", channel="web_push", tags=("sale",), share=0.1),
        )
    if week % 4 == 3:
        yield (
            monday + timedelta(days=3),
            Send(campaign=f"Size guide hint ({monday:%B %Y})", channel="in_app", share=0.2, clicks=0.4),
        )
        yield (
            monday + timedelta(days=3),
            Send(campaign=f"Delivery update ({monday:%B %Y})", channel="sms", share=0.15),
        )
        yield (
            monday + timedelta(days=3),
            Send(campaign=f"Stock webhook ({monday:%B %Y})", channel="webhook", share=0.05),
        )


def _audience(people: list[str], week: int, send: Send) -> list[str]:
    """Whom a message goes to: one variant a person, the steps of a Canvas to who began it."""
    count = int(len(people) * send.share)
    if send.canvas == WELCOME:
        return people[week * count : (week + 1) * count]
    order = list(people)
    Random(f"{SEED} {week} {send.canvas or send.campaign}").shuffle(order)  # noqa: S311 - a simulation
    return order[-count:] if send.variant == "B" else order[:count]


def _deliver(random: Random, people: list[str], at: datetime, send: Send) -> Iterator[dict[str, Any]]:
    for person in people:
        sent = at + timedelta(seconds=random.uniform(0, 900))
        base = {
            "channel": send.channel, "campaign": send.campaign, "canvas": send.canvas, "step": send.step,
            "variant": send.variant, "recipient": person, "tags": list(send.tags),
        }  # fmt: skip
        for kind, delay, extra in _story(random, send):
            moment = (sent + timedelta(seconds=delay)).replace(microsecond=0)
            yield {**base, "kind": kind, "occurred_at": moment, **extra}


def _story(random: Random, send: Send) -> Iterator[tuple[str, float, dict[str, Any]]]:
    match send.channel:
        case "email":
            yield from _email(random, send)
        case "push" | "web_push":
            yield "sent", 0, {}
            if random.random() < 0.04:
                yield "bounced", 2, {"bounce_class": "hard"}
            elif random.random() < 0.09:
                yield "opened", random.expovariate(1 / 5_000), {}
                if random.random() < 0.5:
                    yield "body_click", random.expovariate(1 / 5_000), {}
            elif send.channel == "push" and random.random() < 0.06:
                yield "influenced_open", random.expovariate(1 / 9_000), {}
        case "in_app":
            yield "impression", random.expovariate(1 / 50_000), {}
            if random.random() < send.clicks:
                button = random.choice(("clicked", "button1_click", "button2_click"))
                yield button, 30 + random.expovariate(1 / 50_000), {}
        case "webhook":
            yield ("error" if random.random() < 0.03 else "sent"), 0, {}
        case _:
            yield "sent", 0, {}
            yield "carrier_sent", 1, {}
            outcome = random.choices(("delivered", "failed", "rejected"), (95, 4, 1))[0]
            yield outcome, 4, {}


def _email(random: Random, send: Send) -> Iterator[tuple[str, float, dict[str, Any]]]:
    yield "sent", 0, {}
    if random.random() < send.bounces:
        hard = random.random() < 0.4
        reason = "550 5.1.1 The mailbox does not exist." if hard else "452 4.2.2 The mailbox is full."
        yield "bounced", 5, {"bounce_class": "hard" if hard else "soft", "reason": reason}
        return
    yield "delivered", 4, {}
    if random.random() < 0.18:
        yield "opened", 20, {"machine": True, "user_agent": "Mozilla/5.0"}
    if random.random() < send.complaints:
        yield "complained", random.expovariate(1 / 40_000), {}
    if random.random() < send.unsubscribes:
        yield "unsubscribed", random.expovariate(1 / 40_000), {}
    if random.random() >= send.opens:
        return
    agent = {"user_agent": random.choice(AGENTS)}
    first = 60 + random.expovariate(1 / 30_000)
    for n in range(1 + int(random.random() < 0.3)):
        yield "opened", first + n * 7_200, agent
    if random.random() < send.clicks / 0.5:
        for _n in range(1 + int(random.random() < 0.2)):
            link = random.choices(LINKS, (5, 4, 2, 1))[0]
            yield "clicked", first + 40 + random.expovariate(1 / 300), {"url": link, **agent}
