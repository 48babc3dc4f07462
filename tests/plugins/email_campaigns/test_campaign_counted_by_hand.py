"""Whatever happened, the campaign report and the list agree with counting the same events one by one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.email_reports import MailRoom, chart, table, tables, tile
from support.campaign_cases import LISTED, TILES, events, filled, first_day, grouped, periods, within, zones
from support.long import times
from support.mail_counts import RATES, Row, counted, told


@pytest.mark.slow
@pytest.mark.requirement("AD-03", "AD-07", "DC-18")
@settings(max_examples=times(8), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(events, min_size=20, max_size=60), zone=zones, period=periods)
def test_one_campaign_agrees_with_counting_by_hand(
    mail_room: MailRoom, rows: list[Row], zone: str, period: str
) -> None:
    rows = told(rows)
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
@settings(max_examples=times(8), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(events, min_size=20, max_size=60),
    zone=zones,
    period=periods,
    show=st.sampled_from(("counts", "rates")),
)
def test_the_list_agrees_with_counting_by_hand(
    mail_room: MailRoom, rows: list[Row], zone: str, period: str, show: str
) -> None:
    rows = told(rows)
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
