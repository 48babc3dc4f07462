"""Figures: each of a document has an address, and from it leads to what it was counted from.

``2-0:r14c5`` is row 14, column 5 of the table that is the first block of the
third; ``sc5`` the total of a column, ``t3`` a tile, ``x12y0`` point 12 of a
chart's first series, each counted from 0. ``p`` behind it means the figure
compared with, ``s`` the part that a source stated. An address only says where
to look in a stored document: what to count stands there and cannot be widened.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from bilan.sdk.document import (
    Block,
    Cell,
    Chart,
    Custom,
    Document,
    Kpis,
    Mark,
    Section,
    Series,
    Table,
    TableColumn,
    Text,
)
from bilan.sdk.errors import Conflict, NotFound
from bilan.sdk.messages import Message
from bilan.sdk.origins import Origin
from bilan.sdk.periods import Bucket, Span
from bilan.sdk.rendering import Rows
from bilan.sdk.textdomain import _
from bilan.sdk.units import Unit

Figured = Kpis | Chart | Table
"""The blocks that hold figures."""
TIMES = (Unit.DATE, Unit.INSTANT)

_PATH = re.compile(r"\d{1,4}(?:-\d{1,4}){0,9}", re.ASCII)
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


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a document, and everything that narrows the facts it was counted from.

    ``metric`` is a key over the origin's dataset. ``keys`` are the values of
    dimensions, ``within`` the first and the last moment (not included).
    ``words`` say which row or point it is: values with their units.
    """

    address: str
    label: Text
    value: Any
    unit: Unit
    mark: Mark | None
    note: Message | None
    metric: str
    origin: Origin
    span: Span | None
    bucket: Bucket | None = None
    hourly: bool = False
    keys: Mapping[str, Any] | None = None
    words: tuple[tuple[Any, Unit], ...] = ()
    derived: bool = False
    reported_by_source: str = ""
    """The address of the part that a source stated, where there is one beside the counted part."""
    instead: Figure | None = None
    """The same as a source stated it: a flag hides that mark, and where no fact was counted it is meant."""


class Addresses:
    """Gives the figures of a document their addresses; nothing where no rows stand behind one."""

    def __init__(self, document: Document) -> None:
        # Blocks are told apart as objects: a page may show some of them, in another order.
        self._paths = {id(block): path for path, block in _figured(document.blocks)}
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
            self._known[known] = _basis(block, spot, mark) is not None
        return f"{path}:{place}" if self._known[known] else ""


def find(document: Document, rows: Rows, address: str) -> Figure:
    """The figure at an address. Raises ``NotFound``, or ``Conflict`` where no rows stand behind it."""
    path, _colon, place = address.partition(":")
    spot = Spot.read(place)
    block = _block(document, path) if _PATH.fullmatch(path) else None
    if block is None or spot is None:
        raise _unknown()
    line = _line(block, spot, rows)
    try:
        value = _value(block, spot, line)
    except IndexError:
        raise _unknown() from None
    mark, note = (value.mark, value.note) if isinstance(value, Cell) else (None, None)
    found = _basis(block, spot, mark)
    if found is None:
        raise Conflict(
            _("No rows can be shown behind this figure: it was worked out from others, or merely stated."),
            ("figure",),
        )
    shown, origin, metric = found
    span = origin.compared if spot.previous else origin.span
    bucket, keys, words = _narrowed(block, spot, line, origin, span)
    plain = value.value if isinstance(value, Cell) else value
    also = not spot.reported_by_source and _reported(shown) is not None
    return Figure(
        address=address,
        label=shown.label,
        value=plain,
        unit=shown.unit,
        mark=mark,
        note=note,
        metric=metric,
        origin=origin,
        span=span,
        bucket=bucket,
        hourly=origin.interval is not None and origin.interval.unit == "hour",
        keys=keys,
        words=words,
        derived=shown.derived,
        reported_by_source=f"{address}s" if also and mark is Mark.MIXED else "",
        instead=find(document, rows, f"{address}s") if also and mark is Mark.RED_FLAG else None,
    )


def _unknown() -> NotFound:
    return NotFound(_("There is no such figure in this report."), ("figure",))


def _figured(blocks: Iterable[Block], above: str = "") -> Iterator[tuple[str, Figured]]:
    for place, block in enumerate(blocks):
        path = f"{above}{place}"
        match block:
            case Section():
                yield from _figured(block.blocks, f"{path}-")
            case Custom():
                yield path, block.table
            case Kpis() | Chart() | Table():
                yield path, block
            case _:
                pass


