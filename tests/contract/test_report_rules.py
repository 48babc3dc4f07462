"""What a bad plugin counts and builds is caught by the rules, in a sentence that says what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from dataclasses import field as described
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
from msgspec.structs import replace as replace_of

from bilan.registry.declared import Declared
from bilan.registry.gather import load
from bilan.rendering.plugin import RENDERING
from bilan.sdk import NO_VALUE, ConnectionPage, Invalid, Message, QueryClient, answer_table, tiles
from bilan.sdk.document import Block, Document, Kpi, Kpis, Table, TableColumn
from bilan.sdk.messages import messages
from bilan.sdk.query import Question
from bilan.sdk.rendering import RenderContext, Rows
from bilan.sdk.reports import Building, Example, Report, ReportRequest
from bilan.sdk.sections import section
from bilan.testing import comparison_rules, drilldown_rules, report_rules
from bilan.testing.harness import PluginHarness, open_harness
from fixtures.declarations import (
    ORDERED,
    ORDERS,
    PAPER,
    SALES,
    TILLS,
    plugin,
)
from support.rules import order, selling

pytestmark = pytest.mark.requirement("GO-14")

_ = messages("shop")[0]

Open = Callable[..., tuple[PluginHarness, Declared]]


@pytest.fixture
def opened(bilan_warehouse_folder: Path, tmp_path: Path) -> Generator[Open]:
    """Opens a harness with a shop that answers so, and with two orders."""
    with ExitStack() as stack:

        def open_harness_with(**answers: Any) -> tuple[PluginHarness, Declared]:
            registry = load([("rendering", RENDERING), ("shop", plugin(**answers))], installed=False)
            found = stack.enter_context(open_harness(registry, bilan_warehouse_folder, tmp_path))
            gift = order(1, country="FR", tags=["a"], gift=True)
            assert found.load([gift, order(2, country="BE", total=8.5)]) == []
            return found, registry.declared[-1]

        yield open_harness_with


def report(*blocks: Any) -> tuple[Any, ...]:
    """The shop's report, made of these blocks."""

    def build(request: ReportRequest, building: Building) -> Report:
        return Report(title=_("Sales"), blocks=blocks)

    return (replace(SALES, build=build),)


def test_a_good_plugin_breaks_no_rule_about_what_it_makes(opened: Open) -> None:
    one = opened(register_renderers=None)

    for rule in (
        report_rules.check_metrics,
        report_rules.check_filters,
        report_rules.check_reports,
        report_rules.check_rendering,
    ):
        assert list(rule(*one)) == []


def test_a_figure_whose_rows_come_to_another_is_caught(opened: Open) -> None:
    def build(request: ReportRequest, building: Building) -> Report:
        answer = building(Question(ORDERS.key, (ORDERED.key,)))
        tiles = (
            Kpi(key="right", label=_("Right"), value=answer.totals[ORDERED.key], metric=ORDERED.key),
            Kpi(key="wrong", label=_("Wrong"), value=99, metric=ORDERED.key),
        )
        blocks = (Kpis("tiles", tiles, answer.origin),)
        return Report(title=_("Sales"), blocks=blocks)

    shop, one = opened(register_reports=(replace(SALES, build=build),))
    count = shop.totals(ORDERED.key)[ORDERED.key]

    said = f"Wrong of shop.sales (0:t1) is 99, but its rows come to {count}"
    assert list(drilldown_rules.check_drilldown(shop, one)) == [said, said]


@pytest.mark.parametrize("names", [{}, {"": NO_VALUE}, None], ids=["blank", "named", "without a column"])
def test_figures_without_a_value_of_a_list_under_an_empty_name_are_caught(
    opened: Open, names: dict[str, Message] | None
) -> None:
    def build(request: ReportRequest, building: Building) -> Report:
        answer = building(Question(ORDERS.key, (ORDERED.key,), building.span, by=("tags",)))
        table = answer_table("tags", _("Tags"), answer, [ORDERED], ORDERS)
        places = [n for n, one in enumerate(table.columns) if names is not None or one.key != "tags"]
        columns = [replace_of(table.columns[n], names=names or {}) for n in places]
        rows = [[row[n] for n in places] for row in table.rows]
        totals = [(table.totals or [])[n] for n in places]
        return Report(_("Sales"), (replace_of(table, columns=tuple(columns), rows=rows, totals=totals),))

    caught = {*report_rules.check_breakdowns(*opened(register_reports=(replace(SALES, build=build),)))}

    sentence = (
        "tags of shop.sales has figures without any tags under an empty name; "
        'give the column or the chart names={"": NO_VALUE}'
    )
    assert caught == ({sentence} if names == {} else set())


