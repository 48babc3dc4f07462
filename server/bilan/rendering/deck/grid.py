"""Grid of a slide: columns a gutter apart, and rows as tall as what stands in them; all lengths in inches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

INCH, POINT = 914_400, 12_700
"""In the units of the file."""
WIDTH = 40 / 3
"""Of a slide, sixteen to nine, in the size that PowerPoint gives to new ones."""
MARGIN = 0.65
GUTTER, GAP = 0.35, 0.2
"""Between columns, and between rows."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle on a slide, from the corner at its top left."""

    x: float
    y: float
    width: float
    height: float

    def columns(self, *spans: int) -> list[Frame]:
        """Columns beside each other that fill the frame, each as wide as its span of the grid."""
        unit = (self.width + GUTTER) / sum(spans)
        return [
            replace(self, x=self.x + unit * before, width=unit * span - GUTTER)
            for before, span in zip(accumulate(spans, initial=0), spans, strict=False)
        ]

    def rows(self, *heights: float) -> list[Frame]:
        """Rows of these heights below each other, and last the frame that is left below them."""
        tops = list(accumulate((height + GAP for height in heights), initial=0.0))
        frames = [self.under(top) for top in tops]
        return [*(replace(one, height=h) for one, h in zip(frames, heights, strict=False)), frames[-1]]

    def under(self, taken: float) -> Frame:
        """What is left of the frame below its first inches."""
        return replace(self, y=self.y + taken, height=self.height - taken)

    def above(self, taken: float) -> Frame:
        """What is left of the frame above its last inches."""
        return replace(self, height=self.height - taken)

    def place(self, direction: str) -> tuple[int, int, int, int]:
        """Left, top, width and height in the units of the file, mirrored where a language is written so."""
        x = self.x if direction == "ltr" else WIDTH - self.x - self.width
        return emu(x), emu(self.y), emu(self.width), emu(self.height)


def emu(inches: float) -> int:
    """A length in the units of the file."""
    return round(inches * INCH)


def evenly(lengths: Sequence[float], room: float) -> list[range]:
    """The lengths in their order in the fewest groups that have the room, about as much in each."""
    groups = filled_up(lengths, room)
    even = sum(lengths) / max(len(groups), 1)
    while even < room:
        if len(tried := filled_up(lengths, even)) == len(groups):
            return tried
        even += 0.1
    return groups


def filled_up(lengths: Sequence[float], room: float) -> list[range]:
    """The lengths in their order in groups, each as full as the room allows."""
    groups: list[range] = []
    start, used = 0, 0.0
    for place, length in enumerate(lengths):
        if place > start and used + length > room:
            groups.append(range(start, place))
            start, used = place, 0.0
        used += length
    return [*groups, range(start, len(lengths))] if lengths else []


PAGE = Frame(MARGIN, 0.4, 12.033, 6.48)
"""Where whatever a slide shows stands: the master's places and the content below them."""
TITLE = PAGE.under(0.3).columns(17, 3)[0]
"""Of two lines; above it stands the part's name. Ends before the logo."""
LOGO = PAGE.rows(0.5)[0].columns(17, 3)[1]
"""Where the layouts have the logo, at its end."""
BRAND = PAGE.under(0.3).rows(0.8)[0].columns(4, 8)[0]
"""The logo of a cover."""
FACTS = PAGE.under(5.45).columns(1, 1, 1, 1)
"""What a cover says in its band."""
