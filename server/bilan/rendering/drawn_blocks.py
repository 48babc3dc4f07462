"""Plugins' own blocks as pictures, for formats that show no markup."""

from __future__ import annotations

import structlog

from bilan.rendering.typesetting import drawable
from bilan.sdk.document import Custom
from bilan.sdk.rendering import RenderContext

_log = structlog.get_logger(__name__)


def drawn_svg(block: Custom, context: RenderContext) -> str:
    """The plugin's picture as SVG; nothing where it makes none (here) that can be set."""
    if block.kind not in context.blocks:
        return ""
    try:
        svg = str(context.blocks[block.kind](block, context))
        if drawable(svg.encode(), "svg"):
            return svg
        _log.warning("block_not_rendered", kind=block.kind, key=block.key, reason="no SVG")
    except Exception:
        _log.exception("block_not_rendered", kind=block.kind, key=block.key)
    return ""
