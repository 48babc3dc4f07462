"""The blocks of a document one after the other, each with the name of the part it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bilan.sdk.document import Block, Chart, Custom, Kpis, Notice, Paragraph, Section, Table, Text

Leaf = Kpis | Chart | Table | Paragraph | Notice | Custom


def leaves(blocks: Iterable[Block], within: Text = "") -> Iterator[tuple[Text, Leaf]]:
    """Every block that is no section, in reading order, with the title of the section around it."""
    for block in blocks:
        if isinstance(block, Section):
            yield from leaves(block.blocks, block.title)
        else:
            yield within, block
