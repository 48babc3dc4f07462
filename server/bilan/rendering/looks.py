"""Looks: how one reader's file of one format is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bilan.registry import Registry
from bilan.sdk.rendering import Brand, Formatter, Look

NO_BRAND = Brand()


def look_for(
    registry: Registry,
    format: str,  # noqa: A002 - the SDK calls it so
    formatter: Formatter,
    workspace: str = "",
    options: Mapping[str, Any] | None = None,
    brand: Brand = NO_BRAND,
) -> Look:
    """A look that knows how the installed plugins draw their own blocks in this format."""
    blocks = {
        kind: renderer.draw
        for (drawn_in, kind), renderer in registry.block_renderers.items()
        if drawn_in == format
    }
    return Look(formatter, workspace, dict(options or {}), blocks, brand)
