"""One document in every way it can be had, compared cell by cell with what GraphQL gives.

See docs/decisions/033.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from bilan.files import Files
from bilan.i18n import LocaleFormatter, Translator
from bilan.registry.declared import Registry
from bilan.rendering.marks import MARKS
from bilan.reports.parts import rows_of
from bilan.sdk.document import Document, Mark
from bilan.sdk.messages import Message, messages
from bilan.sdk.rendering import RenderContext
from support.alike.cards import figures, galleries
from support.alike.pdf import pdf_alike
from support.alike.seen import counted_beside, grid, grids, shown_tile, tiles_in
from support.alike.slides import slides_alike
from support.alike.workbook import workbook_alike
from support.rendered import Page, as_csv, blocks, plain, through_graphql

_ = messages("bilan")[0]
Json = dict[str, Any]

SHOWN = 7
"""Rows of a table on the page; the rest is left to the files."""
WITH_HEADLINES = ("DocumentKpis", "DocumentChart", "DocumentTable")


@dataclass(frozen=True)
class Reader:
    """How somebody has the document rendered."""

    language: str
    zone: str
    compression: str
    delimiter: str
    printed: bool
    """Whether slides and a PDF are rendered too; they take a second or two."""


class Room(Protocol):
    """Where documents are built."""

    @property
    def registry(self) -> Registry: ...

    @property
    def files(self) -> Files: ...


def rendered_alike(room: Room, made: Document, reader: Reader) -> Json:
    """Render the document in every way and compare; gives what GraphQL gives."""
    formatter = LocaleFormatter(Translator.of(room.registry.plugins.values()), reader.language, reader.zone)
    rows = rows_of(room.files)
    document = asyncio.run(through_graphql(made, rows, formatter))

    exported = [table for table in document["tables"] if table["file"]]
    exported = [table for table in exported if table["rowCount"]] or exported[:1]
    for machine in (True, False) if exported else ():
        options = {"compression": reader.compression, "delimiter": reader.delimiter, "machine": machine}
        files = as_csv(made, rows, RenderContext(formatter, "", options))
        assert list(files) in ([f"{table['file']}.csv" for table in exported], [""])
        for table, lines in zip(exported, files.values(), strict=True):
            assert lines == [*written(table, formatter, machine=machine)]

    workbook_alike(document, made, rows, formatter)
    if reader.printed:
        slides_alike(document, made, rows, formatter)
        pdf_alike(document, made, rows, formatter)
    page_alike(document, Page(made, rows, RenderContext(formatter, "", {"table_rows": SHOWN})), formatter)
    return document


def page_alike(document: Json, page: Page, formatter: LocaleFormatter) -> None:
    """What a person reads on the page."""
    tiles = [shown_tile(tile, formatter) for tile in tiles_in(document)]
    assert [(tile.label, tile.value, tile.previous) for tile in page.tiles] == tiles
    beside = [counted_beside(tile, formatter) for tile in tiles_in(document)]
    assert [tile.remark if one else "" for tile, one in zip(page.tiles, beside, strict=True)] == beside
    shown = [block for block in blocks(document, *WITH_HEADLINES) if not block.get("hidden")]
    assert page.headlines == [block["headline"] for block in shown if block["headline"]]
    expected = [grid(block, formatter, SHOWN) for block in grids(document) if not block.get("hidden")]
    cards = [card for one in galleries(document) for card in figures(one, formatter)]
    assert page.cards == cards
    # Behind them comes where the figures come from.
    assert page.grids[: len(expected)] == expected
    assert len(page.grids) <= len(expected) + 1


def written(table: Json, formatter: LocaleFormatter, *, machine: bool) -> Iterator[list[str]]:
    """The lines of a table's file: each figure as it is, what is to know about it in columns beside it."""
    beside = [[key for key in ("mark", "note") if _any(table, n, key)] for n in range(len(table["columns"]))]
    head: list[str] = []
    for column, keys in zip(table["columns"], beside, strict=True):
        names = [column["key"], *(f"{column['key']}_{BESIDE[key]}" for key in keys)]
        labels = [column["label"], *(_labelled(column["label"], key, formatter) for key in keys)]
        head += names if machine else labels
    yield head
    for row in table["rows"]:
        line: list[str] = []
        for cell, keys in zip(row, beside, strict=True):
            line.append(text(plain(cell), machine=machine))
            line += [_remark(cell, key, formatter, machine=machine) for key in keys]
        yield line


BESIDE = {"mark": "basis", "note": "note"}


def _any(table: Json, place: int, key: str) -> bool:
    return any(isinstance(row[place], dict) and row[place][key] for row in table["rows"])


def _labelled(label: str, key: str, formatter: LocaleFormatter) -> str:
    return formatter.text(_("{column} ({what})", column=label, what=formatter.text(Message(BESIDE[key]))))


def _remark(cell: Any, key: str, formatter: LocaleFormatter, *, machine: bool) -> str:
    found = cell[key] if isinstance(cell, dict) else None
    return (
        formatter.text(MARKS[Mark(found)].short) if found and key == "mark" and not machine else found or ""
    )


def text(value: Any, *, machine: bool) -> str:
    """A value in a file."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return (
                json.dumps(value, ensure_ascii=False, separators=(",", ":")) if machine else "; ".join(value)
            )
        case str():
            return value if machine or not value.startswith(("=", "+", "-", "@")) else f"'{value}"
        case _:
            return repr(value)
