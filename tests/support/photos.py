"""Pictures as people post them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw


def photo(
    kind: str = "JPEG", size: tuple[int, int] = (1200, 900), sky: str = "#7fb3d5", sea: str = "#1f618d",
    **saving: Any,
) -> bytes:  # fmt: skip
    """A sky above a sea, with a sun."""
    picture = Image.new("RGB", size, sky)
    draw = ImageDraw.Draw(picture)
    width, height = size
    draw.rectangle((0, height * 0.6, width, height), fill=sea)
    draw.ellipse((width * 0.6, height * 0.15, width * 0.6 + height * 0.25, height * 0.4), fill="#f9e79f")
    return saved(picture, kind, **saving)


def saved(picture: Image.Image, kind: str, **saving: Any) -> bytes:
    """A picture as a file."""
    out = BytesIO()
    picture.save(out, kind, **saving)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    """A picture from its file."""
    picture = Image.open(BytesIO(content))
    picture.load()
    return picture
