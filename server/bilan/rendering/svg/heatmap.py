"""A heat map: a row a series, a column a category, and the larger a figure the darker its cell."""

from __future__ import annotations

from bilan.rendering.series import at
from bilan.rendering.svg.axes import BOTTOM, GAP, Plot, category_axis
from bilan.rendering.svg.canvas import WIDTH, Canvas
from bilan.rendering.svg.paint import GRID, Attributes
from bilan.rendering.text_width import shortened, width

ROW = 30.0
SEAM = 2.0
LABEL_ROOM = 200.0
FIGURE = 11
"""The size of the figures in the cells."""
FAINTEST, DARKEST = 0.08, 0.6
"""How much of the colour the smallest and the largest figure have: text is read on either."""
STEPS = 5
"""Swatches of the legend."""
SWATCH = 22.0


def draw_heatmap(canvas: Canvas) -> None:
    """Draw the cells, with their figures where these have the room, and what the colours stand for."""
    chart = canvas.chart
    names = canvas.names()
    left = min(max(map(width, names)), LABEL_ROOM) + GAP
    plot = Plot(left, SEAM, WIDTH - SEAM, SEAM + ROW * len(names))
    canvas.height = plot.bottom + BOTTOM
    slot = plot.width / len(chart.categories)
    values = [value for one in chart.series for value in one.values if value is not None]
    low, high = min(0, *values), max(0, *values)
    written = all(width(canvas.value(value)) * FIGURE / 12 + 6 <= slot for value in values)
    for row, (name, series) in enumerate(zip(names, chart.series, strict=True)):
        y = plot.top + ROW * row
        canvas.text(left - GAP, y + ROW / 2 + 4, shortened(name, LABEL_ROOM), anchor="end")
        for column in range(len(chart.categories)):
            x, value = plot.left + slot * column, at(series.values, column)
            if value is not None:
                canvas.box(x + 1, y + 1, slot - SEAM, ROW - SEAM, shade(canvas, value, low, high))
                if written and value:
                    middle = x + slot / 2, y + ROW / 2 + 4
                    canvas.text(*middle, canvas.value(value), anchor="middle", size=FIGURE, ink=True)
            canvas.hit(x, y, slot, ROW, column, row)
    category_axis(canvas, plot, lambda category: plot.left + slot * (category + 0.5))
    _legend(canvas, plot, low, high)


def shade(canvas: Canvas, value: float, low: float, high: float) -> Attributes:
    """The colour of a figure between the lowest and the highest one; nothing happened where it is nought."""
    if not value and not low:
        return {"class": "nought", "fill": GRID, "fill-opacity": ".45"}
    share = (value - low) / (high - low) if high > low else 1.0
    opacity = FAINTEST + (DARKEST - FAINTEST) * share
    return canvas.paint.plain(0) | {"fill-opacity": f"{opacity:.3f}".rstrip("0")}


def _legend(canvas: Canvas, plot: Plot, low: float, high: float) -> None:
    """The lowest and the highest figure, and the colours between them."""
    y = canvas.height + 4
    canvas.text(plot.left, y + 10, canvas.value(low))
    x = plot.left + width(canvas.value(low)) + 8
    for step in range(STEPS):
        value = low + (high - low) * step / (STEPS - 1)
        canvas.box(x, y, SWATCH - SEAM, 12, shade(canvas, value, low, high))
        x += SWATCH
    canvas.text(x + 6, y + 10, canvas.value(high))
    canvas.height = y + 20
