"""Colours that people choose, made readable: darker or lighter where text stands in them."""

from __future__ import annotations

import colorsys
import re

WHITE, BLACK = "#ffffff", "#000000"
READABLE = 4.5
"""The contrast that text needs against its ground (WCAG 2, AA)."""
_WRITTEN = re.compile(r"#[0-9a-fA-F]{6}")

# The grounds of tokens.css that an accent stands on, in either scheme.
LIGHT, DARK = ("#ffffff", "#eef0f3"), ("#181d25", "#222933")
SOFT_LIGHT, SOFT_DARK = 0.12, 0.25


def readable(colour: str | None, default: str, *, ground: str = WHITE, least: float = READABLE) -> str:
    """The colour, or the nearest shade of its hue that can be read on the ground; ``default`` without one.

    On a light ground it becomes darker, on a dark one lighter.
    """
    if colour is None or not _WRITTEN.fullmatch(colour):
        return default
    if contrast(colour, ground) >= least:
        return colour.lower()
    red, green, blue = (channel / 255 for channel in _channels(colour))
    hue, near, saturation = colorsys.rgb_to_hls(red, green, blue)
    far = 0.0 if ink_on(ground) == BLACK else 1.0
    for _step in range(20):
        middle = (near + far) / 2
        if contrast(_hex(*colorsys.hls_to_rgb(hue, middle, saturation)), ground) >= least:
            far = middle
        else:
            near = middle
    return _hex(*colorsys.hls_to_rgb(hue, far, saturation))


def ink_on(colour: str) -> str:
    """White or black, whichever is read better on the colour."""
    return WHITE if contrast(WHITE, colour) > contrast(BLACK, colour) else BLACK


def tint(colour: str, share: float, ground: str = WHITE) -> str:
    """The colour mixed into the ground; ``share`` is how much of it stays."""
    pairs = zip(_channels(colour), _channels(ground), strict=True)
    return "#" + "".join(f"{round(below - (below - channel) * share):02x}" for channel, below in pairs)


def contrast(one: str, other: str) -> float:
    """How far two colours are apart, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def accent_style(colour: str) -> str:
    """The stylesheet that puts the colour in place of the default accent, in light and dark."""
    light, dark = _accents(colour, LIGHT, SOFT_LIGHT), _accents(colour, DARK, SOFT_DARK)
    return f":root{{{light}}}\n@media screen and (prefers-color-scheme: dark){{:root{{{dark}}}}}\n"


def _accents(colour: str, grounds: tuple[str, str], share: float) -> str:
    paper, sunken = grounds
    soft = tint(colour, share, paper)
    accent = readable(readable(colour, colour, ground=sunken), colour, ground=soft)
    strong = tint(accent, 0.75, ink_on(paper))
    return (
        f"--accent:{accent};--accent-strong:{strong};--accent-soft:{soft};"
        f"--on-accent:{ink_on(accent)};--focus:{accent}"
    )


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(*parts: float) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def _luminance(colour: str) -> float:
    shares = (channel / 255 for channel in _channels(colour))
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
