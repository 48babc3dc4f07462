"""Questions to the engagement report, drawn at random, and which events make each row of its tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from fixtures.email_reports import MailRoom
from support.mail_counts import COUNTS, RATES, Row, told

FIRST = datetime(2026, 3, 20, tzinfo=UTC)
"""Eleven days before the report, so that the clocks of Paris change in between."""
TODAY = date(2026, 3, 31)
PEOPLE = ("", "ann@a.org", "bob@b.org")
KINDS = ("sent", "delivered", "opened", "clicked", "bounced", "unsubscribed", "complained", "body_click")


@dataclass(frozen=True)
class Case:
    """Events, what the sender lists, and what is asked."""

    events: list[Row]
    tags: dict[str, list[str]]
    """The tags that the sender's list has for a campaign or Canvas; those of Canvases begin with ``c``."""
    raw: dict[str, Any] = field(default_factory=dict[str, Any])


# ---- what is selected ---------------------------------------------------------------------------


def selected(case: Case) -> list[Row]:
    """The events of the selected messages, over all time."""
    return [event for event in case.events if _wanted(case, event) and not event["test"]]


def _wanted(case: Case, event: Row) -> bool:
    raw = case.raw
    if raw["channels"] and event["channel"] not in raw["channels"]:
        return False
    if not (raw["campaigns"] or raw["canvases"] or raw["tags"]):
        return True
    key = event["canvas"] or event["campaign"]
    picked = event["canvas"] in raw["canvases"] if event["canvas"] else event["campaign"] in raw["campaigns"]
    tags = {*event["tags"], *case.tags.get(key, ())}
    wanted = set(raw["tags"])
    together = wanted <= tags if raw["match"] == "all" else bool(wanted & tags)
    return picked or (bool(wanted) and together)


def channels(case: Case, rows: list[Row]) -> set[str]:
    """Of the selected events, and of the selected campaigns that the sender lists (all of them e-mail)."""
    raw = case.raw
    found = {row["channel"] for row in rows}
    anything = not (raw["campaigns"] or raw["canvases"] or raw["tags"])
    for key, tags in case.tags.items():
        wanted = set(raw["tags"])
        together = wanted <= set(tags) if raw["match"] == "all" else bool(wanted & set(tags))
        picked = key in (*raw["campaigns"], *raw["canvases"])
        if (anything or picked or (wanted and together)) and (
            not raw["channels"] or "email" in raw["channels"]
        ):
            found.add("email")
    return found


# ---- when ---------------------------------------------------------------------------------------


def local(row: Row, zone: str) -> date:
    return row["occurred_at"].astimezone(ZoneInfo(zone)).date()


def period(raw: Mapping[str, Any], rows: list[Row]) -> tuple[date, date]:
    """The first and the last day."""
    match raw["period"]:
        case "since_oldest":
            return min((local(row, raw["zone"]) for row in rows), default=TODAY), TODAY
        case "last_7_days":
            return TODAY - timedelta(days=7), TODAY - timedelta(days=1)
        case text:
            first, last = text.split("..")
            return date.fromisoformat(first), date.fromisoformat(last)


def begin(day: date, first: date, interval: str) -> date:
    """The first day of the interval that a day lies in."""
    match interval:
        case "none":
            return first
        case "month":
            return max(first, day.replace(day=1))
        case _:
            number, unit = interval.split()
            step = int(number) * (7 if unit.startswith("week") else 1)
            return first + timedelta(days=(day - first).days // step * step)


# ---- the comparison -----------------------------------------------------------------------------


def by_hand(case: Case, *, canvas: bool) -> dict[tuple[str, ...], list[Row]]:
    """The events of each row that the table must have."""
    raw, rows = case.raw, selected(case)
    first, last = period(raw, rows)
    part = "step" if canvas else "variant"
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        day = local(row, raw["zone"])
        if bool(row["canvas"]) is canvas and first <= day <= last:
            start = begin(day, first, raw["interval"]).isoformat()
            detail = (row[part],) if raw["level"] == "variant" else ()
            found.setdefault((start, row["canvas"] or row["campaign"], *detail), []).append(row)
    return found


def expected_keys(present: Iterable[str], *, rates: bool) -> list[str]:
    names = [
        name for name in list(COUNTS)[:14] if ("push" if name.startswith("push_") else "email") in present
    ]
    return names + (list(RATES) if rates and "email" in present else [])


def flat(row: Row) -> Row:
    """The event with the message it is about."""
    bare = dict.fromkeys(("campaign", "canvas", "variant", "step"), "")
    return {**bare, **{key: row[key] for key in row if key != "message"}, **row["message"]}


events = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "channel": st.sampled_from(("email", "email", "push")),
        "occurred_at": st.integers(0, 11 * 24 * 4 - 1).map(lambda n: FIRST + timedelta(minutes=15 * n)),
        "recipient": st.sampled_from(PEOPLE),
        "tags": st.lists(st.sampled_from(("x", "y")), unique=True),
        "machine": st.booleans(),
        "test": st.sampled_from((False, False, False, True)),
        "button": st.sampled_from(("", "body")),
        "bounce_class": st.sampled_from(("hard", "soft")),
        "message": st.sampled_from(
            (
                {"campaign": "a", "variant": "v1"},
                {"campaign": "a", "variant": "v2"},
                {"campaign": "b"},
                {},
                {"canvas": "c1", "step": "s1"},
                {"canvas": "c1", "step": "s2", "campaign": "a"},
                {"canvas": "c2", "variant": "v1"},
            )
        ),
    }
).map(flat)

asked = st.fixed_dictionaries(
    {
        "campaigns": st.sampled_from(([], ["a"], ["b"])),
        "canvases": st.sampled_from(([], ["c1"], ["c2"])),
        "tags": st.sampled_from(([], ["x"], ["x", "y"])),
        "match": st.sampled_from(("any", "all")),
        "channels": st.sampled_from(([], [], ["email"], ["push"])),
        "level": st.sampled_from(("campaign", "variant")),
        "interval": st.sampled_from(("none", "month", "1 day", "3 days", "1 week", "2 weeks")),
        "period": st.sampled_from(
            (
                "since_oldest",
                "since_oldest",
                "last_7_days",
                "2026-03-22..2026-04-02",
                "2026-03-29..2026-03-29",
            )
        ),
        "zone": st.sampled_from(("UTC", "Europe/Paris", "America/New_York", "Asia/Kathmandu")),
        "rates": st.booleans(),
    }
)
listed = st.dictionaries(
    st.sampled_from(("a", "b", "c1", "c2")), st.lists(st.sampled_from(("x", "y")), unique=True)
)
cases = st.builds(Case, st.lists(events, min_size=25, max_size=60).map(told), listed, asked)


def filled(room: MailRoom, case: Case, names: Mapping[str, str] | None = None) -> UUID:
    """Write the case under a source of its own, so that no example sees another's."""
    source = uuid4()
    room.sources = {source: "Main"}
    room.events(*({key: row[key] for key in row if key != "again"} for row in case.events), source=source)
    room.campaigns(
        *(
            {
                "campaign": key,
                "campaign_name": (names or {}).get(key, ""),
                "canvas": key.startswith("c"),
                "tags": tags,
            }
            for key, tags in case.tags.items()
        ),
        source=source,
    )
    known = {row["canvas"] or row["campaign"] for row in case.events} | set(case.tags)
    for name in ("campaigns", "canvases"):
        # Lists of a strategy are shared between examples, so they are replaced, not changed.
        case.raw[name] = [key for key in case.raw[name] if key in known]
    return source
