"""Whether the PDF holds what GraphQL gave: every cell, every tile, the figures behind every chart."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

from bilan.i18n import LocaleFormatter
from bilan.rendering.pdf.renderer import PDF
from bilan.sdk.document import Document
from bilan.sdk.rendering import RenderContext, Rows
from support.alike.cards import figures, galleries, tables
from support.alike.seen import counted_beside, grid, grids, rendered, shown_tile, tiles_in
from support.pdf import Pdf, squeezed

Json = dict[str, Any]


def pdf_alike(document: Json, made: Document, rows: Rows, formatter: LocaleFormatter) -> None:
    """Every cell of the PDF's tables is GraphQL's, and behind them are the figures of the charts."""
    pdf = Pdf(
        rendered(PDF, made, rows, RenderContext(formatter, "", {"chart_data": True, "table_rows": 5_000}))
    )
    words = squeezed(pdf.words)
    for tile in tiles_in(document):
        assert squeezed("".join(shown_tile(tile, formatter)[:2])) in words, tile
        assert squeezed(counted_beside(tile, formatter)) in words, tile
    for gallery in galleries(document):
        for card in figures(gallery, formatter):
            assert squeezed("".join(chain(*card))) in words, card
    shown = [one for one in tables(document) if not one["hidden"]]
    drawn = [one.get("table", one) for one in grids(document, "DocumentChart", "DocumentGallery")]
    expected = [grid(one, formatter) for one in (*shown, *drawn)]
    sheets = pdf.sheets
    assert len(sheets) >= len(expected)
    for sheet, one in zip(sheets, expected, strict=False):
        assert squeezed(sheet.title) == squeezed(one.caption)
        assert _squeezed(sheet.heads) == _squeezed(one.heads), one.caption
        assert [*map(_squeezed, sheet.texts)] == [*map(_squeezed, one.rows)], one.caption
        assert _squeezed(item.text for item in sheet.totals) == _squeezed(one.totals), one.caption


def _squeezed(texts: Iterable[str]) -> list[str]:
    return [squeezed(text) for text in texts]
