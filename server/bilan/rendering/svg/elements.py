"""Elements of a picture, and the colours, dashes and textures that tell series apart."""

from __future__ import annotations

from html import escape

COLOURS = ("#1f6fb5", "#c75b12", "#00806a", "#a8508f", "#7a6a00", "#2f95c9", "#8b1e3f", "#5b6472")
"""A colour a series; each has a contrast of at least 3 to 1 against white."""
DASHES = ("", "7 4", "2 3", "10 3 2 3", "4 2", "12 4", "1 4", "6 2 1 2")
GREY = "#98a1af"
TEXT = "#566072"
STRONG = "#1c2430"
GRID = "#e4e7ec"
PAPER = "#ffffff"

FONT = 12
FAMILY = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif"

# What is drawn over a series' colour, so that colour is not the only sign.
_TEXTURES = (
    "",
    '<path d="M-2 2l4-4M0 8l8-8M6 10l4-4" {pen}/>',
    '<circle cx="2" cy="2" r="1.1" {ink}/><circle cx="6" cy="6" r="1.1" {ink}/>',
    '<path d="M0 4h8" {pen}/>',
    '<path d="M-2 6l4 4M0 0l8 8M6-2l4 4" {pen}/>',
    '<path d="M4 0v8" {pen}/>',
    '<path d="M0 4h8M4 0v8" {pen}/>',
    '<path d="M0 0l8 8M0 8l8-8" {pen}/>',
)
_PEN = f'stroke="{PAPER}" stroke-opacity=".45" stroke-width="1.2" fill="none"'
_INK = f'fill="{PAPER}" fill-opacity=".5"'


def number(value: float) -> str:
    """A coordinate with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def text(
    x: float, y: float, content: str, *, anchor: str = "start", kind: str = "t", size: int = FONT
) -> str:
    """A line of text. ``kind``: ``t`` quiet, ``ts`` strong."""
    fill = STRONG if kind == "ts" else TEXT
    weight = ' font-weight="600"' if kind == "ts" else ""
    aligned = "" if anchor == "start" else f' text-anchor="{anchor}"'
    sized = "" if size == FONT else f' font-size="{size}"'
    return (
        f'<text x="{number(x)}" y="{number(y)}" class="{kind}" fill="{fill}"{weight}{aligned}{sized}>'
        f"{escape(content, quote=False)}</text>"
    )


def rule(x1: float, y1: float, x2: float, y2: float, *, strong: bool = False) -> str:
    """A line of the grid, or the strong one that bars stand on."""
    kind, colour = ("axis", GREY) if strong else ("grid", GRID)
    return (
        f'<line x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"'
        f' class="{kind}" stroke="{colour}"/>'
    )


def box(x: float, y: float, width: float, height: float, paint: str, *, radius: float = 2) -> str:
    """A rectangle; never thinner than half a unit, so that a small figure is still seen."""
    return (
        f'<rect x="{number(x)}" y="{number(y)}" width="{number(max(width, 0.5))}"'
        f' height="{number(max(height, 0.5))}" rx="{number(radius)}" {paint}/>'
    )


def hit(x: float, y: float, width: float, height: float, content: str) -> str:
    """An invisible area whose title says its figures when it is pointed at."""
    return (
        f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
        f' class="hit" fill="#000" fill-opacity="0"><title>{escape(content, quote=False)}</title></rect>'
    )


class Paint:
    """The fills of one picture; ``name`` keeps its ids apart from those of other pictures."""

    def __init__(self, name: str, series: int) -> None:
        self._name = name
        self._textured = series > 1
        self._used: set[int] = set()

    def fill(self, place: int) -> str:
        """The attributes that fill an area of a series."""
        place %= len(COLOURS)
        if self._textured and place:
            self._used.add(place)
            return f'fill="url(#{self._name}-p{place + 1})"'
        return self.plain(place)

    def plain(self, place: int) -> str:
        """The attributes that fill a small mark of a series with its colour alone."""
        place %= len(COLOURS)
        return f'class="f{place + 1}" fill="{COLOURS[place]}"'

    def line(self, place: int) -> str:
        """The attributes that draw a line of a series."""
        dash = DASHES[place % len(DASHES)]
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        place %= len(COLOURS)
        return f'class="l{place + 1}" stroke="{COLOURS[place]}"{dashed}'

    @property
    def definitions(self) -> str:
        """The textures that the fills given out so far refer to."""
        if not self._used:
            return ""
        patterns = (
            f'<pattern id="{self._name}-p{place + 1}" width="8" height="8" patternUnits="userSpaceOnUse">'
            f'<rect width="8" height="8" {self.plain(place)}/>'
            f"{_TEXTURES[place].format(pen=_PEN, ink=_INK)}</pattern>"
            for place in sorted(self._used)
        )
        return f"<defs>{''.join(patterns)}</defs>"
