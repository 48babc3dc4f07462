"""Blocks of a document by their keys, and where their figures lead."""

from __future__ import annotations

import io
import zipfile
from typing import Any, NamedTuple

from bilan.drilldown.drilldown import drill_down
from bilan.drilldown.figures import find
from bilan.reports.blocks import every
from bilan.reports.parts import rows_of
from bilan.sdk import Chart, Document, Kpis, Section, Table, charts_of, tables_of
from bilan.testing.drilldown_rules import addresses
from bilan.testing.harness import PluginHarness


def section_of(document: Document, key: str) -> Section:
    """The outermost section with this key."""
    return next(one for one in document.blocks if isinstance(one, Section) and one.key == key)


def table(document: Document, key: str) -> Table:
    """The table with this key."""
    return next(one for one in tables_of(document.blocks) if one.key == key)


def chart(document: Document, key: str) -> Chart:
    """The chart with this key."""
    return next(one for one in charts_of(document.blocks) if one.key == key)


def tiles(document: Document, key: str) -> dict[str, Any]:
    """The figures of a row of tiles by their names."""
    found = next(one for one in every(document.blocks) if isinstance(one, Kpis) and one.key == key)
    return {kpi.key.partition(".")[2]: kpi.value for kpi in found.tiles}


def block_keys(document: Document) -> list[str]:
    """The keys of all tiles, charts and tables, in reading order."""
    return [one.key for one in every(document.blocks) if isinstance(one, Kpis | Chart | Table)]


def notes_of(document: Document) -> list[str]:
    """What a reader must know, in English."""
    return [str(one) for one in document.notes]


class Followed(NamedTuple):
    """A figure that leads to rows, and whether these come to it."""

    block: str
    address: str
    agrees: bool


def followed(harness: PluginHarness, document: Document) -> list[Followed]:
    """Every figure of the document that leads to rows."""
    rows, names, client = rows_of(harness.files), {str(harness.source): "Test"}, harness.client
    return [
        Followed(
            block.key,
            address,
            drill_down(harness.registry, client, document, find(document, rows, address), names=names).agrees,
        )
        for block, address in addresses(document, rows)
    ]


def csv_files(harness: PluginHarness, document: Document) -> dict[str, list[str]]:
    """The lines of the report's CSV files by their names."""
    content = harness.render(document, "csv")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode("utf-8-sig").splitlines() for name in archive.namelist()}
