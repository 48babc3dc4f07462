"""Tiles as the template sets them: those that lead in a band of their own, the others as a quiet grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bilan.rendering.pdf.texts import Writing
from bilan.rendering.text_width import embedded_width
from bilan.rendering.tiles import ShownKpi

BESIDE = 4
"""How many tiles stand beside each other at most."""
ROOM = 480.0
"""Points across an upright page, near enough for either paper."""
LEADING, QUIET, SMALLEST = 25.0, 11.5, 9.0
"""How large the figures of either kind are set, and how small a long one may become."""
_INSETS = 24.0


def tiles_item(tiles: Sequence[ShownKpi], write: Writing, *, headline: bool) -> dict[str, Any]:
    """A block of tiles. Those that lead come first, for eyes and for those who listen.

    ``headline``: whether anything of the document leads. Where nothing does, a single row of tiles is large.
    """
    large = not headline and len(tiles) <= BESIDE
    leads = [tile for tile in tiles if tile.lead or large]
    others = [tile for tile in tiles if not (tile.lead or large)]
    columns = _quiet_columns(len(others))
    return {
        "type": "kpis",
        "leads": leads_item(leads, write),
        "others": {
            "columns": columns,
            "tiles": [_tile(tile, QUIET, columns, write) for tile in others],
        },
    }


def leads_item(leads: Sequence[ShownKpi], write: Writing) -> dict[str, Any]:
    """A row of large figures, in as many rows as they need."""
    columns = _columns(len(leads))
    return {"columns": columns, "tiles": [_tile(tile, LEADING, columns, write) for tile in leads]}


def _columns(count: int) -> int:
    """Five and six stand in two rows of three: a lone figure in its row looks forgotten."""
    return min(count, BESIDE) if count not in (5, 6, 9) else 3


def _quiet_columns(count: int) -> int:
    """Four, or three or five where that fills the last row and four would not."""
    return next((columns for columns in (BESIDE, 3, 5) if count % columns == 0), BESIDE)


def _tile(tile: ShownKpi, size: float, columns: int, write: Writing) -> dict[str, Any]:
    room = ROOM / max(columns, 1) - _INSETS
    wide = max(embedded_width(tile.value, size, strong=True), 1.0)
    return {
        "label": write(tile.label),
        "value": write(tile.value),
        "size": round(max(min(size, size * room / wide), SMALLEST), 2),
        "change": write(tile.change or tile.alt_text) if tile.trend else "",
        "trend": tile.trend,
        "tone": "neutral" if tile.good is None else "good" if tile.good else "bad",
        "previous": write(tile.previous),
        "remarks": [write(remark) for remark in tile.remarks],
        "alert": tile.alert,
    }
