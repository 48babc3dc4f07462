"""The deck while it is made: slides with a title of their own, and the words that stand on every slide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bilan.rendering.deck import grid
from bilan.rendering.deck.footnotes import Footnote, measured
from bilan.rendering.deck.grid import Frame
from bilan.rendering.deck.master import CONTENT, KICKER_IDX, MESSAGE_IDX, layout_of, open_master
from bilan.rendering.deck.notes import Notes
from bilan.rendering.deck.palette import Palette, palette_of
from bilan.rendering.deck.titles import Title, Titles, repeated
from bilan.rendering.deck.words import Line, Run, Writer, clean, fitting, height_of
from bilan.sdk.document import Document
from bilan.sdk.rendering import RenderContext
from bilan.sdk.textdomain import _

MESSAGE_SIZES = (14, 13, 12)
WITHIN = " – "
"""What stands between a part and the part around it."""


@dataclass(frozen=True, slots=True)
class Page:
    """A slide, and where its content stands: below what it says above, above its footnotes."""

    slide: Any
    body: Frame


@dataclass
class Deck:
    """Adds slides to a presentation, one after the other."""

    document: Document
    context: RenderContext
    presentation: Any = field(init=False)
    palette: Palette = field(init=False)
    writer: Writer = field(init=False)
    _titles: Titles = field(init=False, default_factory=Titles)
    _repeated: frozenset[str] = field(init=False)
    _notes: Notes = field(init=False)
    _feet: list[Any] = field(init=False, default_factory=list[Any])

    def __post_init__(self) -> None:
        formatter = self.context.formatter
        self.palette = palette_of(self.context.brand)
        self.writer = Writer(formatter.language, formatter.direction)
        title = formatter.text(self.document.title)
        self.presentation = open_master(
            self.palette, self.writer, self.context.brand, self.context.workspace, title
        )
        self._repeated = repeated(self.document, formatter)
        self._notes = Notes(self.document, formatter, self.writer)

    def text(self, text: Any) -> str:
        """A text for the reader."""
        return self.context.formatter.text(text)

    def place(self, frame: Frame) -> tuple[int, int, int, int]:
        """Where a frame stands for the reader: left, top, width and height in the units of the file."""
        return frame.place(self.writer.direction)

    def within(self, part: str, title: str) -> str:
        """The name of a part that stands in another one, if any: several may have one of the same name."""
        return f"{part}{WITHIN}{title}" if part else title

    def named(self, section: str, title: str) -> str:
        """A block's title, with more where something else is called the same."""
        if title == self.text(self.document.title):
            return self.text(_("{title} in detail", title=title))
        if title.casefold() in self._repeated and section not in ("", title):
            if section.endswith(f"{WITHIN}{title}"):
                return section
            return self.text(_("{part}: {title}", part=section, title=title))
        return title

    def continued(self, title: str, number: int, count: int) -> str:
        """The title of the slide of this number that a block takes."""
        if number == 1:
            return title
        return self.text(
            _("{title} – continued ({number} of {count})", title=title, number=number, count=count)
        )

    def slide(
        self, title: str, *, section: str = "", message: str = "", metrics: Iterable[str | None] = (),
        alt_text: Iterable[str] = (), footnotes: Sequence[Footnote] = (),
    ) -> Page:  # fmt: skip
        """A slide that says one thing: the part's name, the title, a line below it, and its footnotes."""
        slide = self._added(CONTENT)
        shown = self._titles.title(title)
        self.writer.fill(slide.shapes.title.text_frame, [[Run(shown.text, shown.size, strong=True)]])
        if shown.whole:
            said = self.text(_("The whole title is in the notes."))
            message = f"{message} {said}".strip()
        said = self.text(_("{part}: {title}", part=section, title="")).strip()
        kicker = "" if section == title or shown.text.startswith(said) else section
        self._line(slide, KICKER_IDX, kicker, 12, "accent1", strong=True)
        top = self._message(slide, shown, message)
        self._notes.write(slide, shown, message, alt_text, metrics)
        return Page(slide, self._with_footnotes(slide, grid.PAGE.under(top - grid.PAGE.y), footnotes))

    def plain_slide(self, title: str, layout: str, size: float, text: str = "") -> Any:
        """A cover or the beginning of a part: a large title, and a text below it."""
        slide = self._added(layout)
        shown = self._titles.title(title)
        self.writer.fill(slide.shapes.title.text_frame, [[Run(shown.whole or shown.text, size, strong=True)]])
        self._line(slide, MESSAGE_IDX, text, 18, "tx2")
        self._notes.write(slide, shown, text)
        return slide

    def in_reading_order(self) -> None:
        """Put the footnotes, written first to know what room is left, behind what they are about."""
        for foot in self._feet:
            foot.getparent().append(foot)

    def put(self, shape: Any, frame: Frame) -> None:
        """Move a shape into a frame."""
        shape.left, shape.top, shape.width, shape.height = self.place(frame)

    def box(self, slide: Any, frame: Frame, lines: Sequence[Line], name: str, *, gap: float = 0) -> Any:
        """A text that stands by itself."""
        box = slide.shapes.add_textbox(*self.place(frame))
        box.name = name
        box.text_frame.word_wrap = True
        set_insets(box.text_frame, 0)
        self.writer.fill(box.text_frame, lines, gap=gap)
        return box

    def _added(self, layout: str) -> Any:
        return self.presentation.slides.add_slide(layout_of(self.presentation, layout))

    def _message(self, slide: Any, title: Title, message: str) -> float:
        """Write the line under the title, and give the inches at which the content begins."""
        below = grid.TITLE.y + title.tall + 0.08
        size = fitting(message, grid.PAGE.width - 0.2, MESSAGE_SIZES)
        tall = height_of(message, grid.PAGE.width, size) if message else 0
        place = self._line(slide, MESSAGE_IDX, message, size, "tx2")
        if place is not None:
            self.put(place, replace(grid.PAGE, y=below, height=tall + 0.04))
        return max(below + tall + 0.22, 1.5)

    def _line(
        self, slide: Any, idx: int, text: str, size: float, colour: str, *, strong: bool = False
    ) -> Any | None:
        """Fill a placeholder. What nobody fills in would show as "Click to add text": it goes."""
        for place in list(slide.placeholders):
            if place.placeholder_format.idx == idx:
                if text:
                    lines = [[Run(line, size, colour, strong=strong)] for line in text.split("\n")]
                    self.writer.fill(place.text_frame, lines, gap=6)
                    return place
                place._element.getparent().remove(place._element)
        return None

    def _with_footnotes(self, slide: Any, body: Frame, footnotes: Sequence[Footnote]) -> Frame:
        """Write the footnotes at the foot of a slide, and give what they leave of its body."""
        if not footnotes:
            return body
        taken, size = measured(footnotes, body.width - 0.1)
        lines = [
            [Run(one.text, size, self.palette.bad if one.alert else "tx2", strong=one.alert)]
            for one in footnotes
        ]
        where = body.under(body.height - taken)
        self._feet.append(self.box(slide, where, lines, self.text(_("Notes")), gap=2)._element)
        return body.above(taken + grid.GAP)


def described(shape: Any, name: str, description: str) -> None:
    """Give a shape its name and its alternative text."""
    properties = shape._element.xpath(".//p:cNvPr")[0]
    properties.set("name", clean(name)[:120] or "–")
    properties.set("descr", clean(description))


def set_insets(text_frame: Any, points: float) -> None:
    """The room between the edge of a frame and its text."""
    for side in ("left", "right", "top", "bottom"):
        setattr(text_frame, f"margin_{side}", round(points * grid.POINT))
