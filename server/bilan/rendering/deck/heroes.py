"""The few figures that tell the story: large, side by side, each with its change and what it was before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pptx.enum.shapes import MSO_SHAPE
from pptx.util import Emu

from bilan.rendering.deck import geometry as g
from bilan.rendering.deck.deck import Deck, described, set_insets
from bilan.rendering.deck.figures import ARROWS, ATTENTION, Figure, colour_of
from bilan.rendering.deck.geometry import Frame, inches
from bilan.rendering.deck.words import Line, Run, fitting, lines_of, paint

MOST = 4
"""So many large figures stand on a slide."""
GAP, INSET = 0.25, 0.22
VALUE_SIZES = (48, 44, 40, 36, 32, 28, 24, 20, 16, 13)
LABEL_SIZES = (15, 14, 13, 12)
CHANGE, AGAINST, REMARK = 18, 14, 12
LINE = 1.2 / 72


def tall(figures: Sequence[Figure]) -> float:
    """How tall they stand, in inches."""
    wide = _wide(figures)
    return max(_points(_lines(one, wide, "", ""), wide) for one in figures) * LINE + 2 * INSET + 0.15


def add_heroes(deck: Deck, slide: Any, figures: Sequence[Figure], room: Frame) -> float:
    """Draw them at the top of a frame as wide as it is; gives how tall they are."""
    height, wide = tall(figures), _wide(figures)
    for place, one in enumerate(figures):
        left = room.x / g.INCH + place * (wide + 2 * INSET + GAP)
        _card(deck, slide, one, g.frame(left, room.y / g.INCH, wide + 2 * INSET, height))
    return height


def _wide(figures: Sequence[Figure]) -> float:
    """The room for text in each."""
    count = max(len(figures), 2)
    return (g.ROOM - GAP * (count - 1)) / count - 2 * INSET


def _card(deck: Deck, slide: Any, figure: Figure, frame: Frame) -> None:
    where = deck.place(frame)
    shape = slide.shapes.add_shape(
        MSO_SHAPE.RECTANGLE, *map(Emu, (where.x, where.y, where.width, where.height))
    )
    _dress(shape, deck.palette.bad if figure.shown.alert else "")
    shape.text_frame.word_wrap = True
    set_insets(shape.text_frame, INSET * 72)
    shape.text_frame._txBody.bodyPr.set("anchor", "t")
    lines = _lines(figure, frame.wide - 2 * INSET, colour_of(deck, figure.shown), deck.palette.bad)
    deck.writer.fill(shape.text_frame, lines, gap=2)
    described(shape, figure.shown.label, figure.spoken)


def _lines(figure: Figure, room: float, colour: str, alert: str) -> list[Line]:
    shown = figure.shown
    value = fitting(shown.value, room, VALUE_SIZES, strong=True)
    lines: list[Line] = [
        [Run(shown.label, fitting(shown.label, room, LABEL_SIZES), "tx2")],
        [Run(shown.value, value, strong=True)],
    ]
    if shown.trend and not shown.change:
        # From nought to something is no share: the words are all there is to say.
        said = f"{ARROWS[shown.trend]} {figure.against}"
        lines.append([Run(said, fitting(said, room, (AGAINST, 13, 12)), colour, strong=True)])
    elif shown.trend:
        lines.append([Run(figure.change, CHANGE, colour, strong=True)])
    if figure.against and (shown.change or not shown.trend):
        lines.append([Run(figure.against, fitting(figure.against, room, (AGAINST, 13, 12)), "tx2")])
    for place, remark in enumerate(shown.remarks):
        flag = f"{ATTENTION} " if shown.alert and place == 0 else ""
        lines += [[Run(f"{flag}{remark}", REMARK, alert if shown.alert else "tx2", strong=shown.alert)]]
    return lines


def _points(lines: Sequence[Line], room: float) -> float:
    """How many points tall the lines are, those that wrap among them."""
    return sum(
        run.size * lines_of(run.text, room, run.size, strong=run.strong) for line in lines for run in line
    )


def _dress(shape: Any, outline: str) -> None:
    """A soft ground without a shadow, in the theme's colours; an outline where attention is asked for."""
    shape.fill.solid()
    for style in shape._element.xpath("./p:style"):
        shape._element.remove(style)
    properties = shape._element.spPr
    for old in properties.xpath("./a:solidFill"):
        properties.remove(old)
    # Fill and line follow the geometry.
    paint(properties, "bg2")
    geometry = properties.xpath("./a:prstGeom")[0]
    geometry.addnext(properties.xpath("./a:solidFill")[0])
    shape.line.width = Emu(inches(0.02 if outline else 0))
    line = properties.xpath("./a:ln")[0]
    for old in list(line):
        line.remove(old)
    if outline:
        paint(line, outline)
    else:
        shape.line.fill.background()
