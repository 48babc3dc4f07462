"""The blocks of a document one after the other, whatever sections they stand in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bilan.sdk.document import Block, Chart, Custom, Gallery, Kpis, Notice, Paragraph, Section, Table, Text

Leaf = Kpis | Chart | Table | Gallery | Paragraph | Notice | Custom


def leaves(blocks: Iterable[Block], within: Text = "") -> Iterator[tuple[Text, Leaf]]:
    """Every block that is no section, in reading order, with the title of the section around it."""
    for block in blocks:
        if isinstance(block, Section):
            yield from leaves(block.blocks, block.title)
        else:
            yield within, block


def charts_of(blocks: Iterable[Block]) -> Iterator[Chart]:
    """All charts in reading order."""
    return (block for _title, block in leaves(blocks) if isinstance(block, Chart))


def tables_of(blocks: Iterable[Block]) -> Iterator[Table]:
    """All tables in reading order, the ones behind galleries and plugins' own blocks among them."""
    for _title, block in leaves(blocks):
        if isinstance(block, Table):
            yield block
        elif isinstance(block, Custom | Gallery):
            yield block.table
