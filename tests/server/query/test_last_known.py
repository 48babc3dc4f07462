"""What was last known of three profiles: figures worked out by hand, and the facts behind each of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from bilan.drilldown.drilldown import Drilldown, drill_down
from bilan.drilldown.figures import find
from bilan.i18n import Translator, formatter_for
from bilan.manifest import Snapshot
from bilan.query.session import QuerySession
from bilan.rendering.delimited import Dialect
from bilan.sdk import answer_table, tiles, timeline
from bilan.sdk.document import Document, Table, plain_value
from bilan.sdk.errors import Invalid
from bilan.sdk.metrics import Metric
from bilan.sdk.periods import Interval, IntervalUnit, Span
from bilan.sdk.query import HOUR, WEEKDAY, Answer, Question
from bilan.testing.drilldown_rules import addresses
from bilan.warehouse import Warehouse

from .counting import Batch
from .levels import DAYS, NOW, REGISTRY

pytestmark = pytest.mark.requirement("AP-12", "DC-15")

MARCH = Span(date(2026, 3, 1), date(2026, 4, 1), "America/Los_Angeles")
GONE = "_gone"


def day(on: date, network: str, profile: str, followers: int | None, **more: Any) -> dict[str, Any]:
    row = {"day": on, "network": network, "profile": profile, "followers": followers, "score": 0.0}
    return {**row, "labels": [], "verified": False, **more}


TOLD = (
    # a has 100 before March, 120 and then 130 in it; b 50 in January alone; c is first seen on 20 March.
    day(date(2026, 2, 27), "x", "a", 100, engagement=5),
    day(date(2026, 3, 10), "x", "a", 120, engagement=6),
    day(date(2026, 3, 31), "x", "a", 130, engagement=9, lost=1),
    day(date(2026, 4, 1), "x", "a", 999, engagement=100),
    day(date(2026, 1, 15), "y", "b", 50),
    day(date(2026, 3, 5), "y", "b", None, engagement=3),
    day(date(2026, 3, 20), "y", "c", 7, engagement=2),
)


@pytest.fixture(scope="module")
def shared(shared_warehouse: Warehouse) -> Warehouse:
    shared_warehouse.ensure([DAYS])
    return shared_warehouse


def told(warehouse: Warehouse, *batches: tuple[dict[str, Any], ...]) -> QuerySession:
    """A session over a source that told these batches, a day apart, the last one now."""
    source = uuid4()
    for number, rows in enumerate(reversed(batches)):
        batch = Batch(source, NOW - timedelta(days=number), rows)
        warehouse.append(DAYS, source, batch.table(DAYS), moment=batch.moment)
    return QuerySession(warehouse, REGISTRY, frozenset([source]), Snapshot(NOW))


@pytest.fixture
def client(shared: Warehouse) -> QuerySession:
    return told(shared, TOLD)


def keys(*short: str) -> tuple[str, ...]:
    return tuple(f"levels.days_{one}" for one in short)


def values(answer: Answer, *short: str) -> list[tuple[Any, ...]]:
    return [(*row.keys, *(row.values[key] for key in keys(*short))) for row in answer.rows]


ASKED = ("followers", "followers_change", "seen_followers", "engagement", "rate", "moved", "all")


def test_a_month_has_the_values_at_its_end_and_never_a_sum_over_days(client: QuerySession):
    answer = client(Question(DAYS.key, keys(*ASKED), MARCH))
    assert dict(zip(ASKED, (answer.totals[key] for key in keys(*ASKED)), strict=True)) == {
        "followers": 130 + 50 + 7,
        "followers_change": 30 + 0,
        "seen_followers": 130 + 7,
        "engagement": 6 + 9 + 3 + 2,
        "rate": 20 / 187,
        "moved": 30 - 1,
        "all": 20 + 1 + 30,
    }


def test_an_answer_says_what_was_carried_and_what_was_first_seen_and_that_no_zone_shifts_its_days(
    client: QuerySession,
):
    answer = client(Question(DAYS.key, keys("followers", "followers_change"), MARCH))
    assert list(map(str, answer.notes)) == [
        "Days of profiles: days are those that the source itself counts by; no time zone shifts them.",
        "Followers: 1 value was carried on, as there was no newer one; it is from 2026-01-15.",
        "Change of followers leaves out what was first seen within the period: y · c.",
    ]


def test_an_answer_says_what_was_carried_and_first_seen_in_the_comparison(client: QuerySession):
    compared = Question(DAYS.key, keys("followers", "followers_change"), MARCH, compare=MARCH.before())
    carried = "Followers: 1 value was carried on, as there was no newer one; it is from 2026-01-15."
    assert list(map(str, client(compared).notes))[1:] == [
        carried,
        "Change of followers leaves out what was first seen within the period: y · c.",
        f"In the comparison: {carried}",
        "In the comparison: Change of followers leaves out what was first seen within the period: x · a.",
    ]


def test_intervals_carry_values_on_and_changes_add_up_to_that_of_the_whole(client: QuerySession):
    weeks = Question(
        DAYS.key, keys("followers", "followers_change", "seen_followers"),
        Span(date(2026, 3, 9), date(2026, 3, 30), "UTC"), Interval(IntervalUnit.WEEK), by=("network",),
    )  # fmt: skip
    assert values(client(weeks), "followers", "followers_change", "seen_followers") == [
        ("x", 120, 20, 120),
        ("y", 50, 0, None),
        ("x", 120, 0, None),
        ("y", 57, 0, 7),
        ("x", 120, 0, None),
        ("y", 57, 0, None),
    ]
    assert dict(client(weeks).totals) == dict(
        zip(keys("followers", "followers_change", "seen_followers"), (177, 20, 127), strict=True)
    )


def test_a_month_is_compared_with_the_one_before(client: QuerySession):
    answer = client(
        Question(DAYS.key, keys("followers", "rate"), MARCH, by=("profile",), compare=MARCH.before())
    )
    followers, rate = keys("followers", "rate")
    found = {row.keys: (row.values[followers], (row.previous or {})[followers]) for row in answer.rows}
    assert found == {("a",): (130, 100), ("b",): (50, 50), ("c",): (7, None)}
    assert answer.previous_totals == {followers: 150, rate: 5 / 150}


def test_a_value_that_is_restated_or_retracted_counts_no_more_but_did_as_of_earlier(shared: Warehouse):
    restated = day(date(2026, 3, 31), "x", "a", 131)
    retracted = {**day(date(2026, 3, 20), "y", "c", None), GONE: True}
    now = told(shared, TOLD, (restated, retracted))
    before = QuerySession(shared, REGISTRY, now.sources, Snapshot(NOW - timedelta(hours=1)))
    question = Question(DAYS.key, keys("followers"), MARCH)
    assert [dict(client(question).totals) for client in (now, before)] == [
        {keys("followers")[0]: 131 + 50},
        {keys("followers")[0]: 187},
    ]


def test_two_sources_have_a_value_each_of_a_profile_of_one_name(shared: Warehouse):
    one, other = (told(shared, (day(date(2026, 3, 1), "x", "a", count),)) for count in (3, 4))
    both = QuerySession(shared, REGISTRY, one.sources | other.sources, Snapshot(NOW))
    assert dict(both(Question(DAYS.key, keys("followers"), MARCH)).totals) == {keys("followers")[0]: 7}


def test_no_value_is_carried_into_days_that_are_still_to_come(shared: Warehouse):
    known = told(shared, TOLD)
    early = datetime(2026, 3, 11, 20, tzinfo=UTC)
    client = QuerySession(shared, REGISTRY, known.sources, Snapshot(NOW, known.snapshot.state, early))
    days = Question(
        DAYS.key, keys("followers"), Span(date(2026, 3, 9), date(2026, 3, 14), "UTC"), Interval(),
    )  # fmt: skip
    assert [row.values[keys("followers")[0]] for row in client(days).rows] == [150, 170, 170, None, None]
    assert dict(client(days).totals) == {keys("followers")[0]: 170}


@pytest.mark.parametrize(
    ("zone", "hour", "begun"),
    [
        pytest.param("UTC", 20, 3, id="today"),
        pytest.param("Pacific/Kiritimati", 20, 4, id="already tomorrow"),
        pytest.param("Pacific/Pago_Pago", 5, 2, id="still yesterday"),
    ],
)
def test_a_comparison_that_reaches_today_carries_values_until_today_in_the_reports_zone(
    shared: Warehouse, zone: str, hour: int, begun: int
):
    known = told(shared, TOLD)
    at = datetime(2026, 3, 11, hour, tzinfo=UTC)
    client = QuerySession(shared, REGISTRY, known.sources, Snapshot(NOW, known.snapshot.state, at))
    compared = Span(date(2026, 3, 9), date(2026, 3, 14), zone)
    days = Question(
        DAYS.key, keys("followers"), Span(compared.end, date(2026, 3, 19), zone), Interval(), compare=compared
    )
    found = [(row.previous or {})[keys("followers")[0]] for row in client(days).rows]
    assert found == [150, 170, 170, 170, 170][:begun] + [None] * (5 - begun)


def test_what_was_last_known_has_no_weekday(client: QuerySession):
    with pytest.raises(Invalid) as refused:
        client(Question(DAYS.key, keys("rate"), MARCH, by=(WEEKDAY,)))
    assert str(refused.value) == (
        "Followers is what was last known at the end of a period, and cannot be broken down by Weekday."
    )


@pytest.mark.parametrize(
    "asked",
    [{"by": (HOUR,)}, {"interval": Interval(IntervalUnit.HOUR)}],
)
def test_days_that_a_source_counts_by_have_no_hours(client: QuerySession, asked: dict[str, Any]):
    with pytest.raises(Invalid) as refused:
        client(Question(DAYS.key, keys("engagement"), MARCH, **asked))
    assert str(refused.value) == (
        "Days of profiles has figures of whole days, as their source cuts them; they have no hours."
    )


@pytest.mark.requirement("DC-23")
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/Los_Angeles", "Pacific/Apia"])
def test_days_are_the_same_in_every_zone(client: QuerySession, zone: str):
    days = Span(date(2026, 3, 31), date(2026, 4, 2), zone)
    answer = client(Question(DAYS.key, keys("engagement"), days, Interval()))
    assert [(row.bucket and row.bucket.start, *row.values.values()) for row in answer.rows] == [
        (date(2026, 3, 31), 9),
        (date(2026, 4, 1), 100),
    ]
    weekdays = client(Question(DAYS.key, keys("engagement"), days, by=(WEEKDAY,)))
    assert [(row.keys, *row.values.values()) for row in weekdays.rows] == [(("2",), 9), (("3",), 100)]
    assert [row["day"] for row in client.rows(DAYS.key, ("day",), span=days)] == [
        date(2026, 3, 31),
        date(2026, 4, 1),
    ]


def test_the_first_day_is_a_midnight_of_the_zone_that_is_asked_for(client: QuerySession):
    found = client.extent(DAYS.key, zone="America/Los_Angeles")
    assert found == (datetime(2026, 1, 15, 8, tzinfo=UTC), datetime(2026, 4, 1, 7, tzinfo=UTC))
    (seen,) = client.seen(DAYS.key)
    assert seen.watermark == datetime(2026, 4, 1, tzinfo=UTC)


# Behind figures.


def metrics(*short: str) -> list[Metric]:
    return [REGISTRY.metrics[key] for key in keys(*short)]


def document(client: QuerySession) -> Document:
    """A report with a tile, a point and a cell for each figure."""
    asked = ("followers", "followers_change", "seen_followers", "rate", "moved", "all", "share")
    whole = Question(DAYS.key, keys(*asked), MARCH, compare=MARCH.before())
    weeks = Question(DAYS.key, keys(*asked), MARCH, Interval(IntervalUnit.WEEK), compare=MARCH.before())
    by = Question(DAYS.key, keys(*asked), MARCH, Interval(IntervalUnit.MONTH), by=("network", "profile"))
    blocks = (
        tiles("tiles", client(whole), metrics(*asked)),
        timeline("line", "Line", client(weeks), metrics("followers", "followers_change")),
        answer_table("table", "Table", client(by), metrics(*asked), DAYS),
    )
    return Document(
        kind="levels", title="Levels", subtitle=None, as_of=plain_value(NOW), zone=MARCH.zone, blocks=blocks
    )


def in_memory(table: Table) -> Iterator[list[Any]]:
    return iter(table.rows)


def drill(client: QuerySession, made: Document, address: str) -> Drilldown:
    names = {str(source): "Test" for source in client.sources}
    return drill_down(REGISTRY, client, made, find(made, in_memory, address), names=names)


def behind(drilldown: Drilldown, *columns: str) -> list[tuple[Any, ...]]:
    at = [[column.key for column in drilldown.columns].index(name) for name in columns]
    return [tuple(row.values[place] for place in at) for row in drilldown.rows()]


@pytest.mark.requirement("AD-06")
def test_followers_lead_to_the_last_fact_of_each_profile(client: QuerySession):
    found = drill(client, document(client), "0:t0")
    assert behind(found, "day", "profile", "followers") == [
        ("2026-01-15", "b", 50),
        ("2026-03-20", "c", 7),
        ("2026-03-31", "a", 130),
    ]
    assert (found.figure.value, found.recount.value, found.agrees) == (187, 187, True)
    assert list(map(str, found.remarks)) == ["3 rows, the last one of each that has a value."]


@pytest.mark.requirement("AD-06")
def test_a_change_leads_to_the_facts_at_both_ends(client: QuerySession):
    found = drill(client, document(client), "0:t1")
    assert behind(found, "day", "profile", "followers") == [
        ("2026-01-15", "b", 50),
        ("2026-02-27", "a", 100),
        ("2026-03-31", "a", 130),
    ]
    assert (found.figure.value, found.recount.value) == (30, 30)


@pytest.mark.requirement("AD-06")
def test_a_rate_leads_to_what_was_counted_and_to_what_was_last_known(client: QuerySession):
    found = drill(client, document(client), "0:t3")
    assert [(str(what.value), *rest) for what, *rest in behind(found, "matched_by", "day", "profile")] == [
        ("Followers", "2026-01-15", "b"),
        ("Engagement", "2026-03-05", "b"),
        ("Engagement", "2026-03-10", "a"),
        ("Engagement and Followers", "2026-03-20", "c"),
        ("Engagement and Followers", "2026-03-31", "a"),
    ]
    assert list(map(str, found.remarks)) == ["20 “Engagement” divided by 187 “Followers”."]
    english = formatter_for(Translator.of(), "en", "UTC")
    lines = b"".join(found.text(Dialect(bom=False), english)).decode().splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == [
        "Followers", "Engagement", "Engagement", "Engagement and Followers", "Engagement and Followers",
    ]  # fmt: skip


@pytest.mark.requirement("AD-06")
def test_every_figure_is_what_its_rows_come_to(client: QuerySession):
    made = document(client)
    followed = [address for _block, address in addresses(made, in_memory)]
    wrong = {one: found for one in followed if not (found := drill(client, made, one)).agrees}
    assert wrong == {}
    assert len(followed) > 30
