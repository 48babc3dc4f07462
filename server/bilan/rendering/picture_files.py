"""Picture files as renderers need them: what they are, and smaller ones cut to a shape."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from io import BytesIO
from typing import TypeVar

import structlog
from PIL import Image, ImageOps

from bilan.sdk.rendering import RenderContext

T = TypeVar("T")
_log = structlog.get_logger(__name__)

JPEG_BEGINS = b"\xff\xd8\xff"
SHAPE = (4, 3)
"""Width to height of a picture on a card."""
QUALITY = 85


def media_type(content: bytes) -> str:
    """``image/jpeg`` or ``image/png``: a kept picture is one of them."""
    return "image/jpeg" if content.startswith(JPEG_BEGINS) else "image/png"


def data_address(content: bytes) -> str:
    """The picture as an address that holds it, for files that stand alone."""
    return f"data:{media_type(content)};base64,{b64encode(content).decode()}"


def card_picture(context: RenderContext, key: str, width: int) -> bytes | None:
    """A picture of a gallery, cut for a card; nothing where it is not kept or cannot be read."""
    return _read(context, key, lambda content: thumbnail(content, width))


def whole_picture(context: RenderContext, key: str) -> tuple[bytes, float] | None:
    """A picture of a gallery as it is kept, and its width to its height; else as :func:`card_picture`."""
    return _read(context, key, lambda content: (content, _ratio(content)))


def _read(context: RenderContext, key: str, read: Callable[[bytes], T]) -> T | None:
    content = context.pictures(key) if key else None
    if content is None:
        return None
    try:
        return read(content)
    except (OSError, ValueError, SyntaxError):  # Pillow's ways of saying that it is none
        _log.warning("picture_not_rendered", key=key)
        return None


def _ratio(content: bytes) -> float:
    with Image.open(BytesIO(content)) as picture:
        return picture.width / picture.height


def thumbnail(content: bytes, width: int) -> bytes:
    """The middle of a picture in the shape of cards, so many pixels wide at most; always the same bytes."""
    with Image.open(BytesIO(content)) as picture:
        across = min(width, picture.width)
        size = (across, max(round(across * SHAPE[1] / SHAPE[0]), 1))
        cut = ImageOps.fit(picture, size, Image.Resampling.LANCZOS)
        out = BytesIO()
        if picture.format == "JPEG":
            cut.save(out, "JPEG", quality=QUALITY)
        else:
            cut.save(out, "PNG", optimize=True)
        return out.getvalue()
