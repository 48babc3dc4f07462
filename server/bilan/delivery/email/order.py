"""The reading order of a letter: the result first, then pictures, then the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bilan.rendering.tiles import ShownKpi, shown_kpis
from bilan.sdk.document import Block, Kpi, Kpis, Notice, Paragraph
from bilan.sdk.rendering import RenderContext
from bilan.sdk.walk import charts_of, leaves

LEADS, FINDINGS = 6, 3
"""How many figures and sentences a letter begins with."""
FIRST = 4
"""So many figures begin it where none leads."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a letter begins with. ``shown`` are the tiles in it, by their block and index.

    ``kpis`` are the figures of the tiles, one for each.
    """

    findings: tuple[str, ...] = ()
    tiles: tuple[ShownKpi, ...] = ()
    kpis: tuple[Kpi, ...] = ()
    shown: frozenset[tuple[int, int]] = frozenset()
    found: frozenset[int] = frozenset()

    def rest(self, block: Kpis, context: RenderContext) -> tuple[ShownKpi, ...]:
        """The tiles of a block that the letter has not begun with."""
        tiles = enumerate(shown_kpis(block, context))
        return tuple(tile for index, tile in tiles if (id(block), index) not in self.shown)

    def says(self, block: Kpis) -> bool:
        """Whether the letter has begun with the block's finding."""
        return id(block) in self.found


def summary(blocks: Iterable[Block], context: RenderContext) -> Summary:
    """The leading tiles with their blocks' findings; where none leads, the first block's first figures."""
    rows = [block for _within, block in leaves(blocks) if isinstance(block, Kpis)]
    tiles = [(block, index) for block in rows for index in range(len(block.tiles))]
    leading = [(block, index) for block, index in tiles if block.tiles[index].lead][:LEADS]
    leading = leading or [(block, index) for block, index in tiles if block is rows[0]][:FIRST]
    # By identity: two blocks that say the same are two blocks.
    blocks_of = {id(block): block for block, _index in leading}
    findings = [block for block in blocks_of.values() if block.headline][:FINDINGS]
    return Summary(
        tuple(context.formatter.text(block.headline) for block in findings if block.headline),
        tuple(shown_kpis(block, context)[index] for block, index in leading),
        tuple(block.tiles[index] for block, index in leading),
        frozenset((id(block), index) for block, index in leading),
        frozenset(map(id, findings)),
    )


def in_reading_order(blocks: Iterable[Block]) -> Iterator[Block]:
    """Blocks with pictures before those without. A sentence stays behind the block that it follows."""
    groups: list[list[Block]] = [[]]
    for block in blocks:
        if not isinstance(block, Notice | Paragraph):
            groups.append([])
        groups[-1].append(block)
    first, *others = groups
    yield from first
    for group in sorted(others, key=lambda group: not _pictured(group[0])):
        yield from group


def _pictured(block: Block) -> bool:
    return any(charts_of((block,)))
