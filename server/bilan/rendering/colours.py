"""Colours that people choose, made readable."""

from __future__ import annotations

import re

READABLE = 4.5
"""The contrast that text needs against its ground (WCAG 2, AA)."""
_WRITTEN = re.compile(r"#[0-9a-fA-F]{6}")


def readable(colour: str | None, default: str, *, ground: str = "#ffffff", least: float = READABLE) -> str:
    """The colour, darkened until text in it is readable on a light ground; ``default`` without one."""
    if colour is None or not _WRITTEN.fullmatch(colour):
        return default
    red, green, blue = _channels(colour)
    for step in range(101):
        kept = 1 - step / 100
        darker = "#" + "".join(f"{round(channel * kept):02x}" for channel in (red, green, blue))
        if contrast(darker, ground) >= least:
            return darker
    return default


def tint(colour: str, share: float) -> str:
    """The colour mixed into white; ``share`` is how much of it stays."""
    return "#" + "".join(f"{round(255 - (255 - channel) * share):02x}" for channel in _channels(colour))


def contrast(one: str, other: str) -> float:
    """How far two colours are apart, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    shares = (channel / 255 for channel in _channels(colour))
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
