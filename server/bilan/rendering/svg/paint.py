"""The paint of a picture: colours, dashes and textures that tell series apart."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

COLOURS = ("#1f6fb5", "#c75b12", "#00806a", "#a8508f", "#7a6a00", "#2f95c9", "#8b1e3f", "#5b6472")
"""A colour a series; each has a contrast of at least 3 to 1 against white."""
DASHES = ("", "7 4", "2 3", "10 3 2 3", "4 2", "12 4", "1 4", "6 2 1 2")
GREY = "#98a1af"
TEXT = "#566072"
STRONG = "#1c2430"
GRID = "#e4e7ec"
PAPER = "#ffffff"
PREVIOUS = -1
"""The series of the comparison."""

_STROKES = (
    "", "M-2 2l4-4M0 8l8-8M6 10l4-4", "", "M0 4h8", "M-2 6l4 4M0 0l8 8M6-2l4 4", "M4 0v8", "M0 4h8M4 0v8",
    "M0 0l8 8M0 8l8-8",
)  # fmt: skip
"""Strokes over a series' colour, so that colour is not the only sign; the third has dots."""
_DOTS = ("2", "6")

Attributes = dict[str, str]


class Paint:
    """The fills of one picture; ``name`` keeps its ids apart from those of other pictures."""

    def __init__(self, name: str, series: int) -> None:
        self._name = name
        self._textured = series > 1
        self._used: set[int] = set()

    def fill(self, series: int) -> Attributes:
        """The attributes that fill an area of a series."""
        if series == PREVIOUS:
            return {"class": "previous-bar", "fill": GREY, "fill-opacity": ".45"}
        series %= len(COLOURS)
        if not self._textured or not series:
            return self.plain(series)
        self._used.add(series)
        return {"fill": f"url(#{self._name}-p{series + 1})"}

    def plain(self, series: int) -> Attributes:
        """The attributes that fill a small mark of a series with its colour alone."""
        series %= len(COLOURS)
        return {"class": f"f{series + 1}", "fill": COLOURS[series]}

    def line(self, series: int) -> Attributes:
        """The attributes that draw a line of a series."""
        if series == PREVIOUS:
            return {"class": "previous", "stroke": GREY, "stroke-dasharray": "3 4"}
        dash = DASHES[series % len(DASHES)]
        series %= len(COLOURS)
        dashed = {"stroke-dasharray": dash} if dash else {}
        return {"class": f"l{series + 1}", "stroke": COLOURS[series], **dashed}

    def definitions(self) -> list[Element]:
        """The textures that the fills given out so far refer to."""
        if not self._used:
            return []
        definitions = Element("defs")
        for series in sorted(self._used):
            pattern = SubElement(definitions, "pattern", id=f"{self._name}-p{series + 1}")
            pattern.attrib |= {"width": "8", "height": "8", "patternUnits": "userSpaceOnUse"}
            SubElement(pattern, "rect", {"width": "8", "height": "8", **self.plain(series)})
            if stroke := _STROKES[series]:
                pen = {"stroke": PAPER, "stroke-opacity": ".45", "stroke-width": "1.2", "fill": "none"}
                SubElement(pattern, "path", {"d": stroke, **pen})
            for at in () if stroke else _DOTS:
                ink = {"fill": PAPER, "fill-opacity": ".5"}
                SubElement(pattern, "circle", {"cx": at, "cy": at, "r": "1.1", **ink})
        return [definitions]
