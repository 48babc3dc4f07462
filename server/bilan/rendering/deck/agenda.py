"""What the deck is about: its parts with their findings, each leading to its slides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import OxmlElement

from bilan.rendering.deck.deck import Deck, Page
from bilan.rendering.deck.footnotes import Footnote
from bilan.rendering.deck.grid import PAGE
from bilan.rendering.deck.native_table import INSET, Filled, add_native_table, height_of_row
from bilan.rendering.deck.words import wide
from bilan.sdk.document import Chart, Document, Gallery, Kpis, Section, Table
from bilan.sdk.textdomain import _
from bilan.sdk.walk import leaves

FEWEST, MOST = 4, 14
"""A deck of so many parts has an agenda."""
NARROW, WIDE, NUMBER = 4.1, 5.6, 0.9
"""Widths in inches: of the parts' names at least and at most, and of the numbers."""
SIZES = (16, 14, 12, 11)
HEAD, PADDING = 0.36, 0.22


def wanted(document: Document) -> bool:
    """Whether the deck has so many parts that it begins with an agenda, and not too many for one slide."""
    count = sum(isinstance(block, Section) for block in document.blocks)
    return FEWEST <= count <= MOST


def begin_agenda(deck: Deck, footnotes: Sequence[Footnote]) -> Page:
    """The slide behind the cover; its parts are filled in once their slides are there."""
    return deck.slide(deck.text(_("In this report")), footnotes=footnotes)


def fill_agenda(deck: Deck, page: Page, parts: Sequence[tuple[Section, int]]) -> None:
    """Write each part's name, its first finding, and the number of the slide it begins with."""
    told = [(deck.text(part.title), _finding(deck, part), start) for part, start in parts]
    found = any(finding for _title, finding, _start in told)
    names = (_("Part"), *([_("Finding")] if found else []), _("Slide"))
    heads = [Filled(deck.text(name), end=n == len(names) - 1, size=12) for n, name in enumerate(names)]
    widths = _widths([title for title, _said, _start in told], heads[-1].text, found=found)
    rows, heights = list[list[Filled]](), list[float]()
    for size in SIZES:
        rows = [_row(*one, size, found=found) for one in told]
        heights = [HEAD, *(height_of_row(row, widths, PADDING) for row in rows)]
        if sum(heights) <= page.body.height:
            break
    said = "; ".join(f"{title} ({start})" for title, _finding, start in told)
    shape = add_native_table(
        deck, page.slide, page.body, widths, [heads, *rows], heights,
        name=deck.text(_("In this report")), description=said,
    )  # fmt: skip
    for row, (_title, _said, start) in enumerate(told, 1):
        _link(deck, page.slide, shape.table.cell(row, 0), start)


def _row(title: str, finding: str, start: int, size: float, *, found: bool) -> list[Filled]:
    return [
        Filled(title, strong=True, wrapped=True, size=size),
        *([Filled(finding, wrapped=True, size=size, colour="tx2")] if found else []),
        Filled(str(start), end=True, wrapped=True, size=size, colour="tx2"),
    ]


def _widths(titles: Sequence[str], number: str, *, found: bool) -> tuple[float, ...]:
    """Names have the room they need: office programs break links wherever a line ends."""
    last = max(NUMBER, wide(number, 12, strong=True) + 2 * INSET)
    if not found:
        return PAGE.width - last, last
    needed = max(wide(title, SIZES[0], strong=True) for title in titles) + 2 * INSET
    first = min(max(needed, NARROW), WIDE)
    return first, PAGE.width - first - last, last


def _finding(deck: Deck, section: Section) -> str:
    for _part, leaf in leaves((section,)):
        block = leaf.table if isinstance(leaf, Gallery) else leaf
        if isinstance(block, Kpis | Chart | Table) and block.headline:
            return deck.text(block.headline)
    return ""


def _link(deck: Deck, slide: Any, cell: Any, number: int) -> None:
    """Let a cell's words lead to the slide of this number."""
    target = deck.presentation.slides[number - 1]
    relation = slide.part.relate_to(target.part, RT.SLIDE)
    for run in cell._tc.iter(qn("a:rPr")):
        link = OxmlElement("a:hlinkClick")
        link.set(qn("r:id"), relation)
        link.set("action", "ppaction://hlinksldjump")
        run.append(link)
