"""Every figure says what it means, and what has come to mean something else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bilan.reports.blocks import metrics_of
from bilan.reports.definitions import changed_definitions, definitions
from bilan.sdk.document import Chart, ChartKind, Custom, Kpi, Kpis, Section, Series, Table, TableColumn
from bilan.sdk.messages import Message
from fixtures.declarations import BASKET, GIFT_RATE, GIFTS, ORDERED

METRICS = {metric.key: metric for metric in (ORDERED, GIFTS, GIFT_RATE, BASKET)}


def tile(metric: str | None) -> Kpi:
    return Kpi(key="k", label="K", value=1, metric=metric)


def table(*metrics: str | None) -> Table:
    columns = tuple(TableColumn(key="c", label="C", metric=metric) for metric in metrics)
    return Table(key="t", title="T", columns=columns)


@pytest.mark.requirement("GO-15")
def test_metrics_are_found_in_tiles_charts_tables_and_a_plugins_own_blocks() -> None:
    chart = Chart(
        key="c",
        kind=ChartKind.LINE,
        title="C",
        description=Message("c"),
        categories=[],
        series=(Series("s", "S", [], "shop.c"),),
        previous=(Series("p", "P", [], "shop.d"),),
    )
    blocks = (
        Kpis("k", (tile("shop.a"), tile(None))),
        Section("s", "S", (Section("inner", "I", (chart,)), table("shop.b", None, "shop.a"))),
        Custom(kind="shop.receipt", key="r", data={}, table=table("shop.e")),
    )

    assert metrics_of(blocks) == ("shop.a", "shop.c", "shop.d", "shop.b", "shop.e")


@pytest.mark.requirement("GO-15")
def test_a_ratio_is_printed_with_what_it_divides() -> None:
    found = definitions(["shop.gift_rate", "shop.basket", "shop.gifts"], METRICS)

    assert [one.key for one in found] == ["shop.gift_rate", "shop.gifts", "shop.ordered", "shop.basket"]
    assert found[0].formula == GIFT_RATE.formula_text
    assert found[0].version == 1


def test_a_metric_that_no_plugin_declares_any_more_is_passed_over() -> None:
    assert definitions(["gone.metric"], METRICS) == ()


@pytest.mark.requirement("GO-15")
def test_a_changed_definition_is_flagged_in_the_next_report() -> None:
    before = definitions(["shop.gifts", "shop.ordered"], METRICS)
    now = definitions(
        ["shop.gifts", "shop.ordered"],
        METRICS | {"shop.gifts": replace(GIFTS, version=2, formula_text=Message("without vouchers"))},
    )

    (note,) = changed_definitions(before, now)

    assert str(note) == (
        "The definition of “A number” has changed since the previous report (version 1 became 2): "
        "without vouchers. Figures of the two are not quite comparable."
    )


@pytest.mark.requirement("GO-15")
def test_unchanged_new_and_dropped_metrics_raise_no_flag() -> None:
    before = definitions(["shop.gifts", "shop.ordered"], METRICS)
    now = definitions(["shop.gifts", "shop.basket"], METRICS)

    assert changed_definitions(before, now) == ()
    assert changed_definitions((), now) == ()
