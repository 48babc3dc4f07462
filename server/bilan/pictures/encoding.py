"""Pictures from outside: let in as what their bytes are, bounded, and written anew as nothing but pixels."""

from __future__ import annotations

from io import BytesIO

from PIL import ExifTags, Image, ImageFile, ImageOps, UnidentifiedImageError

from bilan.sdk.errors import BilanError, Invalid, TooLarge
from bilan.sdk.textdomain import _

LARGEST = 10 * 1024**2
"""Bytes of a picture as it comes."""
PIXELS = 40_000_000
"""What has more is never decoded: it would take 160 MB."""
PROGRESSIVE, WEBP = 20_000_000, 9_000_000
"""The same of JPEG in several passes and of WebP, which take twice and five times as much room."""
LEAST = 16
"""Pixels that a side has at least; smaller ones count visitors and show nothing."""
BOX = (800, 1200)
"""What is kept fits in here: twice what a card shows, also where it is tall."""
STRIP = 256
"""Rows that are made smaller at once, or more: a copy of all would take as much room as the picture."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
QUALITY = 85
OPAQUE = 255
ORIENTATION = ExifTags.Base.Orientation


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
            _check_size(picture)
            # A JPEG is unpacked no larger than it is needed.
            picture.draft("RGB", BOX)
            return _anew(picture)
    except BilanError:
        raise
    except UnidentifiedImageError as error:
        raise Invalid(_("This is no picture in JPEG, PNG, WebP or GIF.")) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many(PIXELS) from error
    except Exception as error:
        # Pillow says in many ways that a picture is damaged, failed assertions among them.
        raise Invalid(_("The picture cannot be read.")) from error


def _check_size(picture: ImageFile.ImageFile) -> None:
    progressive = "progressive" in picture.info
    most = WEBP if picture.format == "WEBP" else PROGRESSIVE if progressive else PIXELS
    if picture.width * picture.height > most:
        raise _too_many(most)
    if min(picture.size) < LEAST:
        raise Invalid(_("The picture is smaller than {least} pixels.", least=LEAST))


def _too_many(most: int) -> Invalid:
    return Invalid(
        _("The picture has too many pixels; {most} millions are the most.", most=most // 1_000_000)
    )


def _anew(picture: Image.Image) -> bytes:
    clear = bool(picture.has_transparency_data)
    upright = ImageOps.exif_transpose(_reduced(picture, "RGBA" if clear else "RGB"))
    # Pillow would write its comment anew.
    upright.info.clear()
    upright.thumbnail(BOX, Image.Resampling.LANCZOS)
    out = BytesIO()
    if clear and upright.getchannel("A").getextrema() != (OPAQUE, OPAQUE):
        upright.save(out, "PNG", optimize=True)
    else:
        upright.convert("RGB").save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _reduced(picture: Image.Image, mode: str) -> Image.Image:
    """The picture in a mode, smaller, but at least twice as large as it has to be, whichever way it lies."""
    factor = max(1, min(max(picture.size) // (2 * max(BOX)), min(picture.size) // (2 * min(BOX))))
    width, height = picture.size
    reduced = Image.new(mode, (-(-width // factor), -(-height // factor)))
    rows = -(-STRIP // factor) * factor
    for top in range(0, height, rows):
        strip = picture.crop((0, top, width, min(top + rows, height)))
        reduced.paste(strip.convert(mode).reduce(factor), (0, top // factor))
    reduced.getexif()[ORIENTATION] = picture.getexif().get(ORIENTATION, 1)
    return reduced
