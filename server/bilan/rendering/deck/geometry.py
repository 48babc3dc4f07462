"""Where things stand on a slide: one grid for all slides, mirrored where the language is written so."""

from __future__ import annotations

from dataclasses import dataclass, replace

INCH = 914_400
POINT = 12_700
WIDTH, HEIGHT = 12_192_000, 6_858_000
"""Sixteen to nine, in the size that PowerPoint gives to new slides: 13.333 by 7.5 inches."""


def inches(value: float) -> int:
    """A length in the units of the file."""
    return round(value * INCH)


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle on a slide."""

    x: int
    y: int
    width: int
    height: int

    def mirrored(self, direction: str) -> Frame:
        """The frame as it stands in a language of this direction."""
        return self if direction == "ltr" else replace(self, x=WIDTH - self.x - self.width)

    def below(self, height: int) -> Frame:
        """A frame of this height right below this one."""
        return Frame(self.x, self.y + self.height, self.width, height)


def frame(x: float, y: float, width: float, height: float) -> Frame:
    """A frame from inches."""
    return Frame(inches(x), inches(y), inches(width), inches(height))


MARGIN = 0.65
ROOM = 13.333 - 2 * MARGIN
TITLE = frame(MARGIN, 0.45, ROOM - 1.9, 0.62)
"""Ends before the logo, which stands at the edge opposite to where a title begins."""
MESSAGE = frame(MARGIN, 1.13, ROOM, 0.42)
BODY = frame(MARGIN, 1.75, ROOM, 4.85)
REMARKS = frame(MARGIN, 6.5, ROOM, 0.42)
FOOT = frame(MARGIN, 7.0, ROOM, 0.3)
COVER_TITLE = frame(1.25, 2.3, 10.6, 1.3)
COVER_SUBTITLE = frame(1.25, 3.62, 10.6, 0.6)
COVER_FACTS = frame(1.25, 4.75, 10.6, 1.5)
COVER_LOGO = frame(1.25, 0.9, 3.4, 0.75)
SECTION_TITLE = frame(1.25, 2.6, 10.6, 1.1)
SECTION_TEXT = frame(1.25, 3.75, 10.6, 2.4)
