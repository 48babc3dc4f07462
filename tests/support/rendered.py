"""A document as three readers get it: a program through GraphQL, a person's browser, a spreadsheet."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import strawberry

from bilan.graphql.reports.blocks import DocumentType
from bilan.graphql.reports.documents import Presenter
from bilan.graphql.scalars import config
from bilan.i18n import LocaleFormatter
from bilan.rendering.csv_format import CSV
from bilan.rendering.html_format import HTML
from bilan.sdk.document import Document
from bilan.sdk.rendering import RenderContext, Rows

TABLE = """
fragment Grid on DocumentTable {
  __typename key title headline file hidden detail rowCount totals rows(first: 10000)
  columns { key label unit metric dataOnly names }
}
"""
TILE = "fragment Tile on DocumentKpi { key label value unit previous compared mark note metric }"
BLOCK = """
  __typename
  ... on DocumentKpis { headline tiles { ...Tile beside { ...Tile } } }
  ... on DocumentChart {
    key title headline chartKind: kind unit categoryUnit categories names
    series { label values } previous { label values } beside { label values }
  }
  ... on DocumentTable { ...Grid }
  ... on DocumentGallery { picture text time link caption figures table { ...Grid } }
  ... on DocumentCustom { kind table { ...Grid } }
"""
QUERY = (
    TABLE
    + TILE
    + "{ document { period tables { ...Grid } blocks {"
    + BLOCK
    + " ... on DocumentSection { blocks {"
    + BLOCK
    + " ... on DocumentSection { blocks {"
    + BLOCK
    + "} } } } } } }"
)


@strawberry.type
class Shelf:
    """A schema around one document."""

    document: DocumentType


SCHEMA = strawberry.Schema(Shelf, config=config())


async def through_graphql(document: Document, rows: Rows, formatter: LocaleFormatter) -> dict[str, Any]:
    """The document as JSON, as it would travel."""
    root = Shelf(document=Presenter(formatter, rows).document(document))
    result = await SCHEMA.execute(QUERY, root_value=root)
    assert result.errors is None, result.errors
    return json.loads(json.dumps(result.data))["document"]


def blocks(document: dict[str, Any], *names: str) -> list[dict[str, Any]]:
    """The blocks of these types in reading order, those of sections and the tables of plugins' own too."""

    def walk(found: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for block in found:
            if block["__typename"] in names:
                yield block
            yield from walk(block.get("blocks", [block["table"]] if "table" in block else []))

    return list(walk(document["blocks"]))


def plain(figure: Any) -> Any:
    """A figure's value without its mark and note."""
    return figure["value"] if isinstance(figure, dict) else figure


# ---- CSV ----------------------------------------------------------------------------------------

Lines = list[list[str]]


def as_csv(document: Document, rows: Rows, context: RenderContext) -> dict[str, Lines]:
    """The lines of each file, the header first, taken out of whatever they were packed into."""
    out = io.BytesIO()
    CSV.render(document, context, rows, out)
    delimiter = {"semicolon": ";", "tab": "\t"}.get(context.options.get("delimiter", ""), ",")
    packed = _unpacked(out.getvalue(), CSV.extension(document, context))
    return {
        name: list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))
        for name, data in packed.items()
    }


def _unpacked(data: bytes, extension: str) -> dict[str, bytes]:
    match extension:
        case "zip":
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                return {name: archive.read(name) for name in archive.namelist()}
        case "tar.gz":
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                return {one.name: _member(archive, one) for one in archive.getmembers()}
        case "csv.gz":
            return {"": gzip.decompress(data)}
        case _:
            return {"": data}


def _member(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    assert file is not None
    return file.read()


# ---- HTML ---------------------------------------------------------------------------------------


@dataclass
class Grid:
    """A table of the page: its caption, its heads, its rows, its totals; signs of remarks left out."""

    caption: str = ""
    heads: list[str] = field(default_factory=list[str])
    rows: list[list[str]] = field(default_factory=list[list[str]])
    totals: list[str] = field(default_factory=list[str])


@dataclass
class Tile:
    """A figure of the page with its name."""

    label: str = ""
    value: str = ""
    previous: str = ""
    remark: str = ""


class Page(HTMLParser):
    """What a person reads on the page."""

    def __init__(self, document: Document, rows: Rows, context: RenderContext) -> None:
        super().__init__()
        self.grids: list[Grid] = []
        self.tiles: list[Tile] = []
        self.headlines: list[str] = []
        self.cards: list[list[tuple[str, str]]] = []
        """The figures of each card of a gallery with their names."""
        self._within: list[str] = []
        self._text = ""
        self._label: str | None = None
        out = io.BytesIO()
        HTML.render(document, context, rows, out)
        self.feed(out.getvalue().decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        cls = dict(attrs).get("class") or ""
        match tag:
            case "table":
                self.grids.append(Grid())
            case "tr" if "tbody" in self._within:
                self.grids[-1].rows.append([])
            case "li" if cls == "gallery-card":
                self.cards.append([])
            case "dl" if cls == "gallery-figures":
                self._label = ""
            case "div" if "kpi" in cls.split():
                self.tiles.append(Tile())
            case _:
                pass
        if tag in ("thead", "tbody", "tfoot", "sup"):
            self._within.append(tag)
        elif tag in ("caption", "th", "td", "dt", "dd", "span", "p"):
            self._within.append(f"{tag}.{cls}")
            self._text = ""

    def handle_data(self, data: str) -> None:
        if "sup" not in self._within:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "dl":
            self._label = None
        if tag not in ("thead", "tbody", "tfoot", "sup", "caption", "th", "td", "dt", "dd", "span", "p"):
            return
        name = self._within.pop()
        if tag in ("th", "td"):
            self._cell()
        elif tag == "dt" and self._label is not None:
            self._label = self._text
        elif tag == "dd" and self._label is not None:
            self.cards[-1].append((self._label, self._text))
        elif tag == "caption":
            self.grids[-1].caption = self._text
        elif name == "p.headline":
            self.headlines.append(self._text)
        elif name.startswith(("dt.kpi-label", "dd.kpi-value", "span.kpi-previous", "dd.kpi-remark")):
            setattr(self.tiles[-1], name.split()[0].rpartition("-")[2], self._text)

    def _cell(self) -> None:
        if "thead" in self._within:
            self.grids[-1].heads.append(self._text)
        elif "tfoot" in self._within:
            self.grids[-1].totals.append(self._text)
        else:
            self.grids[-1].rows[-1].append(self._text)
