"""Pictures from outside: let in as what their bytes are, bounded, and written anew as nothing but pixels."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from bilan.sdk.errors import BilanError, Invalid, TooLarge
from bilan.sdk.textdomain import _

LARGEST = 10 * 1024**2
"""Bytes of a picture as it comes."""
PIXELS = 40_000_000
"""What has more is never decoded: it would take 160 MB."""
LEAST = 16
"""Pixels that a side has at least; smaller ones count visitors and show nothing."""
BOX = (800, 1200)
"""What is kept fits in here: twice what a card shows, also where it is tall."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
QUALITY = 85
OPAQUE = 255


def reencoded(content: bytes) -> bytes:
    """The picture upright, nothing but its pixels: a JPEG, or a PNG where one sees through it. Blocking.

    Of one that moves it is the first moment. The same bytes give the same
    bytes. Raises ``TooLarge`` and ``Invalid`` with what would be right.
    """
    if len(content) > LARGEST:
        raise TooLarge(
            _("A picture has {megabytes} MB at most; a smaller one will do.", megabytes=LARGEST // 1024**2)
        )
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as picture:
            _check_size(*picture.size)
            # A JPEG is unpacked no larger than it is needed.
            picture.draft("RGB", BOX)
            return _anew(picture)
    except BilanError:
        raise
    except UnidentifiedImageError as error:
        raise Invalid(_("This is no picture in JPEG, PNG, WebP or GIF.")) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many() from error
    except Exception as error:
        # Pillow says in many ways that a picture is damaged, failed assertions among them.
        raise Invalid(_("The picture cannot be read.")) from error


def _check_size(width: int, height: int) -> None:
    if width * height > PIXELS:
        raise _too_many()
    if min(width, height) < LEAST:
        raise Invalid(_("The picture is smaller than {least} pixels.", least=LEAST))


def _too_many() -> Invalid:
    return Invalid(
        _("The picture has too many pixels; {most} millions are the most.", most=PIXELS // 1_000_000)
    )


def _anew(picture: Image.Image) -> bytes:
    clear = bool(picture.has_transparency_data)
    upright = ImageOps.exif_transpose(picture)
    upright = upright.convert("RGBA" if clear else "RGB")
    # Pillow would write its comment anew.
    upright.info.clear()
    upright.thumbnail(BOX, Image.Resampling.LANCZOS)
    out = BytesIO()
    if clear and upright.getchannel("A").getextrema() != (OPAQUE, OPAQUE):
        upright.save(out, "PNG", optimize=True)
    else:
        upright.convert("RGB").save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
