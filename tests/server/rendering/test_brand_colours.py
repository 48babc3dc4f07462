"""A brand's colour can be read wherever it stands."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.rendering.colours import DARK, LIGHT, accent_style, contrast, ink_on, readable, tint

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_is_what_wcag_says():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_a_colour_that_can_be_read_stays():
    assert readable("#0E6377", "#000000") == "#0e6377"


def test_yellow_becomes_a_dark_yellow_and_stays_yellow():
    shade = readable("#ffd400", "#000000")
    assert contrast(shade, "#ffffff") == pytest.approx(4.5, abs=0.1)
    red, green, blue = (int(shade[place : place + 2], 16) for place in (1, 3, 5))
    assert red > green > blue


@given(COLOURS, st.sampled_from(["#ffffff", "#181d25", "#eef0f3", "#000000"]))
def test_every_colour_can_be_read_on_every_ground(colour: str, ground: str):
    assert contrast(readable(colour, colour, ground=ground), ground) >= 4.5


@pytest.mark.requirement("AD-08")
@given(COLOURS)
def test_every_accent_can_be_read_in_light_and_dark(colour: str):
    for scheme, grounds in zip(accent_style(colour).split("@media"), (LIGHT, DARK), strict=True):
        given = dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{6})", scheme))
        for ground in (*grounds, given["accent-soft"]):
            assert contrast(given["accent"], ground) >= 4.5
        assert contrast(given["on-accent"], given["accent"]) >= 4.5


def test_a_tint_and_its_ink():
    assert (tint("#ff0000", 0.5), tint("#ff0000", 0.5, "#000000")) == ("#ff8080", "#800000")
    assert (ink_on("#ffd400"), ink_on("#0e6377")) == ("#000000", "#ffffff")
