"""What is asked and answered, on facts few enough to count by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from bilan.manifest import Snapshot
from bilan.query.session import QuerySession, Seen
from bilan.sdk.conditions import Between, Contains, HasAny, Is
from bilan.sdk.datasets import Row
from bilan.sdk.errors import Cancelled, Invalid
from bilan.sdk.filters import FilterValue
from bilan.sdk.periods import Interval, IntervalUnit, Span
from bilan.sdk.query import Order, QueryClient, Question
from bilan.warehouse import Warehouse
from bilan.warehouse.broken import broken_parts

from .post import LETTERS, LYON, NOW, PARIS, REGISTRY

MARCH = Span(date(2026, 3, 28), date(2026, 3, 31), "Europe/Paris")
"""Three days; the clocks change in the night to the second one, and its last moment is 22:00 UTC."""

DECADES = Span(date(2000, 1, 1), date(2026, 1, 1), "UTC")


def letter(at: str, kind: str, contact: str, **values: Any) -> Row:
    return {
        "occurred_at": datetime.fromisoformat(at).replace(tzinfo=UTC),
        "event_id": f"{at} {kind} {contact}", "kind": kind, "contact": contact, "rooms": 1, **values,
    }  # fmt: skip


ROWS = [
    letter("2026-03-27 23:30", "sent", "ada", tags=["red", "blue"]),  # 28 March, 00:30 in Paris
    letter("2026-03-28 12:00", "opened", "ada", tags=["red"], weight=4),
    letter("2026-03-28 23:30", "sent", "bob", tags=["blue"]),  # 29 March
    letter("2026-03-29 21:59:59.999999", "opened", "ada", weight=6),  # the last moment of 29 March
    letter("2026-03-29 22:00", "opened", "bob", tags=["red", "red"], weight=2),  # the first of 30 March
    letter("2026-03-30 22:00", "opened", "eve", tags=["red"]),  # the first of 31 March
]


@dataclass(frozen=True)
class Query:
    """Sessions over what the fixture has appended."""

    warehouse: Warehouse

    def session(self, sources: Iterable[UUID], *, as_of: datetime = NOW, **told: Any) -> QuerySession:
        cancelled, progress = told.get("cancelled"), told.get("progress")
        return QuerySession(
            self.warehouse, REGISTRY, frozenset(sources), Snapshot(as_of), cancelled, progress
        )


@pytest.fixture
def query(warehouse: Warehouse) -> Query:
    warehouse.ensure([LETTERS])
    warehouse.append(LETTERS, PARIS, ROWS, moment=NOW)
    warehouse.append(LETTERS, LYON, ROWS[:1], moment=NOW + timedelta(hours=1))
    return Query(warehouse)


@pytest.fixture
def client(query: Query) -> QuerySession:
    return query.session([PARIS])


def question(*metrics: str, **rest: Any) -> Question:
    return Question("post.letters", tuple(f"post.letters_{metric}" for metric in metrics), **rest)


def figures(values: Any) -> tuple[Any, ...]:
    return tuple(values.values())


def test_it_asks_as_the_contract_says(client: QuerySession):
    contract: QueryClient = client
    assert contract(question("all")).totals == {"post.letters_all": 6}


@pytest.mark.requirement("DC-16", "DC-23")
def test_days_are_cut_in_the_zone_of_the_report_and_empty_ones_are_shown(client: QuerySession):
    longer = Span(MARCH.start - timedelta(days=1), MARCH.end, MARCH.zone)
    answer = client(question("all", "opened", "open_rate", "middle", span=longer, interval=Interval()))
    assert [(str(row.bucket.start), *figures(row.values)) for row in answer.rows if row.bucket] == [
        ("2026-03-27", 0, 0, None, None),
        ("2026-03-28", 2, 1, 1.0, 4),
        ("2026-03-29", 2, 1, 1.0, 6),
        ("2026-03-30", 1, 1, None, 2),
    ]


@pytest.mark.requirement("DC-18")
def test_people_of_the_whole_period_are_counted_anew_and_not_summed(client: QuerySession):
    answer = client(question("people", "openers", "open_rate", span=MARCH, interval=Interval()))
    assert [figures(row.values)[0] for row in answer.rows] == [1, 2, 1]
    assert figures(answer.totals) == (2, 2, 3 / 2)


@pytest.mark.requirement("AD-01")
def test_a_comparison_stands_beside_each_bucket_and_the_total(client: QuerySession):
    after = Span(MARCH.start + timedelta(days=1), MARCH.end, MARCH.zone)
    answer = client(question("all", "people", span=after, interval=Interval(), compare=after.before()))
    assert [(figures(row.values), row.previous and figures(row.previous)) for row in answer.rows] == [
        ((2, 2), (0, 0)),
        ((1, 1), (2, 1)),
    ]
    assert (figures(answer.totals), answer.previous_totals) == (
        (3, 2),
        {"post.letters_all": 2, "post.letters_people": 1},
    )


def test_a_list_counts_under_each_of_its_values_once_or_as_empty_and_the_total_counts_facts(
    client: QuerySession,
):
    answer = client(question("all", "people", by=("tags",), order=(Order("post.letters_all"),)))
    assert [(row.keys, *figures(row.values)) for row in answer.rows] == [
        (("red",), 4, 3),
        (("blue",), 2, 2),
        (("",), 1, 1),  # what ada opened on 29 March
    ]
    assert figures(answer.totals) == (6, 3)
    assert "more than the total" in str(answer.notes[0])


def test_facts_without_a_value_of_a_list_stand_under_each_value_of_another(client: QuerySession):
    answer = client(question("all", by=("tags", "topics"), span=MARCH, compare=MARCH.before()))
    assert [(row.keys, *figures(row.values)) for row in answer.rows] == [
        (("", ""), 1),
        (("blue", ""), 2),
        (("red", ""), 3),  # one more was opened after the last day
    ]
    assert figures(answer.totals) == (5,)


@pytest.mark.parametrize(
    ("chosen", "count"),
    [
        ({"any": ("",)}, 1),
        ({"any": ("", "blue")}, 3),
        ({"none": ("",)}, 5),
        ({"none": ("", "blue")}, 3),
        ({"all": ("",)}, 1),
        ({"all": ("", "red")}, 0),
    ],
    ids=str,
)
def test_an_empty_text_in_a_filter_stands_for_having_no_value(
    client: QuerySession, chosen: dict[str, Any], count: int
):
    filters = (FilterValue("post.tags", **chosen),)
    assert figures(client(question("all", filters=filters)).totals) == (count,)


def test_no_kind_is_chosen_by_an_empty_text(client: QuerySession):
    chosen = FilterValue("post.kind", any=("", "sent"))
    assert figures(client(question("all", filters=(chosen,))).totals) == (2,)


def test_a_limit_cuts_rows_and_neither_totals_nor_their_number(client: QuerySession):
    answer = client(question("all", by=("contact",), order=(Order("post.letters_all"),), limit=1, offset=1))
    assert [(row.keys, *figures(row.values)) for row in answer.rows] == [(("bob",), 2)]
    assert (figures(answer.totals), answer.total_rows) == ((6,), 3)


def test_an_offset_past_the_end_still_says_how_many_there_are(client: QuerySession):
    answer = client(question("all", by=("contact",), limit=5, offset=50))
    assert (answer.rows, answer.total_rows, figures(answer.totals)) == ((), 3, (6,))


def test_other_sources_are_out_of_reach_even_when_the_question_names_them(client: QuerySession):
    assert figures(client(question("all", where=Is("source", str(LYON)))).totals) == (0,)


def test_an_empty_scope_answers_with_nothing_at_all(query: Query):
    nobody = query.session([])
    answer = nobody(question("all", "price", span=MARCH, interval=Interval(IntervalUnit.MONTH)))
    assert figures(answer.totals) == (0, None)
    assert [figures(row.values) for row in answer.rows] == [(0, None)]
    assert list(nobody.rows("post.letters", ("event_id",))) == []
    assert nobody.values("post.letters", "kind") == ()
    assert nobody.extent("post.letters") is None


@pytest.mark.requirement("GO-15")
def test_facts_received_later_are_not_seen_as_of_an_earlier_moment(query: Query):
    both = [PARIS, LYON]
    assert figures(query.session(both)(question("all")).totals) == (6,)
    assert figures(query.session(both, as_of=NOW + timedelta(hours=1))(question("all")).totals) == (7,)


@pytest.mark.requirement("GO-15")
def test_the_answer_carries_the_question_its_moment_and_the_statement_without_any_value(client: QuerySession):
    asked = question("all", where=Is("contact", "ada"), span=MARCH)
    answer = client(asked)
    assert (answer.question, answer.as_of) == (asked, NOW)
    assert answer.sql.startswith("SELECT")
    assert "ada" not in answer.sql


@pytest.mark.requirement("GO-15")
def test_how_much_of_each_source_could_be_seen_is_said_for_provenance(query: Query):
    last = datetime(2026, 3, 30, 22, tzinfo=UTC)
    assert query.session([PARIS, LYON]).seen("post.letters") == (Seen(PARIS, 6, last),)
    later = query.session([PARIS, LYON, uuid4()], as_of=NOW + timedelta(hours=1)).seen("post.letters")
    assert later == (Seen(PARIS, 6, last), Seen(LYON, 1, datetime(2026, 3, 27, 23, 30, tzinfo=UTC)))


@pytest.mark.parametrize("text", ["'; DROP TABLE post__letters; --", "{v0:String}", "\\", "%", "\x00", "é"])
def test_a_value_is_a_value_whatever_it_looks_like(client: QuerySession, text: str):
    for where in (Is("contact", text), Contains("contact", text), HasAny("tags", (text,))):
        assert figures(client(question("all", where=where)).totals) == (0,)
    assert figures(client(question("all")).totals) == (6,)


def test_filters_narrow_by_the_columns_they_were_declared_for(client: QuerySession):
    filters = (FilterValue("post.tags", any=("blue", "green")), FilterValue("post.kind", none=("opened",)))
    assert figures(client(question("all", filters=filters)).totals) == (2,)


@pytest.mark.parametrize(
    ("asked", "says", "path"),
    [
        (question("al"), "There is no metric post.letters_al. Did you mean post.letters_all?", ("metrics",)),
        (question("all", by=("kinds",)), "There is no dimension kinds. Did you mean kind?", ("by",)),
        (question("all", by=("price",)), "There is no dimension price.", ("by",)),
        (question("all", where=Is("kind`;", 1)), "There is no column kind`;. Did you mean kind?", ("where",)),
        (
            question("all", filters=(FilterValue("post.tag"),)),
            "There is no filter post.tag. Did you mean post.tags?",
            ("filters",),
        ),
        (question("all", order=(Order("kind"),)), "The rows cannot be sorted by kind", ("order",)),
        (question("all", limit=-1), "Limit and offset count from 0 upwards.", ("limit",)),
        (question("all", compare=MARCH), "A comparison needs a period", ("compare",)),
        (question("all", where=HasAny("kind", ("a",))), "kind holds text", ("where",)),
        (question("all", where=Between("kind", 3)), "3 cannot be compared with kind", ("where",)),
        (Question("post.leters", ()), "no dataset post.leters. Did you mean post.letters?", ("dataset",)),
        (
            question("all", span=DECADES, interval=Interval(IntervalUnit.HOUR)),
            "The period has 227928 intervals; at most 20000 can be shown.",
            ("interval",),
        ),
    ],
)  # fmt: skip
def test_a_question_that_names_something_unknown_is_refused_with_what_would_be_right(
    client: QuerySession, asked: Question, says: str, path: tuple[str, ...]
):
    with pytest.raises(Invalid) as refusal:
        client(asked)
    assert says in str(refusal.value)
    assert refusal.value.path == path


def test_rows_come_in_order_of_time_with_the_columns_asked_for(client: QuerySession):
    rows = list(client.rows("post.letters", ("contact", "source", "occurred_at"), span=MARCH, limit=2))
    assert rows == [
        {"contact": "ada", "source": str(PARIS), "occurred_at": datetime(2026, 3, 27, 23, 30, tzinfo=UTC)},
        {"contact": "ada", "source": str(PARIS), "occurred_at": datetime(2026, 3, 28, 12, tzinfo=UTC)},
    ]


def test_rows_can_be_sorted_otherwise_and_read_while_other_questions_are_asked(client: QuerySession):
    rows = client.rows("post.letters", ("contact",), order=(Order("contact"),), where=Is("kind", "opened"))
    assert [(row["contact"], *figures(client(question("sent")).totals)) for row in rows] == [
        ("eve", 2),
        ("bob", 2),
        ("ada", 2),
        ("ada", 2),
    ]


def test_the_values_of_a_dimension_come_in_order_and_those_of_a_list_one_by_one(client: QuerySession):
    assert client.values("post.letters", "kind") == ("opened", "sent")
    assert client.values("post.letters", "tags") == ("blue", "red")
    assert client.values("post.letters", "tags", where=Is("contact", "bob"), limit=1) == ("blue",)
    assert client.values("post.letters", "country") == ()


def test_the_extent_is_when_the_first_and_the_last_matching_fact_happened(client: QuerySession):
    assert client.extent("post.letters", where=Is("contact", "bob")) == (
        datetime(2026, 3, 28, 23, 30, tzinfo=UTC),
        datetime(2026, 3, 29, 22, tzinfo=UTC),
    )


WORK: list[Callable[[QuerySession], object]] = [
    lambda client: client(question("all")),
    lambda client: list(client.rows("post.letters", ("contact",))),
    lambda client: client.values("post.letters", "kind"),
    lambda client: client.extent("post.letters"),
    lambda client: client.progress(0.5),
]


@pytest.mark.parametrize("work", WORK, ids=["question", "rows", "values", "extent", "progress"])
def test_work_that_was_stopped_goes_no_further(query: Query, work: Callable[[QuerySession], object]):
    told: list[float] = []
    with pytest.raises(Cancelled):
        work(query.session([PARIS], cancelled=lambda: True, progress=told.append))
    assert told == []


def test_rows_stop_between_blocks_once_the_work_was_stopped(query: Query):
    stopped: list[bool] = []
    rows = query.session([PARIS], cancelled=lambda: bool(stopped)).rows("post.letters", ("contact",))
    stopped.append(True)
    with pytest.raises(Cancelled):
        next(rows)


def test_progress_is_handed_on_between_nothing_and_all(query: Query):
    told: list[float] = []
    client = query.session([PARIS], progress=told.append)
    for proportion in (-1, 0.25, 7):
        client.progress(proportion)
    assert told == [0.0, 0.25, 1.0]


OUTNUMBERED = (
    "A rate is left empty where more is known of the part than of the whole: "
    "a source does not report the whole, or it lies before the period."
)


@pytest.mark.requirement("DC-18")
def test_a_share_is_empty_where_more_is_known_of_the_part_than_of_the_whole_and_that_is_said(
    client: QuerySession,
):
    answer = client(question("open_rate", "opened_of_sent", span=MARCH, interval=Interval()))
    assert figures(answer.totals) == (3 / 2, None)
    assert [figures(row.values) for row in answer.rows] == [(1.0, 1.0), (1.0, 1.0), (None, None)]
    assert OUTNUMBERED in map(str, answer.notes)


@pytest.mark.requirement("DC-18")
def test_nothing_is_said_of_shares_that_could_be_stated(client: QuerySession):
    days = Span(MARCH.start, MARCH.end - timedelta(days=1), MARCH.zone)
    answer = client(question("opened_of_sent", span=days, interval=Interval()))
    assert figures(answer.totals) == (1.0,)
    assert OUTNUMBERED not in map(str, answer.notes)


@pytest.mark.requirement("DC-18")
def test_rows_are_sorted_by_a_share_with_those_that_have_none_at_the_end(client: QuerySession):
    order = (Order("post.letters_opened_of_sent"),)
    answer = client(question("opened", "sent", "opened_of_sent", by=("contact",), order=order))
    assert [(*row.keys, *figures(row.values)) for row in answer.rows] == [
        ("bob", 1, 1, 1.0),
        ("ada", 2, 1, None),
        ("eve", 1, 0, None),
    ]


def test_a_running_period_and_a_partial_interval_are_said(query: Query):
    client = query.session([PARIS], as_of=datetime(2026, 3, 30, 12, tzinfo=UTC))
    notes = client(question("all", span=MARCH, interval=Interval(IntervalUnit.DAY, 2))).notes
    assert [str(note).partition(" ")[0:3:2] for note in notes] == [
        ("The", "period was still running when the figures were counted; its last figures will grow."),
        ("The", "first or the last interval is cut short by the period's edge."),
    ]


@pytest.mark.parametrize(
    ("table", "partition", "told"),
    [
        ("post__letters", "202603", True),
        ("post__letters", "202604", False),
        ("post__letters__daily_00c0ffee", "202603-17", True),
        ("post__letters__arriving_00c0ffee", "202603", False),
        ("post__letters_of_love", "202603", False),
    ],
    ids=["facts", "the month after", "counted in advance", "looked up", "another table"],
)
def test_what_cannot_be_read_is_said_of_the_months_and_tables_that_were_asked_about(
    client: QuerySession, monkeypatch: pytest.MonkeyPatch, table: str, partition: str, told: bool
):
    broken = broken_parts([(table, partition, f"{partition}_1_1_0", "broken")])
    monkeypatch.setattr(client.warehouse, "broken", broken)
    march = Span(date(2026, 3, 1), date(2026, 4, 1), "UTC")

    notes = [str(note) for note in client(question("all", span=march)).notes]

    note = "Facts of 2026-03 are missing: the warehouse cannot read a part of them; figures are too low."
    assert (note in notes, any("are missing" in one for one in notes)) == (told, told)


def test_every_question_is_one_statement(query: Query, monkeypatch: pytest.MonkeyPatch):
    run: list[str] = []
    original = Warehouse.query

    def counting(warehouse: Warehouse, sql: str, parameters: Any = None, **named: Any) -> Any:
        run.append(sql)
        return original(warehouse, sql, parameters, **named)

    monkeypatch.setattr(Warehouse, "query", counting)
    everything = question(
        "all", "people", "open_rate", span=MARCH, interval=Interval(), by=("tags", "kind"),
        compare=MARCH.before(), order=(Order("post.letters_open_rate"),), limit=2,
    )  # fmt: skip
    query.session([PARIS])(everything)
    assert len(run) == 1


def test_only_what_was_asked_for_is_computed(query: Query):
    sql = query.session([PARIS]).statement(question("open_rate")).sql
    assert sql.count(" AS _a") == 2
    assert "uniqExact" not in sql