def _block(document: Document, path: str) -> Figured | None:
    return dict(_figured(document.blocks)).get(path)


def _basis(block: Figured, spot: Spot, mark: Mark | None) -> tuple[Shown, Origin, str] | None:
    """What is shown, what it was counted from, and by which metric; ``None`` where nothing can tell."""
    shown = _shown(block, spot)
    if shown is None or shown.metric is None or shown.origin is None:
        return None
    if mark is Mark.REPORTED or spot.reported_by_source:
        reported = _reported(shown)
        return reported and (reported if _told(block, spot, reported[1]) else None)
    if not _told(block, spot, shown.origin):
        return None
    return shown, shown.origin, shown.origin.metric(shown.metric)


def _reported(shown: Shown) -> tuple[Shown, Origin, str] | None:
    origin = shown.origin.reported if shown.origin else None
    metric = origin.metrics.get(shown.metric or "") if origin else None
    return (shown, origin, metric) if origin and metric else None


def _told(block: Figured, spot: Spot, origin: Origin) -> bool:
    """Whether what is beside a figure tells which facts it was counted from."""
    if spot.previous and origin.compared is None:
        return False
    if isinstance(block, Table) and spot.row is not None:
        columns = {column.key for column in block.columns}
        timed = origin.interval is None or any(column.unit in TIMES for column in block.columns)
        return timed and all(origin.columns.get(one, one) in columns for one in origin.by)
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
        case Chart() if spot.series is not None and spot.series < len(_series(block, spot)):
            series = _series(block, spot)[spot.series]
            return Shown(series.label, block.unit, series.metric, block.origin)
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


def _series(chart: Chart, spot: Spot) -> tuple[Series, ...]:
    return chart.previous if spot.previous else chart.series


def _line(block: Figured, spot: Spot, rows: Rows) -> list[Any]:
    """The row of the table that is meant, or its totals."""
    if not isinstance(block, Table):
        return []
    if spot.row is None:
        return block.totals or []
    found = next(islice(rows(block), spot.row, None), None)
    if found is None:
        raise _unknown()
    return found


def _value(block: Figured, spot: Spot, line: list[Any]) -> Any:
    match block:
        case Kpis():
            tile = block.tiles[_given(spot.tile)]
            return tile.previous if spot.previous else Cell(tile.value, tile.mark, tile.note)
        case Table():
            return line[_given(spot.column)]
        case Chart():
            return _series(block, spot)[_given(spot.series)].values[_given(spot.point)]


def _given(place: int | None) -> int:
    if place is None:
        raise _unknown()
    return place


def _narrowed(
    block: Figured, spot: Spot, line: list[Any], origin: Origin, span: Span | None
) -> tuple[Bucket | None, Mapping[str, Any] | None, tuple[tuple[Any, Unit], ...]]:
    match block:
        case Table() if spot.row is not None:
            cells = {
                column.key: (one.value if isinstance(one, Cell) else one, column.unit)
                for column, one in zip(block.columns, line, strict=True)
            }
            times = (cells[column.key][0] for column in block.columns if column.unit in TIMES)
            bucket = _bucket(origin, span, str(next(times))) if origin.interval and span else None
            places = {one: origin.columns.get(one, one) for one in origin.by}
            keys = {dimension: cells[place][0] for dimension, place in places.items()}
            named = [cells.get(f"{place}_name", cells[place]) for place in places.values()]
            if block.row_metrics:
                named.append(cells[block.columns[0].key])
            return bucket, keys, tuple(named)
        case Chart():
            point = _given(spot.point)
            if origin.interval is None:
                return None, {origin.by[0]: block.categories[point]}, ((block.categories[point], Unit.TEXT),)
            if spot.previous:
                buckets = origin.interval.buckets(span) if span else ()
                return (buckets[point] if point < len(buckets) else None), None, ()
            return (_bucket(origin, span, block.categories[point]) if span else None), None, ()
        case _:
            return None, None, ()


def _bucket(origin: Origin, span: Span, start: str) -> Bucket | None:
    """The part of the span that begins on this day or at this moment."""
    buckets = origin.interval.buckets(span) if origin.interval else ()
    moment = datetime.fromisoformat(start) if "T" in start else None
    return next(
        (one for one in buckets if (one.starts_at == moment if moment else one.start.isoformat() == start)),
        None,
    )
