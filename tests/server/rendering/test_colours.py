"""The colours, held against contrast rules and against common kinds of colour blindness."""

from __future__ import annotations

import itertools
import math
import re
from importlib import resources

import pytest

from bilan.rendering.svg.paint import COLOURS

Linear = tuple[float, ...]


def _linear(colour: str) -> Linear:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)


def _contrast(one: str, other: str) -> float:
    light = [_dot(_LUMINANCE, _linear(colour)) for colour in (one, other)]
    return (max(light) + 0.05) / (min(light) + 0.05)


def _tokens() -> tuple[dict[str, str], dict[str, str]]:
    css = (resources.files("bilan.rendering") / "static" / "tokens.css").read_text("utf-8")
    light, dark = css.split("@media", 1)
    pattern = re.compile(r"--([\w-]+): (#[0-9a-f]{6})")
    return dict(pattern.findall(light)), dict(pattern.findall(light)) | dict(pattern.findall(dark))


@pytest.mark.parametrize("dark", [False, True])
def test_colours_stand_out_from_what_they_are_on(dark: bool) -> None:
    tokens = _tokens()[dark]
    for ground in ("paper", "ground"):
        for ink in ("ink", "ink-soft", "accent", "accent-strong", "good", "bad", "warn"):
            assert _contrast(tokens[ink], tokens[ground]) >= 4.5, (ink, ground)
    for series in range(1, 9):
        assert _contrast(tokens[f"series-{series}"], tokens["paper"]) >= 3, series
    for pair in (("on-accent", "accent"), ("ink", "accent-soft"), ("ink", "warn-soft"), ("ink", "bad-soft"),
                 ("good", "good-soft"), ("bad", "bad-soft"), ("warn", "warn-soft"), ("accent", "accent-soft"),
                 ("ink-soft", "sunken"), ("ink", "sunken")):  # fmt: skip
        assert _contrast(*(tokens[name] for name in pair)) >= 4.5, pair
    assert _contrast(tokens["line-strong"], tokens["paper"]) >= 3


def test_the_pictures_own_colours_are_those_of_the_light_stylesheet() -> None:
    tokens = _tokens()[False]
    assert tuple(tokens[f"series-{n}"] for n in range(1, 9)) == COLOURS


# How the eye without one kind of cone sees linear colours (Machado, Oliveira, Fernandes 2009, severity 1).
_BLINDNESS = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.01182, 0.04294, 0.968881),
    ),
}
_LUMINANCE = (0.2126, 0.7152, 0.0722)
_XYZ = ((0.4124, 0.3576, 0.1805), _LUMINANCE, (0.0193, 0.1192, 0.9505))
_WHITE = (0.9505, 1.0, 1.089)


def _dot(weights: Linear, linear: Linear) -> float:
    return sum(w * c for w, c in zip(weights, linear, strict=True))


def _lab(linear: Linear) -> Linear:
    xyz = [_dot(row, linear) / white for row, white in zip(_XYZ, _WHITE, strict=True)]
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (max(v, 0) for v in xyz))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("blindness", [None, *_BLINDNESS])
@pytest.mark.parametrize("dark", [False, True])
def test_the_first_four_colours_differ_for_every_eye(blindness: str | None, dark: bool) -> None:
    tokens = _tokens()[dark]
    seen: list[Linear] = []
    for n in range(1, 5):
        linear = _linear(tokens[f"series-{n}"])
        if blindness:
            linear = tuple(_dot(row, linear) for row in _BLINDNESS[blindness])
        seen.append(_lab(linear))
    distances = [math.dist(a, b) for a, b in itertools.combinations(seen, 2)]
    assert min(distances) > 15, [round(d) for d in distances]
