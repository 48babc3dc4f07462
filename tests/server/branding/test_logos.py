"""What is let in as a logo, and what becomes of it."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bilan.branding.logos import LARGEST, checked
from bilan.sdk.errors import Invalid, TooLarge
from support.pictures import bomb, picture


def text(said: str) -> PngInfo:
    """A comment in a PNG."""
    found = PngInfo()
    found.add_text("Comment", said)
    return found


NO_PICTURE = "The logo must be a PNG or JPEG picture; an SVG cannot be shown in every format."
BROKEN = "The picture cannot be read; save it anew as PNG and try again."


@pytest.mark.parametrize(("kind", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg")])
def test_a_picture_stays_of_its_kind(kind: str, media_type: str):
    logo = checked(picture(kind))
    assert logo.media_type == media_type
    with Image.open(BytesIO(logo.content)) as kept:
        assert (kept.format, kept.size) == (kind, (40, 20))


def test_what_hides_behind_a_picture_is_not_kept():
    logo = checked(picture() + b"<script>alert(1)</script>")
    assert b"script" not in logo.content


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("JPEG", {"comment": b"made in secret", "icc_profile": b"made in secret"}),
        ("PNG", {"icc_profile": b"made in secret", "pnginfo": text("made in secret")}),
    ],
)
def test_nothing_but_pixels_is_kept(kind: str, more: dict[str, Any]):
    out = BytesIO()
    with Image.open(BytesIO(picture(kind))) as told:
        told.save(out, kind, **more)
    with Image.open(BytesIO(out.getvalue())) as told:
        assert told.info["icc_profile"] == b"made in secret"
    with Image.open(BytesIO(checked(out.getvalue()).content)) as kept:
        kept.load()
        assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"secret" not in checked(out.getvalue()).content


def test_a_large_picture_is_kept_as_small_as_a_logo_needs():
    with Image.open(BytesIO(checked(picture(size=(3000, 1000))).content)) as kept:
        assert kept.size == (1200, 400)


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b'<svg xmlns="http://www.w3.org/2000/svg"/>', picture("GIF"), picture("WEBP")],
    ids=["nothing", "text", "svg", "gif", "webp"],
)
def test_what_is_no_png_or_jpeg_is_refused(content: bytes):
    with pytest.raises(Invalid) as refused:
        checked(content)
    assert (str(refused.value), refused.value.path) == (NO_PICTURE, ("logo",))


def test_a_picture_that_is_cut_off_is_refused():
    with pytest.raises(Invalid) as refused:
        checked(picture("JPEG", (400, 400))[:-200])
    assert str(refused.value) == BROKEN


@pytest.mark.parametrize("size", [(4001, 20), (8, 8)])
def test_a_picture_of_too_many_or_too_few_pixels_is_never_decoded(size: tuple[int, int]):
    with pytest.raises(Invalid) as refused:
        checked(bomb(*size))
    width, height = size
    assert str(refused.value) == f"The logo has {width} × {height} pixels; each side takes 16 to 4000."


def test_a_bomb_is_refused_by_its_header():
    with pytest.raises(Invalid) as refused:
        checked(bomb(100_000, 100_000))
    assert str(refused.value) == "The logo has too many pixels; each side takes up to 4000."


def test_a_file_of_more_than_a_megabyte_is_refused():
    with pytest.raises(TooLarge) as refused:
        checked(picture() + bytes(LARGEST))
    assert str(refused.value) == "The logo is larger than 1 MB; a smaller picture will do."