def test_a_metric_that_cannot_be_counted_is_caught(opened: Open) -> None:
    shop, one = opened()
    metrics = (ORDERED, replace(ORDERED, key="shop.lost"))

    # The harness does not know the second metric, as a server would not whose plugin was exchanged.
    said = list(report_rules.check_metrics(shop, replace(one, metrics=metrics)))

    assert said
    assert all(each.startswith("shop.lost by month") and "cannot be counted" in each for each in said)


@dataclass(frozen=True)
class Town:
    """A row of a query field."""

    name: str = described(metadata={"description": "What it is called."})


NAMELESS = Town(cast("str", 7))


@pytest.mark.parametrize(
    ("connection", "answer", "said"),
    [
        (
            True,
            [Town("Lyon")],
            "the query field tills gives a list, not a ConnectionPage",
        ),
        (
            True,
            ConnectionPage(["Lyon"], 1),
            "the answer of the query field tills must be Town, not a plain str",
        ),
        (
            True,
            ConnectionPage([NAMELESS], 1),
            "the answer.name of the query field tills must be str, not int",
        ),
        (False, None, "the answer of the query field tills must be Town, not None"),
        (False, ZeroDivisionError(), "the query field tills fails: ZeroDivisionError()"),
    ],
)
def test_a_resolver_that_gives_something_else_is_caught(
    opened: Open, connection: bool, answer: Any, said: str
) -> None:
    def tills(client: QueryClient, **_part: int) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    field = replace(TILLS, type=Town, resolve=tills, connection=connection)

    assert list(report_rules.check_answers(*opened(register_query_fields=(field,)))) == [said]


def test_a_report_that_asks_for_an_unknown_dimension_is_caught(opened: Open) -> None:
    def build(request: ReportRequest, building: Building) -> Report:
        return Report("Sales", (section("by", _("By"), lambda: [lost(building)]),))

    def lost(building: Building) -> Block:
        return tiles("t", building(Question(ORDERS.key, (ORDERED.key,), by=("colour",))), [ORDERED])

    said = list(report_rules.check_reports(*opened(register_reports=(replace(SALES, build=build),))))

    assert len(said) == 2
    assert said[0].startswith("a section of shop.sales fails: ")
    assert "colour" in said[0]


def test_a_builder_that_returns_something_else_is_caught(opened: Open) -> None:
    def build(request: ReportRequest, building: Building) -> Any:
        return []

    said = list(report_rules.check_reports(*opened(register_reports=(replace(SALES, build=build),))))

    assert said == ["shop.sales cannot be built: TypeError('shop.sales must build a Report, not list')"] * 2


def test_samples_that_count_twice_are_caught(opened: Open) -> None:
    numbers = iter(range(3, 100))
    shop, one = opened(**selling(lambda _request: [order(next(numbers))]))

    assert list(report_rules.check_reimport(shop, one)) == [
        "shop.ordered was 2 and is 3 once the samples were taken in again",
        "shop.gift_rate was 0.5 and is 0.3333333333333333 once the samples were taken in again",
    ]


def test_a_report_that_fails_is_caught(opened: Open) -> None:
    def build(request: ReportRequest, building: Building) -> Report:
        raise ZeroDivisionError

    assert (
        list(report_rules.check_reports(*opened(register_reports=(replace(SALES, build=build),))))
        == ["shop.sales cannot be built: ZeroDivisionError()"] * 2
    )


def test_an_example_that_cannot_be_opened_is_caught(opened: Open) -> None:
    wrong = Example("france", _("France"), _("What was sold in France."), {"contry": "fr"})
    kind = replace(SALES, examples=(replace(wrong, key="all", values={}), wrong))

    (said,) = report_rules.check_examples(*opened(register_reports=(kind,)))

    assert said.startswith("the example france of shop.sales cannot be opened: Invalid(")


