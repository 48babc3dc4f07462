"""A PDF as those read it who cannot see it: by its structure tree, in reading order.

``Pdf(data)`` opens a file. ``sheets`` are its tables, each under its heading,
with the columns of several bands put together again, so that a table of a
document and a sheet have the same cells::

    sheet = Pdf(data).sheet("Campaigns")
    assert sheet.heads == ["Campaign", "Sends"]
    assert squeezed(sheet.rows[0][1].text) == squeezed(formatter.value(12450, Unit.COUNT))

A cell's text holds no signs of marks (they are in ``signs``). Compare by
:func:`squeezed`: where a line ends a space may be missing, and a long word is
broken by a mark that nobody sees. ``totals`` are the cells of the last row,
if the table has one. Tables of Arabic reports have their letters in the order
in which they are rendered: compare those by pdftotext.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Page
from pypdf import PdfReader

_MARKS = dict.fromkeys(map(ord, "\u200b\u2066\u2067\u2068\u2069"))
_UNSEEN = re.compile(r"[\s\u00a0\u202f\u200b-\u200f\u2066-\u2069\u00ad]+")


def squeezed(text: str) -> str:
    """The text without any space or mark of direction."""
    return _UNSEEN.sub("", text)


@dataclass(frozen=True)
class Item:
    """A cell: its text, and the signs of its marks."""

    text: str
    signs: str = ""


@dataclass
class Sheet:
    """A table. ``scopes`` are what its header cells head; ``bands`` says in how many parts it stands."""

    title: str
    heads: list[str]
    rows: list[list[Item]]
    totals: list[Item]
    scopes: list[str]
    bands: int = 1

    @property
    def texts(self) -> list[list[str]]:
        """The texts of the rows."""
        return [[item.text for item in row] for row in self.rows]


@dataclass
class Element:
    """An element of the structure tree. ``text`` is its own, ``whole`` that of all below it too."""

    tag: str
    alt: str = ""
    scope: str = ""
    language: str = ""
    children: list[Element] = field(default_factory=list["Element"])
    pieces: list[str | Element] = field(default_factory=list["str | Element"])

    @property
    def text(self) -> str:
        return _tidy("".join(piece for piece in self.pieces if isinstance(piece, str)))

    @property
    def whole(self) -> str:
        return _tidy(
            "".join(piece if isinstance(piece, str) else " " + piece.whole + " " for piece in self.pieces)
        )

    def all(self, *tags: str) -> Iterator[Element]:
        """The elements of these tags below this one, in reading order."""
        for child in self.children:
            if child.tag in tags:
                yield child
            yield from child.all(*tags)


class Pdf:
    """A file that was read. ``root`` is its catalog."""

    def __init__(self, data: bytes, password: str | None = None) -> None:
        self._data, self._password = data, password
        # Not by pypdf, which takes most of a test's time to read past the strokes of charts.
        self._file = pikepdf.open(BytesIO(data), password=password or "")
        self.root: Any = self._file.Root
        self._texts: dict[int, dict[int, str]] = {
            page.obj.objgen[0]: _Page(page).texts for page in self._file.pages
        }

    @cached_property
    def reader(self) -> PdfReader:
        """The file as pypdf reads it."""
        return PdfReader(BytesIO(self._data), password=self._password)

    @cached_property
    def document(self) -> Element:
        """The structure tree."""
        top = Element("root")
        self._fill(top, self.root["/StructTreeRoot"]["/K"], None)
        return top

    @property
    def headings(self) -> list[tuple[int, str]]:
        """Levels and texts."""
        tags = ("H1", "H2", "H3", "H4")
        return [(int(one.tag[1]), one.whole) for one in self.document.all(*tags)]

    @property
    def figures(self) -> list[str]:
        """The alternative texts of the pictures."""
        return [one.alt for one in self.document.all("Figure")]

    @property
    def sheets(self) -> list[Sheet]:
        """The tables."""
        found: list[Sheet] = []
        title, fresh = "", True
        for element in self.document.all("H1", "H2", "H3", "H4", "Table"):
            if element.tag != "Table":
                title, fresh = element.whole, True
                continue
            sheet = _sheet(element, title)
            if fresh:
                found.append(sheet)
            else:
                _join(found[-1], sheet)
            fresh = False
        return found

    def sheet(self, title: str) -> Sheet:
        """The table under this heading."""
        return next(one for one in self.sheets if squeezed(one.title) == squeezed(title))

    @property
    def words(self) -> str:
        """All text in reading order, a space between elements."""
        return self.document.whole

    @property
    def xmp(self) -> str:
        """The metadata."""
        return self.root["/Metadata"].read_bytes().decode()

    def _fill(self, element: Element, kids: Any, page: int | None) -> None:
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, int):
                element.pieces.append(self._texts[page or 0].get(kid, ""))
                continue
            here = kid["/Pg"].objgen[0] if "/Pg" in kid else page
            if "/MCID" in kid:
                element.pieces.append(self._texts[here or 0].get(int(kid["/MCID"]), ""))
            elif "/S" in kid:
                child = Element(
                    str(kid["/S"])[1:], str(kid.get("/Alt", "")), _scope(kid), str(kid.get("/Lang", ""))
                )
                self._fill(child, kid.get("/K", []), here)
                element.children.append(child)
                element.pieces.append(child)


def _scope(kid: Any) -> str:
    attributes = kid.get("/A", [])
    attributes = attributes if isinstance(attributes, pikepdf.Array) else [attributes]
    return next((str(one["/Scope"])[1:] for one in attributes if "/Scope" in one), "")


def _sheet(table: Element, title: str) -> Sheet:
    heads = [cell for part in table.all("THead") for cell in part.all("TH")]
    rows = [
        [_item(cell) for cell in row.all("TD", "TH")] for part in table.all("TBody") for row in part.all("TR")
    ]
    totals = [_item(cell) for part in table.all("TFoot") for cell in part.all("TD", "TH")]
    return Sheet(title, [one.whole for one in heads], rows, totals, [one.scope for one in heads])


def _item(cell: Element) -> Item:
    signs = "".join(one.whole for one in cell.all("Span"))
    return Item(cell.text, signs)


def _join(sheet: Sheet, band: Sheet) -> None:
    """Put a band's own columns behind those that are there; those it repeats must say the same again."""
    same, place = 0, -1
    while same < len(band.heads) and band.heads[same] in sheet.heads[place + 1 :]:
        place = sheet.heads.index(band.heads[same], place + 1)
        for row, more in zip(sheet.rows, band.rows, strict=True):
            assert len(row) == 1 or row[place] == more[same], "a repeated column says something else"
        same += 1
    assert same, "a band without a column that says which row it is"
    sheet.heads += band.heads[same:]
    sheet.scopes += band.scopes[same:]
    sheet.totals += band.totals[same:]
    for row, more in zip(sheet.rows, band.rows, strict=True):
        if len(more) == len(band.heads):
            row += more[same:]
    sheet.bands += 1


