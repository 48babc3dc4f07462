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

from pypdf import PdfReader
from pypdf.generic import ContentStream

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
    """A file that was read. ``reader`` is pypdf's."""

    def __init__(self, data: bytes, password: str | None = None) -> None:
        self.reader = PdfReader(BytesIO(data), password=password)
        self.root: Any = self.reader.trailer["/Root"]
        self._texts = {
            page.indirect_reference.idnum: _Page(page, self.reader).texts
            for page in self.reader.pages
            if page.indirect_reference
        }

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
        return self.root["/Metadata"].get_data().decode()

    def _fill(self, element: Element, kids: Any, page: int | None) -> None:
        kids = kids.get_object() if hasattr(kids, "get_object") else kids
        for kid in kids if isinstance(kids, list) else [kids]:
            kid = kid.get_object() if hasattr(kid, "get_object") else kid
            if isinstance(kid, int):
                element.pieces.append(self._texts[page or 0].get(int(kid), ""))
                continue
            here = kid.raw_get("/Pg").idnum if "/Pg" in kid else page
            if "/MCID" in kid:
                element.pieces.append(self._texts[here or 0].get(int(kid["/MCID"]), ""))
            elif "/S" in kid:
                child = Element(
                    kid["/S"][1:], str(kid.get("/Alt", "")), _scope(kid), str(kid.get("/Lang", ""))
                )
                self._fill(child, kid.get("/K", []), here)
                element.children.append(child)
                element.pieces.append(child)


def _scope(kid: Any) -> str:
    attributes = kid.get("/A", [])
    attributes = attributes if isinstance(attributes, list) else [attributes]
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


class _Page:
    """The texts of a page by the ids of their marks. Knows what Typst writes, and no more."""

    def __init__(self, page: Any, reader: PdfReader) -> None:
        self.texts: dict[int, str] = {}
        fonts = page["/Resources"].get("/Font", {})
        maps = {name: _unicode(font.get_object()) for name, font in fonts.items()}
        stream = ContentStream(page.get_contents(), reader)
        marks: list[tuple[int | None, str | None]] = []
        font: dict[int, str] = {}
        for operands, operator in stream.operations:
            match operator:
                case b"BDC" | b"BMC":
                    marks.append(_mark(operands, page))
                case b"EMC":
                    self._close(marks)
                case b"Tf":
                    font = maps[operands[0]]
                case b"Tm" | b"Td":
                    self._add(marks, " ")
                case b"Tj":
                    self._show(marks, operands[0], font)
                case b"TJ":
                    for one in operands[0]:
                        if not isinstance(one, int | float):
                            self._show(marks, one, font)
                case _:
                    pass

    def _close(self, marks: list[tuple[int | None, str | None]]) -> None:
        _ident, actual = marks.pop()
        if actual is not None:
            self._add(marks, actual)

    def _show(self, marks: list[tuple[int | None, str | None]], shown: Any, font: dict[int, str]) -> None:
        if any(actual is not None for _ident, actual in marks):
            return
        data = shown.original_bytes if hasattr(shown, "original_bytes") else bytes(shown)
        codes = (int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2))
        self._add(marks, "".join(font.get(code, "") for code in codes))

    def _add(self, marks: list[tuple[int | None, str | None]], text: str) -> None:
        ident = next((one for one, _actual in reversed(marks) if one is not None), None)
        if ident is not None:
            self.texts[ident] = self.texts.get(ident, "") + text


def _mark(operands: Any, page: Any) -> tuple[int | None, str | None]:
    if len(operands) < 2:
        return None, None
    found = operands[1]
    if not hasattr(found, "get"):
        found = page["/Resources"]["/Properties"][found]
    found = found.get_object()
    actual = found.get("/ActualText")
    return (int(found["/MCID"]) if "/MCID" in found else None), (None if actual is None else str(actual))


def _unicode(font: Any) -> dict[int, str]:
    """What each code of a font means, by its ToUnicode map."""
    if "/ToUnicode" not in font:
        return {}
    cmap = font["/ToUnicode"].get_data().decode("latin-1")
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
