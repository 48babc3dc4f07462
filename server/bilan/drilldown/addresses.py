"""Addresses: every figure of a document has one, and from it leads to what it was counted from.

``2-0:r14c5`` is row 14, column 5 of the table that is the first block of the
third; ``sc5`` the total of a column, ``t3`` a tile, ``x12y0`` point 12 of a
chart's first series, each counted from 0. ``p`` behind it means the figure
compared with, ``s`` the part that a source stated. An address only says where
to look in a stored document: what to count stands there and cannot be widened.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bilan.sdk.document import (
    Block,
    Cell,
    Chart,
    ChartKind,
    Custom,
    Document,
    Gallery,
    Kpis,
    Mark,
    Section,
    Series,
    Table,
    TableColumn,
    Text,
)
from bilan.sdk.messages import Message
from bilan.sdk.origins import Origin
from bilan.sdk.units import Unit

Figured = Kpis | Chart | Table
"""The blocks that hold figures."""
TIMES = (Unit.DATE, Unit.INSTANT)

_SPOT = re.compile(
    r"(?:t(?P<tile>\d{1,4})|r(?P<row>\d{1,9})c(?P<column>\d{1,4})|sc(?P<total>\d{1,4})"
    r"|x(?P<point>\d{1,6})y(?P<series>\d{1,4}))(?P<previous>p?)(?P<reported>s?)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a block: a tile, a cell, a total or a point."""

    tile: int | None = None
    row: int | None = None
    column: int | None = None
    point: int | None = None
    series: int | None = None
    previous: bool = False
    reported_by_source: bool = False

    @classmethod
    def read(cls, text: str) -> Spot | None:
        """The place that is meant; ``None`` where the text names none."""
        found = _SPOT.fullmatch(text)
        if found is None:
            return None
        given = {key: None if value is None else int(value) for key, value in found.groupdict().items()
                 if key not in ("previous", "reported")}  # fmt: skip
        total = given.pop("total")
        given["column"] = given["column"] if total is None else total
        return cls(**given, previous=bool(found["previous"]), reported_by_source=bool(found["reported"]))


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown at a place: its name and unit, the metric behind it, and what it was counted from."""

    label: Text
    unit: Unit
    metric: str | None
    origin: Origin | None
    derived: bool = False
    """Whether the figure is no value of the metric, only made of its rows."""


class Addresses:
    """Gives the figures of a document their addresses; nothing where no rows stand behind one."""

    def __init__(self, document: Document) -> None:
        # Blocks are told apart as objects: a page may show some of them, in another order.
        self._paths = {id(block): path for path, block in figures_of(document.blocks)}
        self._document = document
        self._known: dict[tuple[Any, ...], bool] = {}

    def path(self, block: Figured) -> str:
        """Where the block stands; empty for one of another document."""
        return self._paths.get(id(block), "")

    def __call__(self, block: Figured, place: str, value: Any) -> str:
        """The address of what is shown at a place of a block."""
        mark = value.mark if isinstance(value, Cell) else None
        plain = value.value if isinstance(value, Cell) else value
        path, spot = self._paths.get(id(block)), Spot.read(place)
        if path is None or spot is None or isinstance(plain, bool | list | Message) or plain in (None, ""):
            return ""
        if plain == 0 and not isinstance(plain, float):
            return ""  # nothing was counted, so there is nothing to show
        known = (id(block), spot.tile, spot.column, spot.series, spot.row is None, spot.previous, mark)
        if isinstance(block, Table) and block.row_metrics:
            known = (*known, spot.row)
        if known not in self._known:
            self._known[known] = basis(block, spot, mark) is not None
        return f"{path}:{place}" if self._known[known] else ""


def figures_of(blocks: Iterable[Block], above: str = "") -> Iterator[tuple[str, Figured]]:
    """The blocks that hold figures, in reading order, by their paths."""
    for place, block in enumerate(blocks):
        path = f"{above}{place}"
        match block:
            case Section():
                yield from figures_of(block.blocks, f"{path}-")
            case Custom() | Gallery():
                yield path, block.table
            case Kpis() | Chart() | Table():
                yield path, block
            case _:
                pass


def basis(block: Figured, spot: Spot, mark: Mark | None) -> tuple[Shown, Origin, str] | None:
    """What is shown, what it was counted from, and by which metric; ``None`` where nothing can tell."""
    shown = _shown(block, spot)
    if shown is None or shown.metric is None or shown.origin is None:
        return None
    if mark is Mark.REPORTED or spot.reported_by_source:
        reported = reported_basis(shown)
        return reported and (reported if _identified(block, spot, reported[1]) else None)
    if not _identified(block, spot, shown.origin):
        return None
    return shown, shown.origin, shown.origin.metric(shown.metric)


def reported_basis(shown: Shown) -> tuple[Shown, Origin, str] | None:
    """The same as a source reported it; ``None`` where none did."""
    origin = shown.origin.reported if shown.origin else None
    metric = origin.metrics.get(shown.metric or "") if origin else None
    return (shown, origin, metric) if origin and metric else None


def _identified(block: Figured, spot: Spot, origin: Origin) -> bool:
    """Whether what is beside a figure tells which facts it was counted from."""
    if spot.previous and origin.compared is None:
        return False
    if isinstance(block, Table) and spot.row is not None:
        columns = {column.key for column in block.columns}
        timed = origin.interval is None or any(column.unit in TIMES for column in block.columns)
        return timed and all(origin.columns.get(one, one) in columns for one in origin.by)
    if isinstance(block, Chart) and block.kind is ChartKind.HEATMAP:
        return len(origin.by) == 2 and not origin.interval
    if isinstance(block, Chart):
        return origin.interval is not None if not origin.by else len(origin.by) == 1 and not origin.interval
    return True


def _shown(block: Figured, spot: Spot) -> Shown | None:
    match block:
        case Kpis() if spot.tile is not None and spot.tile < len(block.tiles):
            tile = block.tiles[spot.tile]
            return Shown(tile.label, tile.unit, tile.metric, block.origin)
        case Table() if spot.column is not None and spot.column < len(block.columns) and not spot.previous:
            return _shown_cell(block, block.columns[spot.column], spot.row)
        case Chart() if spot.series is not None and spot.series < len(series_at(block, spot)):
            series = series_at(block, spot)[spot.series]
            unit = Unit.COUNT if series in block.beside else block.unit
            return Shown(series.label, unit, series.metric, block.origin)
        case _:
            return None


def _shown_cell(table: Table, column: TableColumn, row: int | None) -> Shown:
    origin = column.origin or table.origin
    if column.metric is None and column.drilldown is None and table.row_metrics and row is not None:
        metric = table.row_metrics[row] if column.origin and row < len(table.row_metrics) else None
        return Shown(column.label, column.unit, metric, origin)
    return Shown(
        column.label, column.unit, column.metric or column.drilldown, origin, derived=column.metric is None
    )


def series_at(chart: Chart, spot: Spot) -> tuple[Series, ...]:
    """The series of a chart among which a place lies."""
    return chart.previous if spot.previous else (*chart.series, *chart.beside)
