"""Blocks as a template shows them: everything formatted, nothing left to decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from markupsafe import Markup

from bilan.rendering.marks import MARKS
from bilan.rendering.tables import places_of, row_count
from bilan.sdk.document import (
    Block,
    Cell,
    Chart,
    Column,
    Kpi,
    Kpis,
    Mark,
    ParameterValue,
    Series,
    Table,
    Value,
)
from bilan.sdk.messages import Message, messages
from bilan.sdk.rendering import Formatter, Look, Rows
from bilan.sdk.units import Unit

_, n_ = messages("bilan")

_FIGURES = frozenset({Unit.COUNT, Unit.NUMBER, Unit.SHARE, Unit.SECONDS, Unit.BYTES})


class Way(NamedTuple):
    """Where a figure leads, and the id by which one comes back to it; both empty where it leads nowhere."""

    href: str = ""
    ident: str = ""


NOWHERE = Way()


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A value, its marks' signs, whether it asks for attention, and where it leads."""

    text: str
    figure: bool = False
    signs: tuple[str, ...] = ()
    alert: bool = False
    way: Way = NOWHERE


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


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table's first rows, the remarks its signs refer to, and how many rows are not shown."""

    title: str
    columns: tuple[ShownColumn, ...]
    rows: tuple[tuple[ShownCell, ...], ...]
    key: str = ""
    totals: tuple[ShownCell, ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class ShownKpi:
    """A tile. ``trend``: up, down, flat or nothing; ``good`` says whether that is welcome."""

    label: str
    value: str
    change: str = ""
    trend: str = ""
    spoken: str = ""
    good: bool | None = None
    previous: str = ""
    remarks: tuple[str, ...] = ()
    alert: bool = False
    definition: str | None = None
    way: Way = NOWHERE
    previous_way: Way = NOWHERE
    words: bool = False
    """Whether the value is a moment or words, which take more room than a figure."""


class _Remarks:
    """Gives each different remark of a table a sign, in the order they come."""

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


Heads = Callable[[Table, Column], tuple[str, str]]
"""Where a table is shown sorted by a column, and how it is sorted by it now; both may be empty."""


def plain_heads(_table: Table, _column: Column) -> tuple[str, str]:
    """Heads that lead nowhere."""
    return "", ""


Ways = Callable[[Block, str, Value], Way]
"""Where the rows behind a figure are shown: the block, the place in it (``r14c5``), and what stands there."""


def plain_ways(_block: Block, _place: str, _value: Value) -> Way:
    """Figures that lead nowhere."""
    return NOWHERE


def shown_table(
    table: Table,
    look: Look,
    rows: Rows,
    *,
    limit: int,
    heads: Heads = plain_heads,
    ways: Ways = plain_ways,
) -> ShownTable:
    """The first ``limit`` rows of a table. ``heads`` and ``ways`` say what heads and figures lead to."""
    formatter, remarks = look.formatter, _Remarks(look.formatter)

    def line(values: Sequence[Any], start: str) -> tuple[ShownCell, ...]:
        pairs = zip(values, table.columns, strict=True)
        return tuple(
            _cell(value, column, formatter, remarks, ways(table, f"{start}c{place}", value))
            for place, (value, column) in enumerate(pairs)
        )

    shown = tuple(line(row, f"r{place}") for place, row in islice(places_of(rows(table)), limit))
    # A column without a total is left blank: nothing is missing there.
    sums = table.totals or []
    totals = tuple(
        ShownCell("") if value is None else cell
        for value, cell in zip(sums, line(sums, "s") if sums else (), strict=True)
    )
    return ShownTable(
        title=formatter.text(table.title),
        columns=tuple(
            ShownColumn(
                formatter.text(column.label),
                column.unit in _FIGURES,
                column.metric,
                column.key,
                *heads(table, column),
            )
            for column in table.columns
        ),
        rows=shown,
        key=table.key,
        totals=totals,
        remarks=remarks.all + (((("", formatter.text(table.note)),)) if table.note else ()),
        left_out=_left_out(table, row_count(table) - len(shown), formatter),
    )


def _left_out(table: Table, count: int, formatter: Formatter) -> str:
    if count <= 0:
        return ""
    if table.file:
        return formatter.text(
            n_("{count} more row is in the CSV file.", "{count} more rows are in the CSV file.", count=count)
        )
    return formatter.text(
        n_("{count} more row is not shown.", "{count} more rows are not shown.", count=count)
    )


def _cell(value: Any, column: Column, formatter: Formatter, remarks: _Remarks, way: Way) -> ShownCell:
    figure = column.unit in _FIGURES
    if not isinstance(value, Cell):
        return ShownCell(formatter.value(value, column.unit), figure, way=way)
    return ShownCell(
        formatter.value(value.value, column.unit),
        figure,
        remarks.of(value),
        value.mark is Mark.RED_FLAG,
        way,
    )


def shown_chart(chart: Chart, look: Look, *, ways: Ways = plain_ways) -> ShownTable:
    """The figures behind a chart, as a table."""
    formatter = look.formatter
    named = [(formatter.text(series.label), series, f"y{n}") for n, series in enumerate(chart.series)]
    named += [
        (
            formatter.text(_("{series}, previous period", series=formatter.text(series.label))),
            series,
            f"y{n}p",
        )
        for n, series in enumerate(chart.previous)
    ]
    categories = [ShownCell(formatter.value(category, chart.category_unit)) for category in chart.categories]
    return ShownTable(
        title=formatter.text(chart.title),
        columns=(
            ShownColumn(_first_column(chart, formatter), False),
            *(ShownColumn(name, True, series.metric) for name, series, _place in named),
        ),
        rows=tuple(
            (
                category,
                *(
                    _figure(series, point, chart, formatter, f"x{point}{place}", ways)
                    for _name, series, place in named
                ),
            )
            for point, category in enumerate(categories)
        ),
    )


def _first_column(chart: Chart, formatter: Formatter) -> str:
    names: dict[Unit, Message] = {Unit.DATE: _("Date"), Unit.INSTANT: _("Time")}
    return formatter.text(names.get(chart.category_unit, _("Category")))


def _figure(
    series: Series, point: int, chart: Chart, formatter: Formatter, place: str, ways: Ways
) -> ShownCell:
    value = series.values[point] if point < len(series.values) else None
    return ShownCell(formatter.value(value, chart.unit), True, way=ways(chart, place, value))


def shown_kpis(kpis: Kpis, look: Look, *, ways: Ways = plain_ways) -> tuple[ShownKpi, ...]:
    """The tiles with their changes."""
    return tuple(
        _kpi(
            tile,
            look.formatter,
            ways(kpis, f"t{place}", Cell(tile.value, tile.mark)),
            ways(kpis, f"t{place}p", tile.previous),
        )
        for place, tile in enumerate(kpis.tiles)
    )


def _kpi(tile: Kpi, formatter: Formatter, way: Way, previous_way: Way) -> ShownKpi:
    trend = _trend(tile)
    remarks = [formatter.text(MARKS[tile.mark].short)] if tile.mark else []
    remarks += [formatter.text(tile.note)] if tile.note else []
    return ShownKpi(
        label=formatter.text(tile.label),
        value=formatter.value(tile.value, tile.unit),
        change=_change(tile, formatter),
        trend=trend,
        spoken=formatter.text(_TRENDS[trend]) if trend else "",
        good=welcome(tile),
        previous=_previous(tile, formatter) if tile.compared else "",
        remarks=tuple(remarks),
        alert=tile.mark is Mark.RED_FLAG,
        definition=tile.metric,
        way=way,
        previous_way=previous_way,
        words=tile.unit not in _FIGURES,
    )


def welcome(tile: Kpi) -> bool | None:
    """Whether a tile's change is good news; nothing where it is neither, or where nobody can say."""
    trend = _trend(tile)
    if trend in ("", "flat") or tile.higher_is_better is None:
        return None
    return (trend == "up") is tile.higher_is_better


def _previous(tile: Kpi, formatter: Formatter) -> str:
    if tile.previous is None:
        return formatter.text(_("no earlier figure"))
    return formatter.text(_("previously {figure}", figure=formatter.value(tile.previous, tile.unit)))


_TRENDS = {"up": _("up"), "down": _("down"), "flat": _("unchanged")}


def _trend(tile: Kpi) -> str:
    if not isinstance(tile.value, int | float) or tile.previous is None:
        return ""
    if tile.value == tile.previous:
        return "flat"
    return "up" if tile.value > tile.previous else "down"


def _change(tile: Kpi, formatter: Formatter) -> str:
    if not isinstance(tile.value, int | float) or tile.previous is None:
        return ""
    return formatter.change(tile.value, tile.previous, tile.unit) or ""


def texts(formatter: Formatter) -> Callable[..., str]:
    """What ``_`` is in a template: the core's sentences for this reader."""

    def translated(sentence: str, /, **args: Any) -> str:
        return formatter.text(_(sentence, **args))

    return translated


def plurals(formatter: Formatter) -> Callable[..., str]:
    """What ``n_`` is in a template."""

    def translated(one: str, many: str, /, count: int, **args: Any) -> str:
        return formatter.text(n_(one, many, count, **args))

    return translated


def isolated(formatter: Formatter) -> Callable[[str], str]:
    """What ``iso`` is in a template: keeps a text's own direction where the page runs right to left."""
    if formatter.direction == "ltr":
        return lambda text: text
    return lambda text: Markup("<bdi>{}</bdi>").format(text)


def shown_parameter(parameter: ParameterValue, formatter: Formatter) -> str:
    """A parameter's value in words."""
    if parameter.shown:
        return formatter.value([formatter.text(one) for one in parameter.shown], Unit.TEXTS)
    unit = Unit.BOOLEAN if isinstance(parameter.value, bool) else Unit.TEXT
    return formatter.value(parameter.value, unit)
