"""Galleries on slides: cards beside each other, each with its picture or what stands for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR
from pptx.oxml import parse_xml

from bilan.rendering.cards import BETWEEN, Card, CardFigure, ShownGallery, beginning, shown_gallery
from bilan.rendering.deck.deck import Deck, described
from bilan.rendering.deck.footnotes import Footnote
from bilan.rendering.deck.grid import Frame, emu, evenly
from bilan.rendering.deck.native_table import NS
from bilan.rendering.deck.words import LEADING, Line, Run, cut, fitting, lines_of, wide
from bilan.rendering.picture_files import SHAPE, whole_picture
from bilan.sdk.document import Gallery
from bilan.sdk.rendering import Rows
from bilan.sdk.textdomain import _

FEWEST, MOST = 4, 6
"""How many cards have room beside each other: as wide as four at most, as narrow as six."""
TEXT, FIGURE = 11.0, 11.0
"""Sizes of what stands on a card, in points."""
CAPTIONS, TIMES, FIGURES = (12.0, 11.0, 10.0), (10.0, 9.0, 8.0), (FIGURE, 10.0, 9.0, 8.0)
"""Sizes of what is set smaller where it has no room otherwise."""
CAPTION_LINES = 2
APART = 0.1
"""Inches between the name of a figure and the figure, at least."""
PADDING = 0.12
"""Inches between a card's edge and what it says."""
GAP = 3.0
"""Between the time and the text, in points."""
LINES = 6
"""The most that a text takes."""
ROW = FIGURE * LEADING + 0.07
"""Inches that a figure takes, with what is above and below it."""


def add_gallery(
    deck: Deck, gallery: Gallery, rows: Rows, section: str, footnotes: Sequence[Footnote] = ()
) -> None:
    """The slides of a gallery."""
    shown = shown_gallery(gallery, deck.context, rows, longest=400)
    title = deck.named(section, shown.title)
    if not shown.cards:
        page = deck.slide(title, section=section, footnotes=footnotes)
        sentence = deck.text(_("No rows in this period"))
        deck.box(page.slide, page.body, [[Run(sentence, 18, "tx2")]], shown.title)
        return
    slides = evenly([1] * len(shown.cards), MOST)
    beside = [1] * max(FEWEST, *map(len, slides))
    for number, places in enumerate(slides, 1):
        first, last = number == 1, number == len(slides)
        cards = shown.cards[places.start : places.stop]
        told = shown.headline if first else ""
        page = deck.slide(
            told or deck.continued(title, number, len(slides)),
            section=section,
            message=title if told and shown.title.casefold() != section.casefold() else "",
            metrics=shown.definitions,
            alt_text=[_spoken(deck, card) for card in cards],
            footnotes=[
                *_footnotes(shown, cards),
                *(_left_out(shown) if last else ()),
                *(footnotes if last else ()),
            ],
        )
        frames = page.body.columns(*beside)
        size = _figure_size(cards, frames[0].width - 2 * PADDING)
        tall = max(_tall(card, frames[0].width) for card in cards)
        for frame, card in zip(frames, cards, strict=False):
            _add_card(deck, page.slide, replace(frame, height=min(tall, frame.height)), card, size)


def _tall(card: Card, width: float) -> float:
    """How tall a card is whose text has all the lines that it wants."""
    room = width - 2 * PADDING
    text = min(lines_of(card.text, room, TEXT), LINES) if card.text else 0
    head = _head(card, room)
    return _picture_height(width) + head + text * TEXT * LEADING + len(card.figures) * ROW + 4 * PADDING


def _picture_height(width: float) -> float:
    return width * SHAPE[1] / SHAPE[0]


def _head(card: Card, room: float) -> float:
    """What a card's caption and time take."""
    size, lines = _caption(card, room)
    return (lines * size + (TIMES[0] if card.time else 0)) * LEADING


def _caption(card: Card, room: float) -> tuple[float, int]:
    """The size of a card's caption and its lines: the largest in which these are few enough."""
    lines = {size: lines_of(card.caption, room, size, strong=True) for size in CAPTIONS}
    size = next((size for size, count in lines.items() if count <= CAPTION_LINES), CAPTIONS[-1])
    return size, min(lines[size], CAPTION_LINES) if card.caption else 0


def _add_card(deck: Deck, slide: Any, frame: Frame, card: Card, size: float) -> None:
    _add_edge(deck, slide, frame)
    _add_picture(deck, slide, replace(frame, height=_picture_height(frame.width)), card)
    inner = Frame(
        frame.x + PADDING, frame.y + _picture_height(frame.width) + PADDING, frame.width - 2 * PADDING,
        frame.height - _picture_height(frame.width) - 2 * PADDING,
    )  # fmt: skip
    figures = ROW * len(card.figures)
    room = inner.above(figures + (PADDING if figures else 0))
    if lines := _lines(card, room):
        deck.box(slide, room, lines, card.caption or card.alt, gap=2)
    if card.figures:
        below = replace(inner, y=inner.y + inner.height - figures, height=figures)
        _add_figures(deck, slide, below, card, size)


def _lines(card: Card, room: Frame) -> list[Line]:
    """The caption, the time, and of the text what the room holds."""
    lines: list[Line] = []
    if card.caption:
        size, _lines_of = _caption(card, room.width)
        caption = _fitted(card.caption, room.width, CAPTION_LINES, size, strong=True)
        lines.append([Run(caption, size, strong=True)])
    if card.time:
        size = fitting(card.time, room.width, TIMES)
        lines.append([Run(cut(card.time, room.width, size), size, "tx2")])
    most = min(int((room.height - _head(card, room.width) - 0.06) / (TEXT * LEADING)), LINES)
    if card.text and most > 0:
        lines.append([Run(" ", GAP)])
        lines.append([Run(_fitted(card.text, room.width, most, TEXT), TEXT)])
    return lines


