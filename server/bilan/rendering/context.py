"""Render context: the reader's formatter, options and brand with which a file of one format is rendered."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

from bilan.registry.declared import PAGE, Registry
from bilan.sdk.rendering import Brand, Formatter, Pictures, RenderContext, no_pictures

NO_BRAND = Brand()


def render_context(
    registry: Registry,
    format: str,  # noqa: A002 - the SDK calls it so
    formatter: Formatter,
    workspace: str = "",
    options: Mapping[str, Any] | None = None,
    brand: Brand = NO_BRAND,
    pictures: Pictures = no_pictures,
) -> RenderContext:
    """A render context that knows how the installed plugins render their own blocks in this format."""
    blocks = {
        kind: renderer.render
        for (rendered_in, kind), renderer in registry.block_renderers.items()
        if rendered_in == format
    }
    return RenderContext(
        formatter, workspace, dict(options or {}), blocks, brand, pictures, style_of(registry)
    )


def style_of(registry: Registry) -> str:
    """The stylesheets of the installed plugins' own blocks, for pages and the HTML file."""
    found = (one.style.strip() for one in registry.block_renderers.values() if one.format == PAGE)
    return "\n".join(filter(None, found))


@cache
def style_version(registry: Registry) -> str:
    """What tells these stylesheets from others; empty where there are none."""
    style = style_of(registry)
    return hashlib.sha256(style.encode()).hexdigest()[:16] if style else ""
