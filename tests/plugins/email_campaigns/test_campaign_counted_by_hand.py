"""Whatever happened, the campaign report and the list agree with counting the same events one by one."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.email_reports import MailRoom, chart, table, tables, tile
from support.mail_counts import COUNTS, RATES, Row, counted

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
    room.events(*rows, source=source)


@pytest.mark.slow
@pytest.mark.requirement("AD-03", "AD-07", "DC-18")
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(events, min_size=20, max_size=60), zone=zones, period=periods)
def test_one_campaign_agrees_with_counting_by_hand(
    mail_room: MailRoom, rows: list[Row], zone: str, period: str
) -> None:
    filled(mail_room, rows)
    ours = [row for row in rows if row["campaign"] == "a" and not row["canvas"]]
    if not ours:
        return

    made = mail_room.report("email.campaign", {"campaign": "a", "zone": zone, "period": period})

    seen = within(ours, period, zone)
    assert {name: tile(made, f"email.{name}").value for name in TILES} == {
        name: counted(seen, name) for name in TILES
    }
    assert chart(made, "first_day").series[0].values == first_day(ours, zone)
    links = grouped([row for row in seen if row["kind"] == "clicked"], "url")
    clicks = sum(map(len, links.values()))
    assert _by(mail_room, made, "links", "url", "email.clicks", "email.unique_clicks", "share") == {
        url: [len(found), counted(found, "unique_clicks"), len(found) / clicks]
        for url, found in links.items()
    }
    columns = ("recipients", "delivered", "bounces", "unique_opens", "unique_clicks", "open_rate")
    assert _by(mail_room, made, "domain", "domain", *(f"email.{name}" for name in columns)) == {
        domain: [counted(found, name) for name in columns]
        for domain, found in grouped(seen, "domain").items()
    }
    everything = [row for row in rows if row["campaign"] and not row["canvas"]]
    averages = [row[1:] for row in table(made, "average").rows]
    assert averages == [[counted(seen, name), counted(everything, name)] for name in RATES]


@pytest.mark.slow
@pytest.mark.requirement("AD-04", "DC-18")
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(events, min_size=20, max_size=60),
    zone=zones,
    period=periods,
    show=st.sampled_from(("counts", "rates")),
)
def test_the_list_agrees_with_counting_by_hand(
    mail_room: MailRoom, rows: list[Row], zone: str, period: str, show: str
) -> None:
    filled(mail_room, rows)

    made = mail_room.report("email.campaign", {"zone": zone, "period": period, "show": show})

    campaigns = [row for row in rows if row["campaign"] and not row["canvas"]]
    seen = within(campaigns, period, zone)
    names = tuple(RATES) if show == "rates" else LISTED
    expected = {
        key: [counted(found, name) for name in names] for key, found in grouped(seen, "campaign").items()
    }
    if campaigns:
        assert _by(mail_room, made, "campaigns", "campaign", *(f"email.{name}" for name in names)) == expected
        assert {name: tile(made, f"email.{name}").value for name in names} == {
            name: counted(seen, name) for name in names
        }


def _by(room: MailRoom, made: Any, name: str, key: str, *columns: str) -> dict[str, list[Any]]:
    """A table's columns by one of them; nothing where the table is left out."""
    found = tables(made).get(name)
    rows = [] if found is None else room.rows(found)
    return {row[key]: [row[column] for column in columns] for row in rows}
