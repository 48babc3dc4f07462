"""Texts on slides: their language, their direction, their size."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pptx.oxml import parse_xml

from bilan.i18n.direction import isolated
from bilan.rendering.text_width import shortened, width

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_BREAKS = re.compile(r"[ \t\r\n\v\f\x85\u2028\u2029]+")
_REGIONS = {"en": "en-US", "fr": "fr-FR", "de": "de-DE", "es": "es-ES", "ar": "ar-SA", "ja": "ja-JP"}
LEADING = 1.2 / 72
"""Inches of a line for each point of its size."""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text of one style. ``colour`` is ``RRGGBB`` or the name of a colour of the theme."""

    text: str
    size: float
    colour: str = "tx1"
    strong: bool = False


Line = Sequence[Run]


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes for readers of one language."""

    language: str
    direction: str = "ltr"

    @property
    def tag(self) -> str:
        """The language as office programs name it."""
        return _REGIONS.get(self.language, self.language)

    def fill(self, text_frame: Any, lines: Sequence[Line], *, align: str = "start", gap: float = 0) -> None:
        """Replace what a text frame holds by these lines, each a paragraph."""
        for place, line in enumerate(lines):
            paragraph = text_frame.paragraphs[0] if place == 0 else text_frame.add_paragraph()
            self.write(paragraph, line, align=align)
            if place and gap:
                paragraph.space_before = round(gap * 12_700)

    def write(self, paragraph: Any, line: Line, *, align: str = "start") -> None:
        """Write the runs of a paragraph."""
        self.direct(paragraph, align)
        for run in line:
            self._run(paragraph.add_run(), run)

    def direct(self, paragraph: Any, align: str = "start") -> None:
        """Give a paragraph its side and its direction."""
        properties = paragraph._p.get_or_add_pPr()
        rtl = self.direction == "rtl"
        sides = {"start": "r" if rtl else "l", "end": "l" if rtl else "r", "middle": "ctr"}
        properties.set("algn", sides[align])
        properties.set("rtl", "1" if rtl else "0")

    def isolated(self, text: str) -> str:
        """The text, kept together where it runs against the direction of the slide."""
        if self.direction == "ltr" or not any(unicodedata.bidirectional(char) == "L" for char in text):
            return text
        return isolated(text)

    def _run(self, made: Any, run: Run) -> None:
        made.text = self.isolated(clean(run.text))
        properties = made._r.get_or_add_rPr()
        properties.set("lang", self.tag)
        properties.set("sz", str(round(run.size * 100)))
        properties.set("b", "1" if run.strong else "0")
        paint(properties, run.colour)


def paint(parent: Any, colour: str) -> None:
    """Fill a run, a line or a shape with a colour, before whatever else its properties hold."""
    ns = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    kind = "srgbClr" if re.fullmatch("[0-9A-F]{6}", colour) else "schemeClr"
    parent.insert(0, parse_xml(f'<a:solidFill {ns}><a:{kind} val="{colour}"/></a:solidFill>'))


def clean(text: str) -> str:
    """The text without what no office file can hold."""
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str) -> str:
    """The text without breaks. Spaces that no line may break at stay what they are."""
    return _BREAKS.sub(" ", text).strip(" ")


def fitting(text: str, room: float, sizes: Sequence[float], *, strong: bool = False) -> float:
    """The first of the sizes in which the text fits into so many inches, else the last."""
    return next((size for size in sizes if wide(text, size, strong=strong) <= room), sizes[-1])


def wide(text: str, size: float, *, strong: bool = False) -> float:
    """How wide a line is in inches, at a size in points."""
    return width(text, size, strong=strong) / 72


def lines_of(text: str, room: float, size: float, *, strong: bool = False) -> int:
    """About how many lines a text takes in so many inches."""
    count = 0
    for part in text.split("\n"):
        used, count = 0.0, count + 1
        for word in part.split(" "):
            length = wide(word, size, strong=strong)
            if used and used + length > room:
                count, used = count + 1, 0.0
            while length > room:
                count, length = count + 1, length - room
            used += length + wide(" ", size, strong=strong)
    return count


def height_of(text: str, room: float, size: float, *, strong: bool = False) -> float:
    """About how tall a text stands in inches, where its lines have so many."""
    return lines_of(text, room, size, strong=strong) * size * LEADING


def cut(text: str, room: float, size: float) -> str:
    """The text in one line, cut with an ellipsis where it would be wider than so many inches."""
    return shortened(one_line(text), room * 72, size)
