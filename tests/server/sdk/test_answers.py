"""Blocks made of an answer take from the metrics and the dataset what these say of themselves."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bilan.sdk import (
    Answer,
    AnswerRow,
    Bucket,
    Cell,
    Interval,
    IntervalUnit,
    Kpi,
    Mark,
    Question,
    Span,
    Unit,
    answer_table,
    tiles,
    timeline,
)
from fixtures.declarations import GIFT_RATE, ORDERED, ORDERS

SPAN = Span(date(2026, 3, 1), date(2026, 3, 3), "UTC")
BEFORE = Span(date(2026, 2, 27), date(2026, 3, 1), "UTC")
DAYS = Interval(IntervalUnit.DAY).buckets(SPAN)
METRICS = (ORDERED, GIFT_RATE)


def figures(ordered: int | None, rate: float | None) -> dict[str, Any]:
    return {ORDERED.key: ordered, GIFT_RATE.key: rate}


def row(bucket: Bucket | None, *keys: str, ordered: int, before: int | None = None) -> AnswerRow:
    previous = None if before is None else figures(before, None)
    return AnswerRow(bucket, keys, figures(ordered, 0.5), previous)


def answer(*rows: AnswerRow, compare: Span | None = None, **question: Any) -> Answer:
    asked = Question(ORDERS.key, (ORDERED.key, GIFT_RATE.key), SPAN, compare=compare, **question)
    return Answer(asked, rows, figures(7, 0.25), figures(5, None) if compare else None, total_rows=len(rows))


def test_a_tile_says_what_its_metric_says() -> None:
    assert Kpi.of(GIFT_RATE, Cell(0.25, Mark.RED_FLAG), previous=0.5, compared=True) == Kpi(
        key="shop.gift_rate", label=GIFT_RATE.label, value=0.25, unit=Unit.PROPORTION, previous=0.5,
        compared=True, metric="shop.gift_rate", mark=Mark.RED_FLAG,
    )  # fmt: skip


def test_tiles_hold_the_totals_beside_those_of_the_comparison() -> None:
    block = tiles("figures", answer(compare=BEFORE), METRICS)

    assert [(tile.key, tile.value, tile.previous, tile.compared) for tile in block.tiles] == [
        ("shop.ordered", 7, 5, True),
        ("shop.gift_rate", 0.25, None, True),
    ]
    assert block.origin == answer(compare=BEFORE).origin


def test_a_timeline_renders_the_buckets_with_the_comparison_of_the_first_metric_behind() -> None:
    days = (row(DAYS[0], ordered=3, before=1), row(DAYS[1], ordered=4, before=4))
    chart = timeline("sold", "Sold", answer(*days, compare=BEFORE, interval=Interval()), [ORDERED])

    assert chart.categories == ["2026-03-01", "2026-03-02"]
    assert [(line.key, line.values) for line in chart.series] == [("shop.ordered", [3, 4])]
    assert [line.values for line in chart.previous] == [[1, 4]]
    assert str(chart.description) == (
        "A number from 2026-03-01 to 2026-03-02, highest in the interval that begins on 2026-03-02."
    )


@pytest.mark.parametrize(
    ("rows", "description"),
    [((), "A number: no figures."), ((DAYS[0],), "A number from 2026-03-01 to 2026-03-01: no figures.")],
)
def test_a_timeline_of_nothing_says_so(rows: tuple[Bucket, ...], description: str) -> None:
    empty = (AnswerRow(bucket, (), figures(None, None)) for bucket in rows)

    assert str(timeline("sold", "Sold", answer(*empty), [ORDERED]).description) == description


def test_a_table_names_its_dimensions_as_the_dataset_does_and_its_figures_as_the_metrics_do() -> None:
    table = answer_table(
        "countries",
        "Countries",
        answer(row(None, "FR", ordered=4), row(None, "BE", ordered=3), by=("country",)),
        METRICS,
        ORDERS,
    )

    assert [(column.key, column.label, column.metric) for column in table.columns] == [
        ("country", ORDERS.by_name["country"].label, None),
        ("shop.ordered", ORDERED.label, "shop.ordered"),
        ("shop.gift_rate", GIFT_RATE.label, "shop.gift_rate"),
    ]
    assert table.rows == [["FR", 4, 0.5], ["BE", 3, 0.5]]
    assert table.totals == [None, 7, 0.25]
    assert table.file == "countries"


def test_a_table_over_time_begins_with_its_buckets() -> None:
    days = answer(row(DAYS[0], ordered=4), interval=Interval())
    table = answer_table("days", "Days", days, [ORDERED], ORDERS)

    assert (table.columns[0].key, table.columns[0].unit) == ("bucket", Unit.DATE)
    assert table.rows == [["2026-03-01", 4]]


def test_a_table_of_the_whole_period_has_no_column_of_buckets() -> None:
    table = answer_table(
        "whole", "Whole", answer(row(DAYS[0], "FR", ordered=4), by=("country",)), [ORDERED], ORDERS
    )

    assert [column.key for column in table.columns] == ["country", "shop.ordered"]
    assert table.rows == [["FR", 4]]
