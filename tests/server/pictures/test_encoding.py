"""Pictures from outside are let in as pixels alone, within bounds."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bilan.pictures.encoding import LARGEST, reencoded
from bilan.sdk.errors import BilanError, Invalid, TooLarge
from support.photos import opened, photo, saved
from support.pictures import bomb


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_is_written_anew_as_a_jpeg_no_larger_than_a_card_shows(kind: str) -> None:
    picture = opened(reencoded(photo(kind)))

    assert (picture.format, picture.size, picture.mode) == ("JPEG", (800, 600), "RGB")


def test_a_small_picture_stays_as_small_and_a_tall_one_is_made_so() -> None:
    assert opened(reencoded(photo(size=(300, 200)))).size == (300, 200)
    assert opened(reencoded(photo(size=(600, 3000)))).size == (240, 1200)


def test_nothing_but_pixels_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x8825] = "Camera of Ada", {1: "N", 2: (48.0, 51.0, 24.0)}
    given = photo(exif=exif.tobytes(), comment=b"Ada was here", icc_profile=b"profile of Ada")

    kept = reencoded(given)

    assert b"Ada" in given
    assert b"Ada" not in kept
    assert not opened(kept).getexif()
    assert {"exif", "icc_profile", "comment"}.isdisjoint(opened(kept).info)


def test_a_picture_taken_with_the_camera_on_its_side_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    assert opened(reencoded(photo(size=(400, 300), exif=exif.tobytes()))).size == (300, 400)


def test_one_sees_through_what_one_saw_through_before() -> None:
    clear, solid = Image.new("RGBA", (100, 50), "#ff000080"), Image.new("RGBA", (100, 50), "#ff0000")

    assert opened(reencoded(saved(clear, "PNG"))).format == "PNG"
    assert opened(reencoded(saved(clear, "PNG"))).getpixel((5, 5)) == (255, 0, 0, 128)
    assert opened(reencoded(saved(solid, "PNG"))).format == "JPEG"


def test_of_a_picture_that_moves_the_first_moment_is_kept() -> None:
    red, blue = Image.new("RGB", (64, 64), "#ff0000"), Image.new("RGB", (64, 64), "#0000ff")
    moving = saved(red, "GIF", save_all=True, append_images=[blue], duration=100)

    kept = opened(reencoded(moving))

    assert getattr(kept, "n_frames", 1) == 1
    red_, green, blue_ = kept.getpixel((5, 5))  # type: ignore[misc]
    assert (red_ > 240, green < 16, blue_ < 16) == (True, True, True)


def test_the_same_picture_gives_the_same_bytes() -> None:
    assert reencoded(photo()) == reencoded(photo())


REFUSED = {
    "This is no picture in JPEG, PNG, WebP or GIF.": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "The picture has too many pixels; 40 millions are the most.": bomb(100_000, 100_000),
    "The picture is smaller than 16 pixels.": photo(size=(1, 1), kind="PNG"),
    "The picture cannot be read.": photo()[:2000],
}


@pytest.mark.parametrize(
    ("kind", "size", "most", "options"),
    [("WEBP", (3000, 3001), 9, {}), ("JPEG", (5000, 4001), 20, {"progressive": True})],
)
def test_what_takes_more_room_while_it_is_decoded_may_have_fewer_pixels(
    kind: str, size: tuple[int, int], most: int, options: dict[str, Any]
) -> None:
    too_many = f"The picture has too many pixels; {most} millions are the most."
    with pytest.raises(Invalid, match=too_many):
        reencoded(saved(Image.new("RGB", size), kind, **options))


MEASURED = """
import re, sys
from pathlib import Path
from bilan.pictures.encoding import reencoded

def highest():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])

content = sys.stdin.buffer.read()
before = highest()
reencoded(content)
print((highest() - before) // 1024)
"""


@pytest.mark.integration
@pytest.mark.parametrize(
    ("kind", "mode", "size"), [("PNG", "RGBA", (8000, 5000)), ("WEBP", "RGBA", (3000, 3000))]
)
def test_the_largest_pictures_take_no_more_than_200_megabytes(
    kind: str, mode: str, size: tuple[int, int]
) -> None:
    content = saved(Image.new(mode, size, "#ff000080"), kind, compress_level=1)
    run = subprocess.run([sys.executable, "-c", MEASURED], input=content, capture_output=True, check=True)
    assert 100 < int(run.stdout) < 200


def test_a_picture_whose_palette_is_lost_cannot_be_read() -> None:
    """Pillow says so by a failed assertion."""
    coloured = saved(opened(photo(size=(40, 30))).convert("P"), "PNG")
    start, end = coloured.index(b"PLTE") - 4, coloured.index(b"IDAT") - 4

    with pytest.raises(Invalid, match=r"^The picture cannot be read\.$"):
        reencoded(coloured[:start] + coloured[end:])


@pytest.mark.parametrize("sentence", REFUSED)
def test_what_is_no_picture_that_can_be_used_is_refused_in_a_sentence(sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        reencoded(REFUSED[sentence])

    assert str(refused.value) == sentence


def test_a_file_that_is_too_large_is_not_looked_at() -> None:
    with pytest.raises(TooLarge, match="A picture has 10 MB at most"):
        reencoded(photo() + b"\0" * LARGEST)


BEGINNINGS = [photo(kind, size=(40, 30))[:200] for kind in ("JPEG", "PNG", "WEBP", "GIF")]


@given(st.sampled_from(BEGINNINGS), st.binary(max_size=64))
def test_damaged_pictures_raise_nothing_but_sentences(beginning: bytes, rest: bytes) -> None:
    with contextlib.suppress(BilanError):
        reencoded(beginning + rest)
