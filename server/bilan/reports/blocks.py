"""Going through the blocks of a document, sections inside sections included."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace

from bilan.sdk.document import Block, Chart, Custom, Gallery, Kpis, Section, Table


def every(blocks: Iterable[Block]) -> Iterator[Block]:
    """All blocks in reading order; a gallery and a plugin's own block are followed by their table."""
    for block in blocks:
        yield block
        match block:
            case Section():
                yield from every(block.blocks)
            case Custom() | Gallery():
                yield block.table
            case _:
                pass


def with_tables(blocks: Iterable[Block], change: Callable[[Table], Table]) -> tuple[Block, ...]:
    """The same blocks with every table changed."""
    return tuple(_with_tables(block, change) for block in blocks)


def _with_tables(block: Block, change: Callable[[Table], Table]) -> Block:
    match block:
        case Table():
            return change(block)
        case Section():
            return replace(block, blocks=with_tables(block.blocks, change))
        case Custom() | Gallery():
            return replace(block, table=change(block.table))
        case _:
            return block


def metrics_of(blocks: Iterable[Block]) -> tuple[str, ...]:
    """The keys of the metrics behind the figures, each once, in reading order."""
    found: dict[str, None] = {}
    for block in every(blocks):
        match block:
            case Kpis():
                named = [one.metric for tile in block.tiles for one in (tile, tile.beside) if one]
            case Chart():
                named = [series.metric for series in (*block.series, *block.previous, *block.beside)]
            case Table():
                named = [column.metric for column in block.columns]
            case _:
                named = []
        found |= dict.fromkeys(metric for metric in named if metric)
    return tuple(found)
