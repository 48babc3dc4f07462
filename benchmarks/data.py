"""E-mail events to measure on: 400 campaigns with tags and variants, 300,000 contacts, 24 months, skewed.

Everything follows from the seed, so that two machines hold the same events.
Written as Parquet: ``events.parquet`` in order of time, as a sender exports
them (name of the campaign, its tags and the address in every row), and the
same as DuckDB likes it, in ``facts``, ``campaigns``, ``campaign_tags`` and
``contacts`` with keys that are numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.reference import scratch

VERSION = 1
"""Goes up when other events come out."""
SEED = 20240101
KINDS = ("sent", "delivered", "open", "click", "bounce", "unsubscribe", "spam")
TAGS = (
    "newsletter", "promo", "onboarding", "winback", "product", "event", "survey", "seasonal",
    "vip", "trial", "renewal", "upsell", "webinar", "blog", "release", "security",
    "partner", "local", "loyalty", "cart", "birthday", "nps", "beta", "legal",
)  # fmt: skip
"""The first ones are the most common."""
CAMPAIGNS, CONTACTS, DOMAINS = 400, 300_000, 97
START = np.datetime64("2024-01-01T00:00:00", "ms")
DAY = 86_400_000
SPAN = 731 * DAY
"""Milliseconds of 2024 and 2025."""
HOUR = 3_600_000

Numbers = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Campaigns:
    """What decides when messages of each campaign go out and what becomes of them; one item a campaign."""

    weight: Numbers
    blast: Numbers
    """Whether it goes out within six hours; others last a month to a year."""
    duration: Numbers
    start: Numbers
    opened: Numbers
    clicked: Numbers
    variants: Numbers
    tags: list[list[str]]


@dataclass(frozen=True, slots=True)
class Sends:
    """One item a message. Times are milliseconds after the start."""

    campaign: Numbers
    contact: Numbers
    variant: Numbers
    at: Numbers


def campaigns(random: np.random.Generator) -> Campaigns:
    """Four hundred of them, of which a few send most."""
    weight = random.lognormal(0, 1.0, CAMPAIGNS)
    blast = random.random(CAMPAIGNS) < 0.6
    lasting = random.uniform(30, 365, CAMPAIGNS) * DAY
    duration = np.where(blast, 6 * HOUR, lasting).astype(np.int64)
    start = (random.random(CAMPAIGNS) * (SPAN - np.minimum(duration, SPAN // 2))).astype(np.int64)
    common = 1 / (np.arange(len(TAGS)) + 3.0)
    common /= common.sum()
    return Campaigns(
        weight / weight.sum(),
        blast,
        duration,
        start,
        random.beta(6, 14, CAMPAIGNS),
        random.beta(3, 20, CAMPAIGNS),
        random.integers(1, 5, CAMPAIGNS),
        [
            sorted(random.choice(TAGS, size=int(random.integers(1, 5)), replace=False, p=common).tolist())
            for _campaign in range(CAMPAIGNS)
        ],
    )


def sends(random: np.random.Generator, about: Campaigns, count: int) -> Sends:
    """So many messages: some contacts get many, and long campaigns send by day."""
    campaign = random.choice(CAMPAIGNS, count, p=about.weight).astype(np.int32)
    share = np.cumsum(1 / (np.arange(CONTACTS) + 60.0) ** 0.75)
    place = np.minimum(np.searchsorted(share / share[-1], random.random(count)), CONTACTS - 1)
    contact = random.permutation(CONTACTS).astype(np.int32)[place] + 1
    variant = (random.random(count) * about.variants[campaign]).astype(np.int8)
    at = about.start[campaign] + (random.random(count) * about.duration[campaign]).astype(np.int64)
    by_day = ~about.blast[campaign] & (random.random(count) < 0.5)
    working_hours = at // DAY * DAY + 7 * HOUR + (random.random(count) * 12 * HOUR).astype(np.int64)
    return Sends(campaign, contact, variant, np.where(by_day, working_hours, at))


def outcomes(
    random: np.random.Generator, about: Campaigns, sent: Sends
) -> list[tuple[int, Numbers, Numbers]]:
    """What became of the messages: kind, positions among the messages, times."""
    count = sent.at.size
    bounced = random.random(count) < 0.028
    found = [(0, np.arange(count), sent.at)]
    back = np.flatnonzero(bounced)
    found.append((4, back, sent.at[back] + 500 + (random.random(back.size) * 60_000).astype(np.int64)))
    delivered = np.flatnonzero(~bounced)
    arrival = sent.at[delivered] + 800 + random.exponential(20_000, delivered.size).astype(np.int64)
    found.append((1, delivered, arrival))
    seen = random.random(delivered.size) < about.opened[sent.campaign[delivered]]
    opener = delivered[seen]
    delay = np.minimum(random.lognormal(np.log(3 * HOUR), 1.6, opener.size), 30 * DAY).astype(np.int64)
    first = arrival[seen] + delay
    found.append((2, opener, first))
    again = np.arange(opener.size)
    while (again := again[random.random(again.size) < 0.24]).size >= 100:
        found.append(
            (2, opener[again], first[again] + random.exponential(1.5 * DAY, again.size).astype("i8"))
        )
    clicks = np.flatnonzero(random.random(opener.size) < about.clicked[sent.campaign[opener]])
    found.append(
        (3, opener[clicks], first[clicks] + 1000 + random.exponential(120_000, clicks.size).astype("i8"))
    )
    leaves = np.flatnonzero(random.random(opener.size) < 0.006)
    found.append((5, opener[leaves], first[leaves] + 40_000))
    spam = np.flatnonzero(random.random(delivered.size) < 0.0006)
    found.append((6, delivered[spam], arrival[spam] + HOUR))
    return found


def build(events: int) -> tuple[dict[str, Numbers], Campaigns]:
    """So many events in order of time, as columns, and their campaigns."""
    random = np.random.default_rng(SEED)
    about = campaigns(random)
    sent = sends(random, about, int(events / 2.33) + 10_000)
    found = outcomes(random, about, sent)
    at = np.concatenate([times for _kind, _positions, times in found])
    position = np.concatenate([positions for _kind, positions, _times in found])
    kind = np.concatenate([np.full(positions.size, kind, np.int8) for kind, positions, _times in found])
    within = np.flatnonzero((at >= 0) & (at < SPAN))
    chosen = within[np.sort(random.permutation(within.size)[:events])]
    assert chosen.size == events, f"{chosen.size} of {events} events lie within the 24 months"
    chosen = chosen[np.argsort(at[chosen], kind="stable")]
    position = position[chosen]
    return {
        "event_id": np.arange(1, events + 1, dtype=np.int64),
        "ts": START + at[chosen].astype("timedelta64[ms]"),
        "kind": kind[chosen],
        "campaign_id": sent.campaign[position] + 1,
        "variant": sent.variant[position],
        "contact_id": sent.contact[position],
    }, about


def write(folder: Path, events: int) -> None:
    """Write all files of so many events into the folder."""
    columns, about = build(events)
    folder.mkdir(parents=True, exist_ok=True)
    with scratch() as db:
        db.register("columns", columns)
        db.register("about", {
            "campaign_id": np.arange(1, CAMPAIGNS + 1, dtype=np.int32),
            "tags": np.array(["|".join(tags) for tags in about.tags], object),
        })  # fmt: skip
        db.execute(TABLES)
        for name, query in FILES.items():
            db.execute(f"COPY ({query}) TO '{folder / name}.parquet' (FORMAT parquet, COMPRESSION zstd)")


TABLES = f"""
CREATE TABLE campaigns AS
    SELECT campaign_id, tags,
        concat('Campaign ', lpad(campaign_id::VARCHAR, 3, '0'), ' ', split_part(tags, '|', 1)) AS name
    FROM about;
CREATE TABLE contacts AS
    SELECT range::INTEGER AS contact_id, 'example' || range % {DOMAINS} || '.test' AS domain,
        'user' || lpad(range::VARCHAR, 6, '0') || '@' || domain AS email
    FROM range(1, {CONTACTS + 1});
CREATE TABLE facts AS
    SELECT event_id, ts::TIMESTAMP AS ts, [{", ".join(repr(kind) for kind in KINDS)}][kind + 1] AS type,
        campaign_id, variant, contact_id
    FROM columns;
"""
FILES = {
    "facts": "FROM facts ORDER BY event_id",
    "campaigns": "FROM campaigns ORDER BY campaign_id",
    "campaign_tags": "SELECT campaign_id, unnest(split(tags, '|')) AS tag FROM campaigns ORDER BY ALL",
    "contacts": "FROM contacts ORDER BY contact_id",
    "events": "SELECT event_id, ts, type, campaign_id, name AS campaign_name, variant, tags, email "
    "FROM facts JOIN campaigns USING (campaign_id) JOIN contacts USING (contact_id) ORDER BY event_id",
}
