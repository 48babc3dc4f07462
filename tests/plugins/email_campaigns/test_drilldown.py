"""Whatever happened, the rows behind a figure are those that counting by hand would take, and come to it."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bilan.manifest import Snapshot
from bilan.query.session import QuerySession
from bilan.sdk.conditions import AllOf, matches
from bilan.sdk.metrics import Aggregate, Count, Distinct, Max, Min, Ratio
from bilan_email_campaigns.metrics import METRICS
from bilan_email_campaigns.reports.statistics import METRIC, offered
from bilan_email_campaigns.vocabulary import EVENTS
from fixtures.email_reports import MailRoom
from support.campaign_cases import events, filled
from support.drilldowns import addresses, drill, facts
from support.long import times
from support.mail_counts import Row, told

BLANK = {"button": "", "reason": "", "undated": False, "test": False, "tags": list[str]()}
OTHERS = ("push", "web_push", "in_app", "webhook", "sms")
KINDS = (
    "sent", "delivered", "opened", "clicked", "bounced", "failed", "rejected", "impression", "error",
    "influenced_open", "body_click", "button1_click", "button2_click", "carrier_sent", "unsubscribed",
)  # fmt: skip


def elsewhere(row: Row, channel: str, kind: str, button: str) -> dict[str, Any]:
    """The same event on a channel that is not e-mail."""
    return {**row, "channel": channel, "kind": kind, "button": button}


anything = events | st.builds(
    elsewhere, events, st.sampled_from(OTHERS), st.sampled_from(KINDS), st.sampled_from(("", "body"))
)


def completed(rows: list[Row]) -> list[Row]:
    """The events with everything that a metric may look at."""
    return told([{**BLANK, **row, "send": row["kind"] == "sent"} for row in rows])


@pytest.mark.slow
@pytest.mark.requirement("AD-06", "GO-13")
@settings(max_examples=times(6), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(anything, min_size=10, max_size=40),
    zone=st.sampled_from(("UTC", "Europe/Paris", "Asia/Kathmandu")),
    interval=st.sampled_from(("day", "2 days", "none")),
    data=st.data(),
)
def test_the_rows_behind_any_figure_are_those_it_counts(
    mail_room: MailRoom, rows: list[Row], zone: str, interval: str, data: st.DataObject
) -> None:
    complete = completed(rows)
    filled(mail_room, complete)
    (source,) = mail_room.sources
    statistics = [one.key for one in offered({row["channel"] for row in rows})]
    made = mail_room.report(
        "email.engagement",
        {
            "period": "2026-03-28..2026-03-30", "compare": "previous_period", "zone": zone,
            "interval": interval, "statistics": statistics, "rates": True,
        },
    )  # fmt: skip
    found = addresses(mail_room, made)
    if not found:
        return

    for address in data.draw(st.lists(st.sampled_from(found), min_size=8, max_size=16, unique=True)
                             if len(found) >= 16 else st.just(found)):  # fmt: skip
        drilldown = drill(mail_room, made, address)
        figure = drilldown.figure
        chosen: list[Row] = [
            {**row, "source": str(source), "repeat": row["again"]}
            for row in complete
            if _within(row, figure, zone)
        ]
        counted = [row for row in chosen if _counts(figure.metric, row)]
        seen = sorted(row["fact_id"] for row in facts(drilldown))
        assert seen == sorted(row["fact_id"] for row in counted), address
        assert drilldown.recount.rows == len(counted)
        assert _same(_value(figure.metric, chosen), figure.value), (address, figure.metric)
        assert _same(drilldown.recount.value, figure.value), (address, figure.metric)


@pytest.mark.slow
@pytest.mark.requirement("AD-06")
@settings(max_examples=times(3), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(anything, min_size=10, max_size=30))
def test_every_metric_over_events_comes_to_the_same_from_its_rows(
    mail_room: MailRoom, rows: list[Row]
) -> None:
    complete = completed(rows)
    filled(mail_room, complete)
    (source,) = mail_room.sources
    made = mail_room.report("email.engagement")
    client = drill_ask(mail_room, made.as_of)
    chosen: list[Row] = [{**row, "source": str(source), "repeat": row["again"]} for row in complete]

    for metric in (one for one in METRICS if one.dataset == EVENTS):
        recount = client.recount(EVENTS, metric.key)
        found = client.rows(EVENTS, ("fact_id",), where=client.counted(EVENTS, metric.key))
        expected = [row["fact_id"] for row in chosen if _counts(metric.key, row)]
        assert sorted(row["fact_id"] for row in found) == sorted(expected), metric.key
        assert recount.rows == len(expected)
        assert _same(recount.value, _value(metric.key, chosen)), metric.key


def drill_ask(room: MailRoom, as_of: str) -> QuerySession:
    """Asks as the report did."""
    moment = datetime.fromisoformat(as_of)
    return QuerySession(room.warehouse, room.registry, frozenset(room.sources), Snapshot(moment))


def _within(row: Row, figure: Any, zone: str) -> bool:
    day = row["occurred_at"].astimezone(ZoneInfo(zone)).date()
    first, end = (
        (figure.bucket.start, figure.bucket.end) if figure.bucket else (figure.span.start, figure.span.end)
    )
    keys = figure.keys or {}
    here = all(row[key] == value for key, value in keys.items())
    return first <= day < end and here and _table_of(figure, row)


def _table_of(figure: Any, row: Row) -> bool:
    """Whether the row belongs to the table: campaigns and Canvases stand in one each."""
    where = repr(figure.origin.where)
    if "['not', ['present', 'canvas']]" in where:
        return not row["canvas"]
    return bool(row["canvas"]) if "['present', 'canvas']" in where else True


def _counts(key: str, row: Row) -> bool:
    formula = METRIC[key].formula
    if isinstance(formula, Ratio):
        return _counts(formula.numerator, row) or _counts(formula.denominator, row)
    assert isinstance(formula, Aggregate)
    return matches(formula.where or AllOf(()), row)


def _value(key: str, rows: list[Row]) -> Any:
    formula = METRIC[key].formula
    if isinstance(formula, Ratio):
        above, below = _value(formula.numerator, rows), _value(formula.denominator, rows)
        return above / below if below and above <= below else None
    counted = [row for row in rows if _counts(key, row)]
    match formula:
        case Count():
            return len(counted)
        case Distinct(columns):
            # An event that names a Canvas step belongs to it alone.
            named = [{**row, "campaign": ""} if row["canvas"] or row["step"] else row for row in counted]
            return len({tuple(row[name] for name in columns) for row in named})
        case Min(column):
            return min((row[column] for row in counted), default=None)
        case Max(column):
            return max((row[column] for row in counted), default=None)
        case _:
            raise AssertionError(formula)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, datetime) and isinstance(other, str):
        other = datetime.fromisoformat(other)
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12)
    return one == other
