"""Logos: pictures from outside, let in only as what they say they are, and written anew."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from bilan.sdk.errors import Invalid, TooLarge
from bilan.sdk.textdomain import _

LARGEST = 1024 * 1024
"""Bytes of the file that is handed in."""
SIDES = (16, 4000)
"""Pixels a side may have; what has more is never decoded."""
BOX = (1200, 600)
"""What is kept fits in here: enough for print at the size of a logo."""
TYPES = {"PNG": "image/png", "JPEG": "image/jpeg"}
PATH = ("logo",)


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture that every format can show."""

    content: bytes
    media_type: str


def checked(content: bytes) -> Logo:
    """The logo, decoded and written anew, so that nothing but pixels is kept. Blocking.

    Raises ``TooLarge`` and ``Invalid`` with what would be right.
    """
    if len(content) > LARGEST:
        raise TooLarge(_("The logo is larger than 1 MB; a smaller picture will do."), PATH)
    try:
        with Image.open(BytesIO(content), formats=tuple(TYPES)) as picture:
            _bounded(*picture.size)
            return _anew(picture, str(picture.format))
    except UnidentifiedImageError as error:
        raise Invalid(
            _("The logo must be a PNG or JPEG picture; an SVG cannot be shown in every format."), PATH
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Invalid(
            _("The logo has too many pixels; each side takes up to {most}.", most=str(SIDES[1])), PATH
        ) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:  # Pillow's ways of saying so
        raise Invalid(_("The picture cannot be read; save it anew as PNG and try again."), PATH) from error


def _bounded(width: int, height: int) -> None:
    least, most = SIDES
    if min(width, height) < least or max(width, height) > most:
        raise Invalid(
            _(
                "The logo has {width} × {height} pixels; each side takes {least} to {most}.",
                width=str(width), height=str(height), least=str(least), most=str(most),
            ),
            PATH,
        )  # fmt: skip


def _anew(picture: Image.Image, kind: str) -> Logo:
    upright = ImageOps.exif_transpose(picture)
    upright = upright.convert("RGB" if kind == "JPEG" else "RGBA")
    # Pillow would write comments and profiles anew.
    upright.info.clear()
    upright.thumbnail(BOX, Image.Resampling.LANCZOS)
    out = BytesIO()
    if kind == "JPEG":
        upright.save(out, "JPEG", quality=90)
    else:
        upright.save(out, "PNG", optimize=True)
    return Logo(out.getvalue(), TYPES[kind])
