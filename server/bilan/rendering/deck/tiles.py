"""Figures as tiles: the number large, its change beneath, told by sign, arrow and colour."""

from __future__ import annotations

from math import ceil
from typing import Any

from pptx.enum.shapes import MSO_SHAPE
from pptx.util import Emu

from bilan.rendering.deck import geometry as g
from bilan.rendering.deck.deck import Deck, described, set_insets
from bilan.rendering.deck.geometry import Frame, inches
from bilan.rendering.deck.words import Line, Run, fitting, paint
from bilan.rendering.tiles import ShownKpi, shown_kpis
from bilan.sdk.document import Kpis
from bilan.sdk.messages import messages
from bilan.sdk.units import Unit

_, _n = messages("bilan")

MOST = 8
GAP = 0.28
TALLEST, TALL, LOW = 2.35, 2.0, 1.5
"""The height of a tile: of those with a change and a remark, with either, and of figures alone."""
ARROWS = {"up": "▲ ", "down": "▼ ", "flat": "● ", "": ""}
VALUE_SIZES = (30, 26, 22, 18, 15, 12)
LABEL_SIZES = (13, 12, 11)


def add_tiles(deck: Deck, kpis: Kpis, section: str) -> None:
    """The tiles on as few slides as hold them with room to breathe, evenly many on each."""
    tiles = shown_kpis(kpis, deck.look)
    if not tiles:
        return
    slides = ceil(len(tiles) / MOST)
    each = ceil(len(tiles) / slides)
    for start in range(0, len(tiles), each):
        some = tiles[start : start + each]
        slide = deck.slide(
            _title(deck, some[0], section), _message(deck, some), metrics=[tile.definition for tile in some]
        )
        columns = _columns(each)
        height = max(map(_height, some))
        for place, tile in enumerate(some):
            _tile(deck, slide, tile, _frame(place, columns, height))


def _height(tile: ShownKpi) -> float:
    changed = bool(tile.trend or tile.previous)
    return TALLEST if changed and tile.remarks else TALL if changed or tile.remarks else LOW


def _columns(count: int) -> int:
    """How many tiles stand beside each other."""
    return count if count <= 3 else (3 if count in (5, 6) else 4)


def _title(deck: Deck, tile: ShownKpi, section: str) -> str:
    """What the slide says first: its first figure, and how it changed."""
    said = _("{label}: {value}", label=tile.label, value=tile.value)
    if tile.change:
        said = _("{label}: {value} ({change})", label=tile.label, value=tile.value, change=tile.change)
    return deck.text(_("{part} – {title}", part=section, title=said)) if section else deck.text(said)


def _message(deck: Deck, tiles: tuple[ShownKpi, ...]) -> str:
    trends = [tile.trend for tile in tiles if tile.trend]
    up, down, flat = (trends.count(trend) for trend in ("up", "down", "flat"))
    parts = (
        (up, _n("{count} figure up", "{count} figures up", count=up)),
        (down, _n("{count} figure down", "{count} figures down", count=down)),
        (flat, _n("{count} figure unchanged", "{count} figures unchanged", count=flat)),
    )
    said = [deck.text(sentence) for count, sentence in parts if count]
    if not said:
        return ""
    listed = deck.look.formatter.value(said, Unit.TEXTS)
    return deck.text(_("Against the period before: {changes}.", changes=listed))


def _frame(place: int, columns: int, height: float) -> Frame:
    wide = (g.ROOM - GAP * (columns - 1)) / columns if columns > 2 else (g.ROOM - 2 * GAP) / 3
    row, column = divmod(place, columns)
    top = g.BODY.y / g.INCH + 0.1
    return g.frame(g.MARGIN + column * (wide + GAP), top + row * (height + GAP), wide, height)


def _tile(deck: Deck, slide: Any, tile: ShownKpi, frame: Frame) -> None:
    where, palette = deck.place(frame), deck.palette
    shape = slide.shapes.add_shape(
        MSO_SHAPE.ROUNDED_RECTANGLE, *map(Emu, (where.x, where.y, where.width, where.height))
    )
    shape.adjustments[0] = 0.05
    _dress(shape, palette.bad if tile.alert else palette.line, palette.paper)
    frame_of = shape.text_frame
    frame_of.word_wrap = True
    set_insets(frame_of, 14)
    _anchor_top(frame_of)
    room = frame.width / g.INCH - 0.45
    deck.writer.fill(frame_of, _lines(deck, tile, room), gap=5)
    described(shape, tile.label, _spoken(tile))


def _lines(deck: Deck, tile: ShownKpi, room: float) -> list[Line]:
    palette = deck.palette
    colour = {True: palette.good, False: palette.bad, None: palette.soft}[tile.good]
    label = fitting(tile.label, room, LABEL_SIZES)
    lines: list[Line] = [
        [Run(tile.label, label, "tx2")],
        [Run(tile.value, fitting(tile.value, room, VALUE_SIZES, strong=True), strong=True)],
    ]
    if tile.trend:
        lines.append([Run(f"{ARROWS[tile.trend]}{tile.change or tile.spoken}", 13, colour, strong=True)])
    if tile.previous:
        lines.append([Run(tile.previous, fitting(tile.previous, room, (11.5, 10.5, 9.5)), "tx2")])
    attention = palette.bad if tile.alert else "tx2"
    lines += [[Run(remark, 10, attention, strong=tile.alert)] for remark in tile.remarks]
    return lines


def _spoken(tile: ShownKpi) -> str:
    change = f"{tile.spoken} {tile.change}".strip()
    return ", ".join(filter(None, (f"{tile.label}: {tile.value}", change, tile.previous, *tile.remarks)))


def _dress(shape: Any, line: str, fill: str) -> None:
    shape.fill.solid()
    # The style would add a shadow and another colour of text.
    for style in shape._element.xpath("./p:style"):
        shape._element.remove(style)
    properties = shape._element.spPr
    for old in properties.xpath("./a:solidFill"):
        properties.remove(old)
    # Fill and line follow the geometry.
    paint(properties, fill)
    geometry = properties.xpath("./a:prstGeom")[0]
    geometry.addnext(properties.xpath("./a:solidFill")[0])
    shape.line.width = Emu(inches(0.012))
    outline = properties.xpath("./a:ln")[0]
    for old in list(outline):
        outline.remove(old)
    paint(outline, line)


def _anchor_top(text_frame: Any) -> None:
    text_frame._txBody.bodyPr.set("anchor", "t")
