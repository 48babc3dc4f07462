"""Drilldown: what stands behind a plugin's figures: they lead to rows, and the rows come to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bilan.drilldown.addresses import Addresses, Figured
from bilan.drilldown.drilldown import drill_down
from bilan.drilldown.figures import find
from bilan.registry.declared import Declared
from bilan.reports.blocks import every
from bilan.reports.parts import rows_of
from bilan.sdk.document import Chart, Document, Kpis, Series, Table
from bilan.sdk.rendering import Rows
from bilan.testing.harness import PluginHarness
from bilan.testing.report_rules import documents

LOOKED_AT = 3
"""Figures of a block that are followed: each costs a statement."""


def addresses(document: Document, rows: Rows) -> Iterator[tuple[Figured, str]]:
    """Every figure that leads to rows, by its block and its address, in reading order."""
    given = Addresses(document)
    for block in every(document.blocks):
        if isinstance(block, Kpis | Chart | Table):
            for place, value in _places(block, rows):
                if address := given(block, place, value):
                    yield block, address


def check_drilldown(harness: PluginHarness, one: Declared) -> Iterator[str]:
    """The rows behind a figure can be counted, and come to the figure again."""
    client = harness.client
    rows, names = rows_of(harness.files), {str(harness.source): "Test"}
    for kind, document in documents(harness, one):
        if isinstance(document, Exception):
            continue
        for address in _some(document, rows):
            figure = find(document, rows, address)
            name = f"{figure.label} of {kind.key} ({address})"
            try:
                drilldown = drill_down(harness.registry, client, document, figure, names=names)
            except Exception as error:
                yield f"the rows behind {name} cannot be counted: {error!r}"
                continue
            if not drilldown.agrees:
                yield f"{name} is {figure.value}, but its rows come to {drilldown.recount.value}"


def _some(document: Document, rows: Rows) -> Iterator[str]:
    """The first few figures of each block."""
    seen: dict[int, int] = {}
    for block, address in addresses(document, rows):
        seen[id(block)] = seen.get(id(block), 0) + 1
        if seen[id(block)] <= LOOKED_AT:
            yield address


def _places(block: Figured, rows: Rows) -> Iterator[tuple[str, Any]]:
    match block:
        case Kpis():
            for number, tile in enumerate(block.tiles):
                yield from ((f"t{number}", tile.value), (f"t{number}p", tile.previous))
        case Chart():
            yield from _points((*block.series, *block.beside), "")
            yield from _points(block.previous, "p")
        case Table():
            for place, row in enumerate(rows(block)):
                yield from ((f"r{place}c{column}", value) for column, value in enumerate(row))
            yield from ((f"sc{column}", value) for column, value in enumerate(block.totals or ()))


def _points(series: tuple[Series, ...], suffix: str) -> Iterator[tuple[str, Any]]:
    for number, one in enumerate(series):
        yield from ((f"x{point}y{number}{suffix}", value) for point, value in enumerate(one.values))
