"""KPI heroes: the few headline figures, large, side by side, each with its change and what it was before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.enum.shapes import MSO_SHAPE
from pptx.util import Pt

from bilan.rendering.deck.deck import Deck, described, set_insets
from bilan.rendering.deck.figures import ARROWS, ATTENTION, Figure, colour_of
from bilan.rendering.deck.grid import GAP, PAGE, Frame
from bilan.rendering.deck.words import LEADING, Line, Run, fitting, height_of, lines_of

MOST = 4
"""So many large figures stand on a slide."""
INSET = 0.22
VALUE_SIZES = (48, 44, 40, 36, 32, 28, 24, 20, 16, 13)
LARGEST = (66, 60, 54, *VALUE_SIZES)
"""Sizes of figures that have the slide to themselves."""
TALLEST = 2.55
"""Inches of a card that has more room than it needs."""
LABEL_SIZES = (15, 14, 13, 12)
AGAINST_SIZES = (14, 13, 12)
CHANGE, REMARK = 18, 12


@dataclass(frozen=True, slots=True)
class CardLayout:
    """How the cards are set, all in the same sizes: so many beside each other, with so much room for text."""

    columns: int
    room: float
    value: float
    label: float
    against: float
    names: int
    """The lines of the longest name: the figures stand level."""


def tall(figures: Sequence[Figure], how: CardLayout | None = None) -> float:
    """How tall a card must be, in inches."""
    how = how or _setting(figures, VALUE_SIZES)
    return max(_tall(_lines(one, how, "", ""), how) for one in figures) + 2 * INSET + 0.1


def add_kpi_hero(deck: Deck, slide: Any, figures: Sequence[Figure], room: Frame, *, alone: bool) -> Frame:
    """Render them at the top of a frame as wide as it is, and give what is left of it.

    Those that have the slide to themselves fill more of it: four as two by two.
    """
    columns = 2 if alone and len(figures) == MOST else 0
    how = _setting(figures, LARGEST if alone else VALUE_SIZES, columns)
    rows = -(-len(figures) // how.columns)
    most = (room.height - GAP * (rows - 1)) / rows
    for start in range(len(LARGEST)):
        if tall(figures, how) <= most:
            break
        how = _setting(figures, LARGEST[start:], columns)
    height = max(tall(figures, how), min(TALLEST, most)) if alone else tall(figures, how)
    *bands, left = room.rows(*[height] * rows)
    cards = [card for band in bands for card in band.columns(*[1] * how.columns)]
    for one, where in zip(figures, cards, strict=False):
        _card(deck, slide, one, where, how)
    return left


def _setting(figures: Sequence[Figure], sizes: Sequence[float], columns: int = 0) -> CardLayout:
    """The cards with figures in the largest of the sizes in which all have room, side by side by default."""
    columns = columns or max(len(figures), 2)
    room = PAGE.columns(*[1] * columns)[0].width - 2 * INSET
    labels = [one.shown.label for one in figures]
    label = min(fitting(one, room, LABEL_SIZES) for one in labels)
    return CardLayout(
        columns,
        room,
        min(fitting(one.shown.value, room, sizes, strong=True) for one in figures),
        label,
        min(fitting(one.against, room, AGAINST_SIZES) for one in figures),
        max(lines_of(one, room, label) for one in labels),
    )


def _card(deck: Deck, slide: Any, figure: Figure, frame: Frame, how: CardLayout) -> None:
    shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *deck.place(frame))
    _dress(shape, deck.palette.bad if figure.shown.alert else "")
    shape.text_frame.word_wrap = True
    set_insets(shape.text_frame, INSET * 72)
    shape.text_frame._txBody.bodyPr.set("anchor", "t")
    deck.writer.fill(
        shape.text_frame, _lines(figure, how, colour_of(deck, figure.shown), deck.palette.bad), gap=2
    )
    missing = how.names - lines_of(figure.shown.label, how.room, how.label)
    shape.text_frame.paragraphs[1].space_before = Pt(2 + missing * how.label * 1.2)
    described(shape, figure.shown.label, figure.alt_text)


def _lines(figure: Figure, how: CardLayout, colour: str, alert: str) -> list[Line]:
    shown = figure.shown
    lines: list[Line] = [
        [Run(shown.label, how.label, "tx2")],
        [Run(shown.value, how.value, strong=True)],
    ]
    if shown.trend and not shown.change:
        # From nought to something is no share: the words are all there is to say.
        lines.append([Run(f"{ARROWS[shown.trend]} {figure.against}", how.against, colour, strong=True)])
    elif shown.trend:
        lines.append([Run(figure.change, CHANGE, colour, strong=True)])
    if figure.against and (shown.change or not shown.trend):
        lines.append([Run(figure.against, how.against, "tx2")])
    for place, remark in enumerate(shown.remarks):
        flag = f"{ATTENTION} " if shown.alert and place == 0 else ""
        colour = alert if shown.alert else "tx2"
        lines.append([Run(f"{flag}{remark}", REMARK, colour, strong=shown.alert)])
    return lines


def _tall(lines: Sequence[Line], how: CardLayout) -> float:
    """How tall the lines are in inches, those that wrap among them, the name as tall as the longest."""
    others = sum(
        height_of(run.text, how.room, run.size, strong=run.strong) for line in lines[1:] for run in line
    )
    return how.names * how.label * LEADING + others + len(lines) * 2 / 72


def _dress(shape: Any, outline: str) -> None:
    """A soft ground without a shadow, in the theme's colours; an outline where attention is asked for."""
    # The style that the library gives to a new shape has the shadow.
    for style in shape._element.xpath("./p:style"):
        shape._element.remove(style)
    shape.fill.solid()
    shape.fill.fore_color.theme_color = MSO_THEME_COLOR.BACKGROUND_2
    if outline:
        shape.line.width = Pt(1.5)
        shape.line.color.rgb = RGBColor.from_string(outline)
    else:
        shape.line.fill.background()