def _fitted(text: str, room: float, most: int, size: float, *, strong: bool = False) -> str:
    """The text, or of it what goes into so many lines."""
    length = len(text)
    while length > 1 and lines_of(beginning(text, length), room, size, strong=strong) > most:
        length = int(length * 0.93)
    return beginning(text, length)


def _add_edge(deck: Deck, slide: Any, frame: Frame) -> None:
    """The card's ground: paper with a thin line around it, which says nothing to those who listen."""
    shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *deck.place(frame))
    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor.from_string(deck.palette.paper)
    shape.line.color.rgb = RGBColor.from_string(deck.palette.line)
    shape.line.width = emu(0.75 / 72)
    plain(shape)
    decorative(shape)


def _add_picture(deck: Deck, slide: Any, frame: Frame, card: Card) -> None:
    if (found := whole_picture(deck.context, card.picture)) is None:
        shape = _add_blank(deck, slide, frame, card)
    else:
        content, ratio = found
        shape = slide.shapes.add_picture(BytesIO(content), *deck.place(frame))
        _crop(shape, ratio)
        described(shape, card.alt, card.alt)
    if card.href:
        shape.click_action.hyperlink.address = card.href


def _crop(shape: Any, ratio: float) -> None:
    """Show the middle of a picture in the shape of cards; all of it stays in the file."""
    wanted = SHAPE[0] / SHAPE[1]
    if ratio > wanted:
        shape.crop_left = shape.crop_right = (1 - wanted / ratio) / 2
    else:
        shape.crop_top = shape.crop_bottom = (1 - ratio / wanted) / 2


def _add_blank(deck: Deck, slide: Any, frame: Frame, card: Card) -> Any:
    shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *deck.place(frame))
    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor.from_string(deck.palette.soft_accent)
    shape.line.fill.background()
    plain(shape)
    shape.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    blank = cut(card.blank, frame.width - 2 * PADDING, 16)
    deck.writer.fill(shape.text_frame, [[Run(blank, 16, "tx2", strong=True)]], align="middle")
    decorative(shape)
    return shape


def _value(figure: CardFigure) -> str:
    return figure.cell.text + "".join(f" {sign}" for sign in figure.cell.signs)


def _figure_size(cards: Sequence[Card], room: float) -> float:
    """The largest size in which the figures of all cards stand beside their names."""
    for size in FIGURES:
        needed = (
            wide(one.label, size) + wide(_value(one), size, strong=True) + APART
            for card in cards for one in card.figures
        )  # fmt: skip
        if all(one <= room for one in needed):
            return size
    return FIGURES[-1]


def _add_figures(deck: Deck, slide: Any, frame: Frame, card: Card, size: float) -> None:
    """A line for each figure: what it is on one side, the figure on the other."""
    lines: list[Line] = []
    for one in card.figures:
        colour = deck.palette.bad if one.cell.alert else "tx1"
        value = _value(one)
        label = cut(one.label, frame.width - wide(value, size, strong=True) - APART, size)
        lines.append([Run(f"{label}\t", size, "tx2"), Run(value, size, colour, strong=True)])
    box = deck.box(slide, frame, lines, deck.text(_("Figures")), gap=(ROW - FIGURE * LEADING) * 72)
    for paragraph in box.text_frame.paragraphs:
        stop = f'<a:tabLst {NS}><a:tab pos="{emu(frame.width)}" algn="{_far_side(deck)}"/></a:tabLst>'
        paragraph._p.get_or_add_pPr().append(parse_xml(stop))


def _far_side(deck: Deck) -> str:
    return "r" if deck.writer.direction == "ltr" else "l"


def plain(shape: Any) -> None:
    """Take the theme's shadow and the like from a shape."""
    for style in shape._element.xpath("./p:style"):
        shape._element.remove(style)


def decorative(shape: Any) -> None:
    """Mark a shape as one that says nothing: those who listen pass over it."""
    uri = "{C183D7F6-B498-43B3-948B-1728B52AA6E4}"
    adec = "http://schemas.microsoft.com/office/drawing/2017/decorative"
    described(shape, "–", "")
    said = f'<adec:decorative xmlns:adec="{adec}" val="1"/>'
    extensions = parse_xml(f'<a:extLst {NS}><a:ext uri="{uri}">{said}</a:ext></a:extLst>')
    shape._element.xpath(".//p:cNvPr")[0].append(extensions)


def _spoken(deck: Deck, card: Card) -> str:
    """A card in a line, for the notes."""
    head = BETWEEN.join(filter(None, (card.caption, card.time))) or card.text
    figures = ", ".join(f"{one.label} {one.cell.text}" for one in card.figures)
    return deck.text(_("{part}: {title}", part=head, title=figures)) if head and figures else head or figures


def _footnotes(shown: ShownGallery, cards: Sequence[Card]) -> list[Footnote]:
    used = {sign for card in cards for one in card.figures for sign in one.cell.signs}
    return [Footnote(f"{sign} {text}".strip()) for sign, text in shown.footnotes if not sign or sign in used]


def _left_out(shown: ShownGallery) -> list[Footnote]:
    return [Footnote(shown.left_out)] if shown.left_out else []
