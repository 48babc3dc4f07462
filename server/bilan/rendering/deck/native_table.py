"""A table of the office program's own, drawn with thin lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pptx.oxml import parse_xml

from bilan.rendering.deck.deck import Deck, described
from bilan.rendering.deck.grid import Frame, emu
from bilan.rendering.deck.words import Run, height_of

PLAIN = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""The style without fills and lines, by the number that office programs know it by."""
INSET = 0.2
"""Inches of a cell that its text does not have, left and right together."""
NS = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in a cell."""

    text: str
    signs: str = ""
    end: bool = False
    alert: bool = False
    strong: bool = False
    wrapped: bool = False
    size: float = 10.5
    colour: str = ""
    """Of the text, where it is not that of its row."""
    across: bool = False
    """Whether it stands across the cells to the end of its row, which are empty."""
    mark: str = ""
    """The colour of a square before the text, as in a legend."""
    fill: str = ""
    """The colour below it, ``RRGGBB``."""
    tight: bool = False
    """Whether it stands in the middle of a narrow cell."""


def add_native_table(
    deck: Deck, slide: Any, frame: Frame, spans: Sequence[float], rows: Sequence[Sequence[Filled]],
    heights: Sequence[float], *, name: str, description: str, totals: bool = False,
) -> Any:  # fmt: skip
    """A table as wide as its frame. The first row are the heads, with ``totals`` the last one adds up;
    ``heights`` are the rows', the last one that of all further ones."""
    tall = [*heights, *[heights[-1]] * (len(rows) - len(heights))]
    where = replace(frame, height=sum(tall))
    shape = slide.shapes.add_table(len(rows), len(spans), *deck.place(where))
    made = shape.table
    properties = made._tbl.tblPr
    properties.set("bandRow", "0")
    properties.set("firstRow", "1")
    if totals:
        properties.set("lastRow", "1")
    if deck.writer.direction == "rtl":
        properties.set("rtl", "1")
    properties.find(f"{{{properties.nsmap['a']}}}tableStyleId").text = PLAIN
    for column, width in zip(made.columns, shares(spans, frame.width), strict=True):
        column.width = emu(width)
    for place, (row, height, line) in enumerate(zip(made.rows, tall, rows, strict=True)):
        row.height = emu(height)
        kind = "head" if place == 0 else ("total" if totals and place == len(rows) - 1 else "row")
        for cell, filled in zip(row.cells, line, strict=True):
            _fill(deck, cell, filled, kind)
            if filled.across:
                cell.merge(row.cells[len(line) - 1])
    described(shape, name, description)
    return shape


def shares(spans: Sequence[float], room: float) -> list[float]:
    """The widths of columns that fill so many inches."""
    return [room * span / sum(spans) for span in spans]


def height_of_row(row: Sequence[Filled], widths: Sequence[float], padding: float) -> float:
    """How tall a row of sentences stands, in columns of these widths."""
    return padding + max(
        height_of(one.text, width - INSET, one.size, strong=one.strong)
        for one, width in zip(row, widths, strict=True)
    )


def _fill(deck: Deck, cell: Any, filled: Filled, kind: str) -> None:
    palette = deck.palette
    strong = kind != "row" or filled.strong or filled.alert
    colour = palette.bad if filled.alert else filled.colour or ("accent1" if kind == "head" else "tx1")
    runs = [Run(filled.text, filled.size, colour, strong=strong)]
    if filled.mark:
        runs.insert(0, Run("■ ", filled.size, filled.mark))
    if filled.signs:
        runs.append(Run(filled.signs, filled.size - 2, colour))
    deck.writer.write(cell.text_frame.paragraphs[0], runs, align=_side(filled))
    properties = cell._tc.get_or_add_tcPr()
    # Within the padding of wrapped rows, so that none grows.
    above_and_below = 0.05 if filled.wrapped else 0.03
    beside = 0.02 if filled.tight else 0.09
    margins = (("marL", beside), ("marR", beside), ("marT", above_and_below), ("marB", above_and_below))
    for side, room in margins:
        properties.set(side, str(emu(room)))
    properties.set("anchor", "b" if kind == "head" else ("t" if filled.wrapped else "ctr"))
    above = _line("lnT", "accent1", 1.0) if kind == "total" else ""
    below = _line("lnB", "accent1", 1.25) if kind == "head" else _line("lnB", palette.line, 0.75)
    for line in filter(None, (above, below)):
        properties.append(parse_xml(line))
    if filled.fill:
        properties.append(parse_xml(f'<a:solidFill {NS}><a:srgbClr val="{filled.fill}"/></a:solidFill>'))
    if kind == "total":
        properties.append(parse_xml(f'<a:solidFill {NS}><a:schemeClr val="bg2"/></a:solidFill>'))


def _side(filled: Filled) -> str:
    return "middle" if filled.tight else "end" if filled.end else "start"


def _line(side: str, colour: str, points: float) -> str:
    kind = "srgbClr" if len(colour) == 6 else "schemeClr"
    return (
        f'<a:{side} {NS} w="{round(points * 12_700)}"><a:solidFill><a:{kind} val="{colour}"/></a:solidFill>'
        f'<a:prstDash val="solid"/></a:{side}>'
    )
