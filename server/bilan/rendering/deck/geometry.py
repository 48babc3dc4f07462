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

    def under(self, taken: float) -> Frame:
        """What is left of the frame below so many inches."""
        return replace(self, y=self.y + inches(taken), height=self.height - inches(taken))

    def above(self, taken: float) -> Frame:
        """What is left of the frame above its last inches."""
        return replace(self, height=self.height - inches(taken))

    @property
    def wide(self) -> float:
        """The width in inches."""
        return self.width / INCH

    @property
    def tall(self) -> float:
        """The height in inches."""
        return self.height / INCH


def frame(x: float, y: float, width: float, height: float) -> Frame:
    """A frame from inches."""
    return Frame(inches(x), inches(y), inches(width), inches(height))


MARGIN = 0.65
ROOM = 13.333 - 2 * MARGIN
KICKER = frame(MARGIN, 0.4, ROOM - 1.9, 0.27)
"""The name of the part, above the title."""
TITLE = frame(MARGIN, 0.7, ROOM - 1.9, 0.92)
"""Two lines. Ends before the logo, which stands at the edge opposite to where a title begins."""
MESSAGE = frame(MARGIN, 1.66, ROOM, 0.32)
BODY = frame(MARGIN, 1.8, ROOM, 5.08)
"""Where the content may stand at most; it begins right below what a slide says above it."""
LOGO = frame(13.333 - MARGIN - 1.6, 0.42, 1.6, 0.5)
"""Where the layouts have the logo, at its end."""
COVER_LOGO = frame(MARGIN, 0.7, 3.4, 0.8)
COVER_TITLE = frame(MARGIN, 2.0, ROOM, 2.0)
COVER_SUBTITLE = frame(MARGIN, 4.15, ROOM, 0.8)
COVER_FACTS = frame(MARGIN, 5.85, ROOM, 1.1)
