"""What shares a slide: figures with figures, and a few figures with the chart that draws them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bilan.sdk.document import Block, Chart, ChartKind, Custom, Kpis, Section, Table

Topic = tuple[Kpis, ...] | Chart | Table | Custom | Section
"""One thing to tell. Rows of tiles are one as long as no second one has a finding of its own."""
PANEL = 6
"""So many figures have room beside a chart."""


def topics(blocks: Sequence[Block]) -> Iterator[Topic]:
    """The topics of blocks that are no sentences."""
    rows: list[Kpis] = []
    for block in blocks:
        if isinstance(block, Kpis):
            if rows and (block.headline or rows[0].headline):
                yield tuple(rows)
                rows = []
            rows.append(block)
            continue
        if rows:
            yield tuple(rows)
            rows = []
        if isinstance(block, Chart | Table | Custom | Section):
            yield block
    if rows:
        yield tuple(rows)


def told_by_charts(blocks: Sequence[Block]) -> list[Block]:
    """The blocks without the rows of tiles whose every figure stands beside a chart of the same part."""
    told = {
        series.metric
        for chart in blocks
        if isinstance(chart, Chart) and paired(chart, blocks)
        for series in chart.series
    }
    return [
        block
        for block in blocks
        if not isinstance(block, Kpis)
        or block.headline
        or not block.tiles
        or not all(tile.metric in told for tile in block.tiles)
    ]


def paired(chart: Chart, blocks: Sequence[Block]) -> bool:
    """Whether the part has a figure for each of a chart's series, few enough to stand beside it."""
    metrics = {tile.metric for block in blocks if isinstance(block, Kpis) for tile in block.tiles}
    return (
        chart.kind is not ChartKind.DONUT
        and 0 < len(chart.series) <= PANEL
        and all(series.metric is not None and series.metric in metrics for series in chart.series)
        and any(value is not None for series in chart.series for value in series.values)
        and bool(chart.categories)
    )