def test_a_part_of_an_example_that_fails_is_caught(opened: Open) -> None:
    def build(request: ReportRequest, building: Building) -> Report:
        missing: list[Block] = []
        lost = section("lost", _("Lost"), lambda: [missing[0]])
        return Report(title=_("Sales"), blocks=(lost,))

    every = Example("all", _("All"), _("All that was sold."), {})
    kind = replace(SALES, build=build, examples=(every,))

    (said,) = report_rules.check_examples(*opened(register_reports=(kind,)))

    assert said.startswith("a section of the example all of shop.sales fails: This part of the report")


def test_a_section_that_fails_is_caught(opened: Open) -> None:
    def build(request: ReportRequest, building: Building) -> Report:
        missing: list[Block] = []
        lost = section("lost", _("Lost"), lambda: [missing[0]])
        return Report(title=_("Sales"), blocks=(lost,))

    said = list(report_rules.check_reports(*opened(register_reports=(replace(SALES, build=build),))))

    assert len(said) == 2
    assert said[0].startswith("a section of shop.sales fails: This part of the report could not be made")


def test_personal_columns_of_a_report_that_is_not_personal_are_caught(opened: Open) -> None:
    buyers = Table(
        key="buyers", title=_("Buyers"), columns=(TableColumn(key="buyer", label=_("Buyer"), personal=True),)
    )

    assert (
        list(report_rules.check_reports(*opened(register_reports=report(buyers))))
        == ["shop.sales shows personal columns in buyers, but is not marked as personal"] * 2
    )


def test_a_figure_of_a_metric_that_does_not_exist_is_caught(opened: Open) -> None:
    tiles = Kpis("figures", (Kpi(key="sold", label=_("Sold"), value=1, metric="shop.sold"),))

    assert (
        list(report_rules.check_reports(*opened(register_reports=report(tiles))))
        == ["shop.sales names the metric shop.sold, which nobody declares"] * 2
    )


def test_a_format_that_fails_or_differs_each_time_is_caught(opened: Open) -> None:
    marks = iter(range(100))

    def restless(document: Document, context: RenderContext, rows: Rows, out: BinaryIO) -> None:
        out.write(bytes([next(marks)]))

    def failing(document: Document, context: RenderContext, rows: Rows, out: BinaryIO) -> None:
        raise ZeroDivisionError

    contexts = (replace(PAPER, render=restless), replace(PAPER, format="slate", render=failing))

    assert (
        list(report_rules.check_rendering(*opened(register_renderers=contexts)))
        == [
            "shop.sales rendered as paper twice gives different bytes",
            "shop.sales cannot be rendered as slate: ZeroDivisionError()",
        ]
        * 2
    )


def counted(*, compared: bool) -> Callable[[ReportRequest, Building], Report]:
    """Builds tiles, held against the period before or not."""

    def build(request: ReportRequest, building: Building) -> Report:
        span = building.span
        compare = request.compare.of(span) if compared else None
        answer = building(Question(ORDERS.key, (ORDERED.key,), span, compare=compare))
        return Report(title=_("Sales"), blocks=(tiles("figures", answer, [ORDERED]),))

    return build


def test_a_comparison_that_is_offered_and_not_made_is_caught(opened: Open) -> None:
    shop, one = opened(
        register_reports=(
            replace(SALES, build=counted(compared=False)),
            replace(SALES, key="shop.compared", build=counted(compared=True)),
            replace(SALES, key="shop.plain", build=counted(compared=False), common=("period",)),
        )
    )

    assert list(comparison_rules.check_comparisons(shop, one)) == [
        "shop.sales offers a comparison and makes none: leave “compare” out of its “common”"
    ]


def test_what_a_kind_does_not_use_is_neither_asked_nor_printed(opened: Open) -> None:
    shop, _one = opened(
        register_reports=(
            replace(SALES, build=counted(compared=True), common=()),
            replace(SALES, key="shop.all"),
        )
    )
    plain, usual = shop.build("shop.sales"), shop.build("shop.all")

    assert (plain.period, plain.compared) == (None, None)
    assert {one.key for one in usual.parameters} - {one.key for one in plain.parameters} == {
        "period",
        "compare",
    }
    with pytest.raises(Invalid, match="compare"):
        shop.build("shop.sales", {"compare": "previous_period"})
