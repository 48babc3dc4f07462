"""A table of the office program's own, drawn with thin lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pptx.oxml import parse_xml
from pptx.util import Emu

from bilan.rendering.deck.deck import Deck
from bilan.rendering.deck.geometry import Frame, inches
from bilan.rendering.deck.words import Run

PLAIN = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""The style without fills and lines, by the number that office programs know it by."""
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


def add_grid(
    deck: Deck,
    slide: Any,
    frame: Frame,
    widths: Sequence[float],
    heights: Sequence[float],
    heads: Sequence[Filled],
    rows: Sequence[Sequence[Filled]],
    totals: Sequence[Filled] | None = None,
) -> Any:
    """A table in a frame; ``heights`` are those of the head and of every row, or of the head and each row."""
    lines = [*rows, *([totals] if totals else [])]
    tall = [heights[0], *(heights[1:] if len(heights) == len(lines) + 1 else [heights[1]] * len(lines))]
    where = deck.place(Frame(frame.x, frame.y, inches(sum(widths)), inches(sum(tall))))
    shape = slide.shapes.add_table(
        len(lines) + 1, len(heads), *map(Emu, (where.x, where.y, where.width, where.height))
    )
    made = shape.table
    properties = made._tbl.tblPr
    properties.set("bandRow", "0")
    properties.set("firstRow", "1")
    if totals:
        properties.set("lastRow", "1")
    if deck.writer.direction == "rtl":
        properties.set("rtl", "1")
    properties.find(f"{{{properties.nsmap['a']}}}tableStyleId").text = PLAIN
    for place, width in enumerate(widths):
        made.columns[place].width = Emu(inches(width))
    for place, height in enumerate(tall):
        made.rows[place].height = Emu(inches(height))
    for row, line in enumerate([heads, *lines]):
        kind = "head" if row == 0 else ("total" if totals and row == len(lines) else "row")
        for place, filled in enumerate(line):
            _fill(deck, made.cell(row, place), filled, kind)
            if filled.across:
                made.cell(row, place).merge(made.cell(row, len(line) - 1))
    return shape


def _fill(deck: Deck, cell: Any, filled: Filled, kind: str) -> None:
    palette = deck.palette
    strong = kind != "row" or filled.strong or filled.alert
    colour = palette.bad if filled.alert else filled.colour or ("accent1" if kind == "head" else "tx1")
    runs = [Run(filled.text, filled.size, colour, strong=strong)]
    if filled.mark:
        runs.insert(0, Run("■ ", filled.size, filled.mark))
    if filled.signs:
        runs.append(Run(filled.signs, filled.size - 2, colour))
    deck.writer.write(cell.text_frame.paragraphs[0], runs, align="end" if filled.end else "start")
    properties = cell._tc.get_or_add_tcPr()
    for side, room in (("marL", 0.09), ("marR", 0.09), ("marT", 0.03), ("marB", 0.03)):
        properties.set(side, str(inches(room)))
    properties.set("anchor", "b" if kind == "head" else ("t" if filled.wrapped else "ctr"))
    above = _line("lnT", "accent1", 1.0) if kind == "total" else ""
    below = _line("lnB", "accent1", 1.25) if kind == "head" else _line("lnB", palette.line, 0.75)
    for line in filter(None, (above, below)):
        properties.append(parse_xml(line))
    if kind == "total":
        properties.append(parse_xml(f'<a:solidFill {NS}><a:schemeClr val="bg2"/></a:solidFill>'))


def _line(side: str, colour: str, points: float) -> str:
    kind = "srgbClr" if len(colour) == 6 else "schemeClr"
    return (
        f'<a:{side} {NS} w="{round(points * 12_700)}"><a:solidFill><a:{kind} val="{colour}"/></a:solidFill>'
        f'<a:prstDash val="solid"/></a:{side}>'
    )
