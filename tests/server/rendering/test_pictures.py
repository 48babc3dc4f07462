"""Charts as PNG."""

from __future__ import annotations

import struct
import subprocess
import sys

import pytest
import structlog

from bilan.rendering.colours import contrast, readable, tint
from bilan.rendering.pictures import chart_png, still
from bilan.rendering.typesetting import fonts as fonts_module
from fixtures.documents import Contexts, line_chart

pytestmark = pytest.mark.integration


def size(png: bytes) -> tuple[int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", png[16:24])


def test_a_chart_is_a_picture_of_its_own_size(contexts: Contexts) -> None:
    assert size(chart_png(line_chart(), contexts())) == (1680, 560)
    assert size(chart_png(line_chart(), contexts(), scale=1)) == (840, 280)


@pytest.mark.requirement("GO-03")
@pytest.mark.parametrize("language", ["en", "ar", "ja"])
def test_the_same_chart_gives_the_same_bytes(contexts: Contexts, language: str) -> None:
    assert chart_png(line_chart(), contexts(language)) == chart_png(line_chart(), contexts(language))


def test_no_area_to_point_at_is_left_and_the_fonts_are_those_of_the_language(contexts: Contexts) -> None:
    svg = still(line_chart(), contexts("ja").formatter)
    assert 'class="hit"' not in svg
    assert svg.startswith("<svg ")
    assert "font-family=\"'Noto Sans', 'Noto Sans Arabic'" in svg


def test_fonts_that_cannot_be_used_are_an_error_and_no_picture_without_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fonts_module, "OURS", ("No Such Family",))
    with pytest.raises(fonts_module.NoFonts, match="unknown font family: no such family"):
        fonts_module.fonts.__wrapped__()


def test_fonts_of_the_system_that_are_missing_are_named_once_and_nothing_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fonts_module, "_FOLDERS", ())
    with structlog.testing.capture_logs() as logs:
        found = fonts_module.fonts.__wrapped__()
    assert sorted(found.families()) == ["Noto Sans", "Noto Sans Arabic"]
    assert [one["packages"] for one in logs] == [("fonts-noto-cjk", "fonts-noto-color-emoji")]
    monkeypatch.setattr(fonts_module, "fonts", lambda: found)
    assert fonts_module.missing_scripts() == ("fonts-noto-cjk", "fonts-noto-color-emoji")
    assert fonts_module.families.__wrapped__("ja") == ("Noto Sans", "Noto Sans Arabic")


def test_importing_the_rendering_loads_neither_typst_nor_pypdf() -> None:
    heavy = ("typst", "pypdf", "cryptography")
    program = (
        "import sys, bilan.rendering.plugin, bilan.rendering.pictures;"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.requirement("AD-08")
@pytest.mark.parametrize("colour", ["#ffff00", "#ffffff", "#ff8800", "#7fd1e0", "#123456"])
def test_a_brands_colour_is_darkened_until_it_can_be_read(colour: str) -> None:
    assert contrast(readable(colour, "#0e6377"), "#ffffff") >= 4.5


def test_a_readable_colour_stays_and_what_is_no_colour_is_not_used() -> None:
    assert readable("#123456", "#0e6377") == "#123456"
    assert readable(None, "#0e6377") == readable("red", "#0e6377") == "#0e6377"
    assert (tint("#000000", 0.1), tint("#0e6377", 1)) == ("#e6e6e6", "#0e6377")
