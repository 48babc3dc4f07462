"""The kind makes the blocks; the core says what they rest on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bilan.files import Files
from bilan.reports.build import BuildContext, build
from bilan.reports.common import Locality
from bilan.reports.parts import rows_of
from bilan.reports.request import request_for
from bilan.sdk.document import (
    Block,
    Cell,
    Custom,
    Kpi,
    Kpis,
    Mark,
    Paragraph,
    Provenance,
    Section,
    Table,
    TableColumn,
    decode,
    encode,
)
from bilan.sdk.messages import Message
from bilan.sdk.periods import Compare, Period, Preset, Span
from bilan.sdk.query import Answer, Question
from bilan.sdk.reports import Building, Report, ReportKind, ReportRequest
from fixtures.declarations import GIFT_RATE, GIFTS, ORDERED, SALES
from fixtures.reports import NoFacts

AS_OF = datetime(2026, 3, 10, 12, tzinfo=UTC)
REQUEST = request_for(
    SALES, {"period": "last_7_days"}, as_of=AS_OF, locality=Locality("Europe/Paris", 0), client=None
)
TILL = Provenance(dataset="shop.orders", source="Till", rows=12, watermark="2026-03-10T11:00:00Z")


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(f"file://{tmp_path / 'files'}")


@pytest.fixture
def context(files: Files) -> BuildContext:
    return BuildContext(
        client=NoFacts(),
        metrics={metric.key: metric for metric in (ORDERED, GIFTS, GIFT_RATE)},
        sources={"s1": "Till"},
        provenance=lambda _dataset: [TILL],
        put=files.put_blocking,
    )


def making(*blocks: Block, **fields: Any) -> ReportKind:
    def make(request: ReportRequest, client: Building) -> Report:
        return Report(title=Message("Sales"), blocks=blocks, **fields)

    return replace(SALES, build=make)


def test_the_core_fills_in_kind_moment_zone_period_and_comparison(context: BuildContext) -> None:
    made = build(making(), REQUEST, context)

    assert made.kind == "shop.sales"
    assert made.title == Message("Sales")
    assert made.as_of == "2026-03-10T12:00:00Z"
    assert made.zone == "Europe/Paris"
    assert made.period == ("2026-03-03", "2026-03-09")
    assert made.compared == ("2026-02-24", "2026-03-02")
    assert made.provenance == (TILL,)


def test_a_title_of_ones_own_stands_above_the_report(context: BuildContext) -> None:
    made = build(making(subtitle="All shops"), replace(REQUEST, title="Mine"), context)
    assert (made.title, made.subtitle) == ("Mine", Message("Sales"))


def test_the_name_that_people_gave_a_report_is_its_title_and_below_stands_what_it_is(
    context: BuildContext,
) -> None:
    named = replace(context, name="Acme, every Monday")
    made = build(making(), REQUEST, named)
    assert (made.title, made.subtitle) == ("Acme, every Monday", Message("Sales"))
    assert build(making(), replace(REQUEST, title="Mine"), named).title == "Mine"


def test_the_period_that_the_kind_covered_counts(context: BuildContext) -> None:
    made = build(making(span=Span(date(2026, 1, 1), date(2026, 2, 1), "Europe/Paris")), REQUEST, context)

    assert made.period == ("2026-01-01", "2026-01-31")
    assert made.compared == ("2025-12-01", "2025-12-31")


@pytest.mark.requirement("BZ-24")
def test_since_the_oldest_begins_with_the_first_fact(context: BuildContext) -> None:
    oldest = replace(REQUEST, period=Period(Preset.SINCE_OLDEST), compare=Compare.NONE)
    # Half past midnight in Paris.
    facts = NoFacts(first_and_last=(datetime(2026, 2, 1, 23, 30, tzinfo=UTC), AS_OF))

    made = build(making(), oldest, replace(context, client=facts))

    assert made.period == ("2026-02-02", "2026-03-10")
    assert made.compared is None


@pytest.mark.requirement("GO-15")
def test_the_days_of_the_report_are_at_hand_while_it_is_built(context: BuildContext) -> None:
    seen: list[Span] = []

    def looks(request: ReportRequest, building: Building) -> Report:
        seen.append(building.span)
        return Report("Sales", ())

    build(replace(SALES, build=looks), REQUEST, context)

    assert seen == [Span(date(2026, 3, 3), date(2026, 3, 10), "Europe/Paris")]


def test_definitions_of_all_figures_are_printed(context: BuildContext) -> None:
    tile = Kpi(key="rate", label="Gifts", value=0.5, metric="shop.gift_rate")

    made = build(making(Section("s", "S", (Kpis("k", (tile,)),))), REQUEST, context)

    assert [one.key for one in made.definitions] == ["shop.gift_rate", "shop.gifts", "shop.ordered"]


@pytest.mark.requirement("GO-15")
def test_a_definition_changed_since_the_last_run_is_flagged_first(context: BuildContext) -> None:
    tile = Kpi(key="gifts", label="Gifts", value=1, metric="shop.gifts")
    kind = making(Kpis("k", (tile,)), notes=(Message("From the kind."),))
    before = build(kind, REQUEST, context)
    changed = replace(
        context,
        metrics=dict(context.metrics) | {"shop.gifts": replace(GIFTS, version=2)},
        previous=before.definitions,
    )

    made = build(kind, REQUEST, changed)

    assert before.notes == (Message("From the kind."),)
    assert "version 1 became 2" in str(made.notes[0])
    assert made.notes[1:] == before.notes


def test_the_caveats_of_answers_become_notes_of_the_report_once(context: BuildContext) -> None:
    question = Question("shop.orders", ("shop.gifts",), span=REQUEST.span())
    caveat = Message("One source is late.")
    facts = NoFacts(answers=[Answer(question, (), {}, notes=(caveat,)) for _time in range(2)])

    def asks_twice(request: ReportRequest, client: Building) -> Report:
        client(question)
        client(question)
        return Report(title="", blocks=())

    made = build(replace(SALES, build=asks_twice), REQUEST, replace(context, client=facts))

    assert made.notes == (caveat,)


def test_long_tables_leave_the_document_wherever_they_stand(context: BuildContext, files: Files) -> None:
    rows: list[list[Any]] = [[number] for number in range(1001)]
    columns = (TableColumn(key="n", label="N"),)
    long = Table(key="long", title="Long", columns=columns, rows=rows)
    short = Table(key="short", title="Short", columns=columns, rows=rows[:3])
    custom = Custom(kind="shop.receipt", key="r", data={}, table=long)

    made = build(making(Section("s", "S", (long, short)), custom), REQUEST, context)

    section, rendered = made.blocks
    assert isinstance(section, Section)
    assert isinstance(rendered, Custom)
    for table in (section.blocks[0], rendered.table):
        assert isinstance(table, Table)
        assert table.rows == []
        assert list(rows_of(files)(table)) == rows
    assert section.blocks[1] == short


def test_a_kind_can_hand_over_rows_while_it_makes_them(context: BuildContext, files: Files) -> None:
    def streams(request: ReportRequest, client: Building) -> Report:
        def rows() -> Iterable[list[Any]]:
            for number in range(5000):
                yield [number, Cell(client.names["s1"], Mark.REPORTED)]

        table = Table(
            key="t", title="T", columns=(TableColumn(key="n", label="N"), TableColumn(key="s", label="S"))
        )
        return Report(title="", blocks=(client.keep(table, rows()),))

    (table,) = build(replace(SALES, build=streams), REQUEST, context).blocks

    assert isinstance(table, Table)
    assert table.part is not None
    assert table.part.rows == 5000
    assert list(rows_of(files)(table))[4999] == [4999, Cell("Till", Mark.REPORTED)]


def test_the_caveats_of_what_is_only_looked_up_are_not_the_reports(context: BuildContext) -> None:
    question = Question("shop.orders", ("shop.gifts",), by=("country",))
    facts = NoFacts(answers=[Answer(question, (), {}, notes=(Message("Rows overlap."),))])

    def looks_up(request: ReportRequest, client: Building) -> Report:
        client(question)
        return Report(title="", blocks=())

    made = build(replace(SALES, build=looks_up), REQUEST, replace(context, client=facts))

    assert made.notes == ()


@pytest.mark.requirement("GO-03")
def test_what_is_rendered_now_is_what_a_replay_renders(context: BuildContext) -> None:
    table = Table(
        key="t",
        title="T",
        columns=(TableColumn(key="a", label="A"),),
        rows=[[Cell(1, Mark.MIXED, Message("m"))]],
    )

    made = build(making(table, Paragraph("x")), REQUEST, context)

    assert decode(encode(made)) == made
