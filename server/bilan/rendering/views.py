"""Blocks as a template shows them: everything formatted, nothing left to decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from bilan.rendering.drilldown_links import (
    NO_LINK,
    DrilldownLink,
    DrilldownLinks,
    Heads,
    no_links,
    plain_heads,
)
from bilan.rendering.marks import MARKS
from bilan.rendering.series import at, categories_of, category_name, written_series
from bilan.rendering.tables import places_of, read_columns, row_count, worded
from bilan.sdk.document import (
    Cell,
    Chart,
    Mark,
    Series,
    Table,
    TableColumn,
)
from bilan.sdk.rendering import Formatter, RenderContext, Rows
from bilan.sdk.textdomain import ngettext
from bilan.sdk.units import FIGURES, Unit

LONG, BEGINNING = 400, 120
"""Past so many characters a text is long, and these stand for it where there is no room."""


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A value, its marks' signs, whether it asks for attention, and where it leads."""

    text: str
    figure: bool = False
    signs: tuple[str, ...] = ()
    alert: bool = False
    link: DrilldownLink = NO_LINK

    @property
    def beginning(self) -> str:
        """The beginning of a text that is too long to stand in a row; nothing where it is not."""
        return f"{self.text[:BEGINNING].rstrip()}…" if len(self.text) > LONG else ""


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column's head. ``definition`` is the key of the metric that its figures follow.

    ``href`` is where the table is shown sorted by it; ``sorted`` says whether it is so already:
    ``ascending``, ``descending`` or nothing.
    """

    label: str
    figure: bool
    definition: str | None = None
    key: str = ""
    href: str = ""
    sorted: str = ""
    unit: Unit = Unit.TEXT


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table's first rows, the footnotes its signs refer to, and how many rows are not shown."""

    title: str
    columns: tuple[ShownColumn, ...]
    rows: tuple[tuple[ShownCell, ...], ...]
    key: str = ""
    totals: tuple[ShownCell, ...] = ()
    footnotes: tuple[tuple[str, str], ...] = ()
    left_out: str = ""

    def abridged(self) -> ShownTable:
        """The table with the beginnings of long texts in their places."""
        short = tuple(tuple(replace(one, text=one.beginning or one.text) for one in row) for row in self.rows)
        return replace(self, rows=short)


class _Footnotes:
    """Gives each different footnote of a table a sign, in the order they come."""

    def __init__(self, formatter: Formatter) -> None:
        self._formatter = formatter
        self._signs: dict[str, str] = {}

    def of(self, cell: Cell) -> tuple[str, ...]:
        signs: list[str] = []
        if cell.mark is not None:
            meaning = MARKS[cell.mark]
            self._signs[self._formatter.text(meaning.sentence)] = meaning.sign
            signs.append(meaning.sign)
        if cell.note is not None:
            sentence = self._formatter.text(cell.note)
            notes = sum(sign.isdigit() for sign in self._signs.values())
            signs.append(self._signs.setdefault(sentence, str(notes + 1)))
        return tuple(signs)

    @property
    def all(self) -> tuple[tuple[str, str], ...]:
        return tuple((sign, sentence) for sentence, sign in self._signs.items())


def shown_table(
    table: Table,
    context: RenderContext,
    rows: Rows,
    *,
    limit: int,
    heads: Heads = plain_heads,
    links: DrilldownLinks = no_links,
) -> ShownTable:
    """The first ``limit`` rows of a table. ``heads`` and ``links`` say what heads and figures lead to."""
    formatter, footnotes = context.formatter, _Footnotes(context.formatter)
    columns = read_columns(table)

    def line(values: Sequence[Any], start: str) -> tuple[ShownCell, ...]:
        return tuple(
            _cell(
                values[place], column, formatter, footnotes, links(table, f"{start}c{place}", values[place])
            )
            for place, column in columns
        )

    shown = tuple(line(row, f"r{place}") for place, row in islice(places_of(rows(table)), limit))
    # A column without a total is left blank: nothing is missing there.
    sums = table.totals or []
    totals = tuple(
        ShownCell("") if sums[place] is None else cell
        for (place, _column), cell in zip(
            columns if sums else (), line(sums, "s") if sums else (), strict=True
        )
    )
    return ShownTable(
        title=formatter.text(table.title),
        columns=tuple(
            ShownColumn(
                formatter.text(column.label),
                column.unit in FIGURES,
                column.metric,
                column.key,
                *heads(table, column),
                unit=column.unit,
            )
            for _place, column in columns
        ),
        rows=shown,
        key=table.key,
        totals=totals,
        footnotes=footnotes.all + (((("", formatter.text(table.note)),)) if table.note else ()),
        left_out=_left_out(table, row_count(table) - len(shown), formatter),
    )


def _left_out(table: Table, count: int, formatter: Formatter) -> str:
    if count <= 0:
        return ""
    if table.file:
        return formatter.text(
            ngettext(
                "{count} more row is in the CSV file.", "{count} more rows are in the CSV file.", count=count
            )
        )
    return formatter.text(
        ngettext("{count} more row is not shown.", "{count} more rows are not shown.", count=count)
    )


def _cell(
    value: Any, column: TableColumn, formatter: Formatter, footnotes: _Footnotes, link: DrilldownLink
) -> ShownCell:
    figure, value = column.unit in FIGURES, worded(value, column, formatter.text)
    if not isinstance(value, Cell):
        return ShownCell(formatter.value(value, column.unit), figure, link=link)
    return ShownCell(
        formatter.value(value.value, column.unit),
        figure,
        footnotes.of(value),
        value.mark is Mark.RED_FLAG,
        link,
    )


def shown_chart(chart: Chart, context: RenderContext, *, links: DrilldownLinks = no_links) -> ShownTable:
    """The figures behind a chart, as a table."""
    formatter = context.formatter
    named = list(written_series(chart, formatter))
    categories = [
        ShownCell(formatter.value(category, chart.category_unit))
        for category in categories_of(chart, formatter)
    ]
    return ShownTable(
        title=formatter.text(chart.title),
        columns=(
            ShownColumn(formatter.text(category_name(chart)), False),
            *(ShownColumn(name, True, series.metric) for name, series, _place, _unit in named),
        ),
        rows=tuple(
            (
                category,
                *(
                    _figure(series, point, chart, unit, formatter, f"x{point}{place}", links)
                    for _name, series, place, unit in named
                ),
            )
            for point, category in enumerate(categories)
        ),
    )


def _figure(
    series: Series,
    point: int,
    chart: Chart,
    unit: Unit,
    formatter: Formatter,
    place: str,
    links: DrilldownLinks,
) -> ShownCell:
    value = at(series.values, point)
    return ShownCell(formatter.value(value, unit), True, link=links(chart, place, value))
