"""Events of campaigns, drawn at random, and ways to pick those that a figure of their report counts."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from fixtures.email_reports import MailRoom
from support.mail_counts import COUNTS, RATES, Row

FIRST = datetime(2026, 3, 27, tzinfo=UTC)
LAST = date(2026, 3, 31)
TILES = (*(name for name in COUNTS if not name.startswith("push_")), *RATES)
LISTED = ("recipients", "delivered", "unique_opens", "unique_clicks", "hard_bounces", "soft_bounces")


def at_home(row: dict[str, Any]) -> Row:
    """The event with its recipient's domain."""
    return {**row, "domain": row["recipient"].partition("@")[2]}


events = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(("sent", "delivered", "opened", "clicked", "bounced", "complained")),
        "channel": st.just("email"),
        # Four days with a change of clocks in Paris among them.
        "occurred_at": st.integers(0, 4 * 24 * 6 - 1).map(lambda n: FIRST + timedelta(minutes=10 * n)),
        "campaign": st.sampled_from(("a", "b", "")),
        "canvas": st.sampled_from(("", "", "", "c")),
        "step": st.just(""),
        "recipient": st.sampled_from(("", "ann@a.org", "bob@b.org", "cid@b.org")),
        "machine": st.booleans(),
        "bounce_class": st.sampled_from(("hard", "soft")),
        "url": st.sampled_from(("", "https://x", "https://y")),
    }
).map(at_home)

zones = st.sampled_from(("UTC", "Europe/Paris", "Asia/Kathmandu"))
periods = st.sampled_from(("since_oldest", "2026-03-28..2026-03-29"))


def local(row: Row, zone: str) -> date:
    return row["occurred_at"].astimezone(ZoneInfo(zone)).date()


def within(rows: list[Row], period: str, zone: str) -> list[Row]:
    """The events of the period."""
    if period == "since_oldest":
        return rows
    first, last = map(date.fromisoformat, period.split(".."))
    return [row for row in rows if first <= local(row, zone) <= last]


def grouped(rows: list[Row], column: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row[column]:
            found[row[column]].append(row)
    return found


def first_day(rows: list[Row], zone: str) -> list[int]:
    """The opens of the 24 hours that begin with the clock hour of the first send, or of the first event."""
    sends = [row["occurred_at"] for row in rows if row["kind"] == "sent"]
    start = min(sends or [row["occurred_at"] for row in rows])
    # Kathmandu's hours begin a quarter past UTC's.
    offset = start.astimezone(ZoneInfo(zone)).minute
    start -= timedelta(minutes=offset)
    found = [0] * 24
    for row in rows:
        hour = (row["occurred_at"] - start) // timedelta(hours=1)
        if row["kind"] == "opened" and 0 <= hour < 24:
            found[hour] += 1
    return found


def filled(room: MailRoom, rows: list[Row]) -> None:
    """Write the events under a source of their own, so that no example sees another's."""
    source = uuid4()
    room.sources = {source: "Main"}
    room.events(*({key: row[key] for key in row if key != "again"} for row in rows), source=source)
