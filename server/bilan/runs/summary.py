"""The summary of a run's report: what lists show of it, kept beside the run so that no document is read."""

from __future__ import annotations

import msgspec

from bilan.sdk.document import Document, Kpi, Kpis, Text
from bilan.sdk.messages import Message
from bilan.sdk.walk import leaves

HEADLINE_KPIS = 3
"""So many figures of a report are shown in a list."""


class Summary(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a report is called, its days (both included), its first finding and the figures that lead it.

    It holds figures: it is shown to those who may see the run, and erased
    with the document.
    """

    title: Text
    period: tuple[str, str] | None = None
    headline: Message | None = None
    headline_kpis: tuple[Kpi, ...] = msgspec.field(name="leads", default=())
    """Stored under the name that rows written by earlier releases have."""


def summary_of(document: Document) -> Summary:
    """The document in a few lines. Without figures that lead, the first ones stand for it."""
    groups = [block for _title, block in leaves(document.blocks) if isinstance(block, Kpis)]
    tiles = [tile for group in groups for tile in group.tiles]
    leading = [tile for tile in tiles if tile.lead] or tiles
    return Summary(
        title=document.title,
        period=document.period,
        headline=next((group.headline for group in groups if group.headline is not None), None),
        headline_kpis=tuple(leading[:HEADLINE_KPIS]),
    )
