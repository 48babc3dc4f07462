"""What shares a slide: figures with figures, and a few figures with the chart that draws them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bilan.sdk.document import Block, Chart, ChartKind, Custom, Gallery, Kpis, Section, Table

PANEL = 8
"""So many figures have room beside a chart."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A few figures and the chart behind them, which share a slide."""

    kpis: Kpis
    chart: Chart


Topic = tuple[Kpis, ...] | Pair | Chart | Table | Gallery | Custom | Section
"""One thing to tell. Rows of tiles are one as long as no second one has a finding of its own."""


def topics(blocks: Sequence[Block]) -> Iterator[Topic]:
    """The topics of blocks that are no sentences."""
    rows: list[Kpis] = []
    for block in blocks:
        if isinstance(block, Kpis):
            if rows and (block.headline or rows[0].headline):
                yield tuple(rows)
                rows = []
            rows.append(block)
        elif isinstance(block, Chart) and len(rows) == 1 and _paired(rows[0], block):
            yield Pair(rows[0], block)
            rows = []
        else:
            if rows:
                yield tuple(rows)
                rows = []
            if isinstance(block, Chart | Table | Gallery | Custom | Section):
                yield block
    if rows:
        yield tuple(rows)


def _paired(kpis: Kpis, chart: Chart) -> bool:
    known = any(value is not None for series in chart.series for value in series.values)
    # A heat map takes the whole slide.
    known = known and chart.kind is not ChartKind.HEATMAP
    return 0 < len(kpis.tiles) <= PANEL and bool(chart.categories) and known
