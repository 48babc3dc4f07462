"""The deck while it is made: slides with a title of their own, and notes that say what their figures mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pptx.util import Emu

from bilan.rendering.deck import geometry as g
from bilan.rendering.deck.geometry import Frame
from bilan.rendering.deck.master import CONTENT, MESSAGE_IDX, Master, layout_of, open_master
from bilan.rendering.deck.palette import Palette, palette_of
from bilan.rendering.deck.words import Line, Run, Writer, clean, fitting, one_line
from bilan.sdk.document import Definition, Document
from bilan.sdk.messages import messages
from bilan.sdk.rendering import Look

_, _n = messages("bilan")

TITLE_SIZES = (26, 23, 20, 17)
MESSAGE_SIZES = (14, 12.5, 11)


@dataclass
class Deck:
    """Adds slides to a presentation, one after the other."""

    document: Document
    look: Look
    presentation: Any = field(init=False)
    palette: Palette = field(init=False)
    writer: Writer = field(init=False)
    _titles: set[str] = field(init=False, default_factory=set[str])
    _definitions: dict[str, Definition] = field(init=False)

    def __post_init__(self) -> None:
        formatter = self.look.formatter
        self.palette = palette_of(self.look.brand)
        self.writer = Writer(formatter.language, formatter.direction)
        title = formatter.text(self.document.title)
        self.presentation = open_master(
            Master(self.palette, self.writer, self.look.brand, self.look.workspace, title)
        )
        self._definitions = {one.key: one for one in self.document.definitions}

    def text(self, text: Any) -> str:
        """A text for the reader."""
        return self.look.formatter.text(text)

    def place(self, frame: Frame) -> Frame:
        """Where a frame stands for the reader."""
        return frame.mirrored(self.writer.direction)

    def titled(self, section: str, title: str) -> str:
        """A title that says which part of the report it is from."""
        return title if section in ("", title) else self.text(_("{part}: {title}", part=section, title=title))

    def slide(
        self, title: str, message: str = "", *, metrics: Iterable[str | None] = (), layout: str = CONTENT
    ) -> Any:
        """A slide with this title, or with a number behind it where another slide has it."""
        slide = self.presentation.slides.add_slide(layout_of(self.presentation, layout))
        title = self._unique(title)
        if layout == CONTENT:
            size = fitting(title, g.TITLE.width / g.INCH - 0.2, TITLE_SIZES, strong=True)
            self.writer.fill(slide.shapes.title.text_frame, [[Run(title, size, strong=True)]])
        else:
            self.writer.fill(slide.shapes.title.text_frame, [[Run(title, 38, strong=True)]])
        self._message(slide, message, layout)
        self._notes(slide, title, message, metrics)
        return slide

    def box(self, slide: Any, frame: Frame, lines: Sequence[Line], name: str, *, gap: float = 0) -> Any:
        """A text that stands by itself."""
        where = self.place(frame)
        box = slide.shapes.add_textbox(*map(Emu, (where.x, where.y, where.width, where.height)))
        box.name = name
        box.text_frame.word_wrap = True
        set_insets(box.text_frame, 0)
        self.writer.fill(box.text_frame, lines, gap=gap)
        return box

    def _unique(self, title: str) -> str:
        title = one_line(clean(title)) or "–"
        found, again = title, 2
        while found.casefold() in self._titles:
            found, again = f"{title} ({again})", again + 1
        self._titles.add(found.casefold())
        return found

    def _message(self, slide: Any, message: str, layout: str) -> None:
        # What nobody fills in would show as "Click to add text": it goes.
        for place in list(slide.placeholders):
            if place.placeholder_format.idx == MESSAGE_IDX:
                if not message:
                    place._element.getparent().remove(place._element)
                    continue
                size = (
                    fitting(message, g.MESSAGE.width / g.INCH - 0.2, MESSAGE_SIZES)
                    if layout == CONTENT
                    else 18
                )
                lines = [[Run(line, size, "tx2")] for line in message.split("\n")]
                self.writer.fill(place.text_frame, lines, gap=6)

    def _notes(self, slide: Any, title: str, message: str, metrics: Iterable[str | None]) -> None:
        lines = [message or title]
        for key in dict.fromkeys(filter(None, metrics)):
            if one := self._definitions.get(key):
                formula = self.text(_("Formula: {formula}", formula=one.formula))
                lines.append(f"{self.text(one.label)}: {self.text(one.description)} {formula}.")
        lines.append(self.text(_("Figures as of {moment:instant}.", moment=self.document.as_of)))
        frame = slide.notes_slide.notes_text_frame
        self.writer.fill(frame, [[Run(line, 12)] for line in lines])


def described(shape: Any, name: str, description: str) -> None:
    """Give a shape its name and its alternative text."""
    properties = shape._element.xpath(".//p:cNvPr")[0]
    properties.set("name", clean(name)[:120] or "–")
    properties.set("descr", clean(description))


def set_insets(text_frame: Any, points: float) -> None:
    """The room between the edge of a frame and its text."""
    for side in ("left", "right", "top", "bottom"):
        setattr(text_frame, f"margin_{side}", Emu(round(points * g.POINT)))