def _tidy(text: str) -> str:
    return re.sub(" +", " ", text.translate(_MARKS)).strip()


OPERATORS = "BDC BMC EMC Tf Tm Td Tj TJ"
"""What text and the marks around it are made of."""


class _Page:
    """The texts of a page by the ids of their marks. Knows what Typst writes, and no more."""

    def __init__(self, page: Page) -> None:
        self.texts: dict[int, str] = {}
        fonts: Any = page.resources.get("/Font", {})
        maps = {name: _unicode(font) for name, font in fonts.items()}
        marks: list[tuple[int | None, str | None]] = []
        font: dict[int, str] = {}
        for one in pikepdf.parse_content_stream(page, OPERATORS):
            operands: Any = one.operands
            match str(one.operator):
                case "BDC" | "BMC":
                    marks.append(_mark(operands, page))
                case "EMC":
                    self._close(marks)
                case "Tf":
                    font = maps[str(operands[0])]
                case "Tm" | "Td":
                    self._add(marks, " ")
                case "Tj":
                    self._show(marks, operands[0], font)
                case "TJ":
                    for shown in operands[0]:
                        if isinstance(shown, pikepdf.String):
                            self._show(marks, shown, font)
                case _:
                    pass

    def _close(self, marks: list[tuple[int | None, str | None]]) -> None:
        _ident, actual = marks.pop()
        if actual is not None:
            self._add(marks, actual)

    def _show(self, marks: list[tuple[int | None, str | None]], shown: Any, font: dict[int, str]) -> None:
        if any(actual is not None for _ident, actual in marks):
            return
        data = bytes(shown)
        codes = (int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2))
        self._add(marks, "".join(font.get(code, "") for code in codes))

    def _add(self, marks: list[tuple[int | None, str | None]], text: str) -> None:
        ident = next((one for one, _actual in reversed(marks) if one is not None), None)
        if ident is not None:
            self.texts[ident] = self.texts.get(ident, "") + text


def _mark(operands: Any, page: Page) -> tuple[int | None, str | None]:
    if len(operands) < 2:
        return None, None
    found = operands[1]
    if not isinstance(found, pikepdf.Dictionary):
        found = page.resources["/Properties"][found]
    actual = found.get("/ActualText")
    return (int(found["/MCID"]) if "/MCID" in found else None), (None if actual is None else str(actual))


def _unicode(font: Any) -> dict[int, str]:
    """What each code of a font means, by its ToUnicode map."""
    if "/ToUnicode" not in font:
        return {}
    cmap = font["/ToUnicode"].read_bytes().decode("latin-1")
    found: dict[int, str] = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for code, text in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            found[int(code, 16)] = _utf16(text)
    for block in re.findall(r"beginbfrange(.*?)endbfrange", cmap, re.DOTALL):
        for first, last, text in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            start = _utf16(text)
            for step in range(int(last, 16) - int(first, 16) + 1):
                found[int(first, 16) + step] = start[:-1] + chr(ord(start[-1]) + step)
    return found


def _utf16(text: str) -> str:
    return bytes.fromhex(text).decode("utf-16-be")
