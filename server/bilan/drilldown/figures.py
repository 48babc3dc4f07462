"""Figures: what stands at an address of a document, and everything that narrows the facts behind it.

See docs/decisions/041.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from bilan.drilldown.addresses import (
    TIMES,
    Figured,
    Spot,
    basis,
    figures_of,
    reported_basis,
    series_at,
)
from bilan.sdk.document import Cell, Chart, ChartKind, Document, Kpis, Mark, Table, Text
from bilan.sdk.errors import Conflict, NotFound
from bilan.sdk.messages import Message
from bilan.sdk.origins import Origin
from bilan.sdk.periods import Bucket, Span
from bilan.sdk.textdomain import _
from bilan.sdk.units import Unit

if TYPE_CHECKING:
    from bilan.sdk.rendering import Rows

_PATH = re.compile(r"\d{1,4}(?:-\d{1,4}){0,9}", re.ASCII)


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
    found = basis(block, spot, mark)
    if found is None:
        raise Conflict(
            _("No rows can be shown behind this figure: it was worked out from others, or merely stated."),
            ("figure",),
        )
    shown, origin, metric = found
    span = origin.compared if spot.previous else origin.span
    bucket, keys, words = _narrowed(block, spot, line, origin, span)
    plain = value.value if isinstance(value, Cell) else value
    also = not spot.reported_by_source and reported_basis(shown) is not None
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


def _block(document: Document, path: str) -> Figured | None:
    return dict(figures_of(document.blocks)).get(path)


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
            return series_at(block, spot)[_given(spot.series)].values[_given(spot.point)]


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
            said = {column.key: column.names for column in block.columns}
            named = [
                cells.get(f"{place}_name", _said(said[place], *cells[place])) for place in places.values()
            ]
            if block.row_metrics:
                named.append(cells[block.columns[0].key])
            return bucket, keys, tuple(named)
        case Chart():
            point = _given(spot.point)
            if block.kind is ChartKind.HEATMAP:
                series, category = block.series[_given(spot.series)], block.categories[point]
                named = (series.label, Unit.TEXT), _said(block.names, category, block.category_unit)
                return None, dict(zip(origin.by, (series.key, category), strict=True)), named
            if origin.interval is None:
                category = block.categories[point]
                return None, {origin.by[0]: category}, (_said(block.names, category, Unit.TEXT),)
            if spot.previous:
                buckets = origin.interval.buckets(span) if span else ()
                return (buckets[point] if point < len(buckets) else None), None, ()
            return (_bucket(origin, span, block.categories[point]) if span else None), None, ()
        case _:
            return None, None, ()


def _said(names: Mapping[str, Message], value: Any, unit: Unit) -> tuple[Any, Unit]:
    """A value that is a code in words, as people read it."""
    return (names.get(value, value) if isinstance(value, str) else value), unit


def _bucket(origin: Origin, span: Span, start: str) -> Bucket | None:
    """The part of the span that begins on this day or at this moment."""
    buckets = origin.interval.buckets(span) if origin.interval else ()
    moment = datetime.fromisoformat(start) if "T" in start else None
    return next(
        (one for one in buckets if (one.starts_at == moment if moment else one.start.isoformat() == start)),
        None,
    )
