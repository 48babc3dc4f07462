"""In which order a letter tells a document: the result first, then pictures, then the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bilan.rendering.tiles import ShownKpi, shown_kpis
from bilan.sdk.document import Block, Kpis, Notice, Paragraph
from bilan.sdk.rendering import RenderContext
from bilan.sdk.walk import charts_of, leaves

LEADS, FINDINGS = 6, 3
"""How many figures and sentences a letter begins with."""
FIRST = 4
"""So many figures begin it where none leads."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a letter begins with. ``told`` are the tiles in it, by their block and place."""

    findings: tuple[str, ...] = ()
    tiles: tuple[ShownKpi, ...] = ()
    told: frozenset[tuple[int, int]] = frozenset()
    found: frozenset[int] = frozenset()

    def rest(self, block: Kpis, context: RenderContext) -> tuple[ShownKpi, ...]:
        """The tiles of a block that the letter has not begun with."""
        tiles = enumerate(shown_kpis(block, context))
        return tuple(tile for place, tile in tiles if (id(block), place) not in self.told)

    def says(self, block: Kpis) -> bool:
        """Whether the letter has begun with the block's finding."""
        return id(block) in self.found


def summary(blocks: Iterable[Block], context: RenderContext) -> Summary:
    """The leads of all tiles with what their blocks say; without leads the first block's first figures."""
    rows = [block for _within, block in leaves(blocks) if isinstance(block, Kpis)]
    leads = [(block, place) for block in rows for place, tile in enumerate(block.tiles) if tile.lead][:LEADS]
    leads = leads or [(block, place) for block in rows[:1] for place in range(min(len(block.tiles), FIRST))]
    # By identity: two blocks that say the same are two blocks.
    begun = {id(block): block for block, _place in leads}
    findings = [block for block in begun.values() if block.headline][:FINDINGS]
    return Summary(
        tuple(context.formatter.text(block.headline) for block in findings if block.headline),
        tuple(shown_kpis(block, context)[place] for block, place in leads),
        frozenset((id(block), place) for block, place in leads),
        frozenset(map(id, findings)),
    )


def told_in_order(blocks: Iterable[Block]) -> Iterator[Block]:
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
