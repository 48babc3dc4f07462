"""A simulated newsletter: the table of its members up to now. Nobody of them exists."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import TypeVar

Drawn = TypeVar("Drawn")

DAYS = 120
FIRST_DAY = date(2024, 1, 1)
"""Each day is made of its own number, so that a later demo tells the same of earlier days."""
HEADER = (
    "email", "list", "status", "signed up at", "confirmed at", "last changed", "source", "language",
    "country", "reason",
)  # fmt: skip
LISTS = ("Newsletter", "Newsletter", "Newsletter", "Offers")
ORIGINS = (("Sign-up form", 46), ("Checkout", 28), ("Event", 14), ("Recommendation", 8), ("Import", 4))
PLACES = (
    (("fr", "FR"), 42), (("en", "GB"), 18), (("de", "DE"), 14), (("fr", "BE"), 9), (("es", "ES"), 9),
    (("en", "US"), 8),
)  # fmt: skip
ENDS = (("subscribed", 800), ("unsubscribed", 130), ("cleaned", 28), ("archived", 12), ("pending", 30))
REASONS = {
    "unsubscribed": ("No longer interested", "Too many messages", "Never signed up"),
    "cleaned": ("hard", "hard", "abuse"),
}
STAYS = 35
"""The most days before somebody leaves."""


def write(folder: Path, now: datetime) -> Path:
    """The table of members as their tool would export it at this moment (UTC)."""
    path = folder / "newsletter_members.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(HEADER)
        for back in range(DAYS, -1, -1):
            day = now.date() - timedelta(days=back)
            table.writerows(_members(day, now))
    return path


def _members(day: date, now: datetime) -> list[list[str]]:
    number = (day - FIRST_DAY).days
    random = Random(f"newsletter {number}")  # noqa: S311 - a simulation
    # Fewer at weekends, more while a fair is on.
    expected = (9 if day.weekday() >= 5 else 16) + (24 if number % 49 in (20, 21) else 0)
    rows = list[list[str]]()
    for one in range(round(random.gauss(expected, 3))):
        came_at = datetime.combine(day, time(), now.tzinfo) + timedelta(seconds=random.randrange(86_400))
        confirmed_at = came_at + timedelta(seconds=random.randrange(20, 3_000))
        end = _drawn(random, ENDS)
        left_at = confirmed_at + timedelta(seconds=random.randrange(3_600, STAYS * 86_400))
        origin, (language, country) = _drawn(random, ORIGINS), _drawn(random, PLACES)
        audience, reason = random.choice(LISTS), random.choice(REASONS.get(end, ("",)))
        if end not in ("subscribed", "pending") and left_at > now:
            end, reason = "subscribed", ""
        if confirmed_at > now:
            continue
        pending, stayed = end == "pending", end in ("subscribed", "pending")
        rows.append([
            f"reader{number % 60 * 40 + one}@example.com", audience, end, _written(came_at),
            "" if pending else _written(confirmed_at),
            _written(came_at if pending else confirmed_at if stayed else left_at),
            origin, language, country, reason,
        ])  # fmt: skip
    return rows


def _drawn(random: Random, weighted: Sequence[tuple[Drawn, int]]) -> Drawn:
    values = [value for value, _weight in weighted]
    return random.choices(values, [weight for _value, weight in weighted])[0]


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")
