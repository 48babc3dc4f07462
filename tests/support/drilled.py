"""Every figure of a document that leads to rows, with those rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bilan.clock import FrozenClock
from bilan.query import Query
from bilan.reports.behind import Drilled, look_behind
from bilan.reports.blocks import every
from bilan.reports.figures import Addresses, find
from bilan.reports.parts import rows_of
from bilan.sdk.document import Chart, Document, Kpis, Series, Table
from fixtures.email_reports import MailRoom


def drill(room: MailRoom, document: Document, address: str) -> Drilled:
    """What stands behind the figure at the address."""
    as_of = datetime.fromisoformat(document.as_of)
    ask = Query(room.warehouse, room.registry, FrozenClock(as_of)).ask(room.sources, as_of=as_of)
    figure = find(document, rows_of(room.files), address)
    names = {str(source): name for source, name in room.sources.items()}
    return look_behind(room.registry, ask, document, figure, names=names)


def facts(drilled: Drilled) -> list[dict[str, Any]]:
    """The rows by column."""
    keys = [column.key for column in drilled.columns]
    return [dict(zip(keys, row, strict=True)) for row in drilled.rows()]


def addresses(room: MailRoom, document: Document) -> list[str]:
    """Of every figure that leads to rows, in reading order."""
    given = Addresses(document)
    return [
        address
        for block in every(document.blocks)
        if isinstance(block, Kpis | Chart | Table)
        for place, value in _places(room, block)
        if (address := given(block, place, value))
    ]


def _places(room: MailRoom, block: Kpis | Chart | Table) -> Iterator[tuple[str, Any]]:
    match block:
        case Kpis():
            for number, tile in enumerate(block.tiles):
                yield from ((f"t{number}", tile.value), (f"t{number}p", tile.previous))
        case Chart():
            yield from _points(block.series, "")
            yield from _points(block.previous, "p")
        case Table():
            for place, row in enumerate(rows_of(room.files)(block)):
                yield from ((f"r{place}c{column}", value) for column, value in enumerate(row))
            yield from ((f"sc{column}", value) for column, value in enumerate(block.totals or ()))


def _points(series: tuple[Series, ...], behind: str) -> Iterator[tuple[str, Any]]:
    for number, one in enumerate(series):
        yield from ((f"x{point}y{number}{behind}", value) for point, value in enumerate(one.values))
