"""What a cover tells whoever turns no page: the first finding, the figures that lead, and the others."""

from __future__ import annotations

from typing import Any

from bilan.rendering.pdf.texts import Writing
from bilan.rendering.pdf.tiles import BESIDE, leads_item
from bilan.rendering.tiles import shown_kpis
from bilan.sdk.document import Block, Chart, Document, Gallery, Kpis, Section, Table
from bilan.sdk.messages import Message
from bilan.sdk.rendering import RenderContext
from bilan.sdk.walk import leaves

OTHERS, FURTHER = 4, 12
"""Findings of other parts that a cover has room for, and where nothing else stands there."""


def summary(document: Document, context: RenderContext, write: Writing) -> dict[str, Any] | None:
    """The leads of the first part that has some, with its finding or the document's first; else nothing.

    Where several parts have the same parts within, such as one profile after the other, none speaks for
    all: each has its finding.
    """
    within_parts = [
        str(inner.title)
        for part in document.blocks
        if isinstance(part, Section)
        for inner in part.blocks
        if isinstance(inner, Section)
    ]
    alike = len(within_parts) > len(set(within_parts))
    blocks = [
        (within, block.table if isinstance(block, Gallery) else block)
        for within, block in (() if alike else leaves(document.blocks))
        if isinstance(block, Chart | Kpis | Gallery) or (isinstance(block, Table) and not block.hidden)
    ]
    rows = [(within, block) for within, block in blocks if isinstance(block, Kpis) and leads(block)]
    # Leads of another part may have the same names, such as those of another channel.
    telling = [block for within, block in rows if within == rows[0][0]]
    findings = [block.headline for block in (*telling, *(block for _, block in blocks)) if block.headline]
    large = [tile for block in telling for tile in shown_kpis(block, context) if tile.lead]
    others = _others(document, context, write, findings[:1])[: FURTHER if alike else OTHERS]
    if not (large or findings or others):
        return None
    return {
        "headline": write(context.formatter.text(findings[0])) if findings else "",
        "leads": leads_item(large[:BESIDE], write),
        "others": others,
    }


def _others(
    document: Document, context: RenderContext, write: Writing, told: list[Message]
) -> list[tuple[str, str]]:
    """The first finding of each further part, beside the part's title."""
    text = context.formatter.text
    return [
        (write(text(part.title)), write(text(finding)))
        for part in document.blocks
        if isinstance(part, Section) and part.title and (finding := _finding(part)) and finding not in told
    ]


def _finding(part: Section) -> Message | None:
    for _within, leaf in leaves((part,)):
        block = leaf.table if isinstance(leaf, Gallery) else leaf
        if isinstance(block, Kpis | Chart | Table) and block.headline:
            return block.headline
    return None


def leads(block: Block) -> bool:
    """Whether one of the block's tiles leads."""
    return isinstance(block, Kpis) and any(tile.lead for tile in block.tiles)
