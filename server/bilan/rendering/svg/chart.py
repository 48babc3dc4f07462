"""A chart as a picture."""

from __future__ import annotations

import re
from html import escape

from markupsafe import Markup

from bilan.rendering.svg.bars import draw_bars
from bilan.rendering.svg.donut import draw_donut, slices_of
from bilan.rendering.svg.elements import FAMILY, FONT, Paint, number
from bilan.rendering.svg.frame import WIDTH, Canvas, nothing
from bilan.rendering.svg.lines import draw_lines
from bilan.rendering.svg.mirror import mirrored
from bilan.sdk.document import Chart, ChartKind
from bilan.sdk.rendering import Formatter


def draw_chart(chart: Chart, formatter: Formatter, *, name: str | None = None) -> Markup:
    """The chart as one ``svg`` element with title, description and figures to point at.

    ``name`` starts the ids inside it and must differ between the charts of a
    page; the chart's key by default. Holds no style and no script. For languages
    written from right to left it is the mirrored picture: time runs to the left.
    """
    name = re.sub(r"[^A-Za-z0-9_-]", "-", f"chart-{name or chart.key}")
    canvas = Canvas(chart, formatter, Paint(name, _colours(chart)))
    _draw(canvas)
    parts = canvas.parts
    if formatter.direction == "rtl":
        parts = [mirrored(part, WIDTH) for part in parts]
    title, description = formatter.text(chart.title), formatter.text(chart.description)
    return Markup(  # noqa: S704 - every text in it went through escape()
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" data-chart="{chart.kind.value}" role="img"'
        f' viewBox="0 0 {number(WIDTH)} {number(canvas.height)}" width="{number(WIDTH)}"'
        f' height="{number(canvas.height)}" font-family="{FAMILY}" font-size="{FONT}"'
        f' aria-labelledby="{name}-title {name}-description" direction="ltr">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-description">{escape(description)}</desc>'
        f"{canvas.paint.definitions}{''.join(parts)}</svg>"
    )


def _draw(canvas: Canvas) -> None:
    chart = canvas.chart
    known = [value for series in chart.series for value in series.values if value is not None]
    if not chart.categories or not known:
        nothing(canvas)
        return
    match chart.kind:
        case ChartKind.LINE:
            draw_lines(canvas)
        case ChartKind.BAR:
            draw_bars(canvas, stacked=False)
        case ChartKind.STACKED:
            draw_bars(canvas, stacked=True)
        case ChartKind.DONUT:
            slices = slices_of(canvas)
            if any(value < 0 for _name, value in slices):
                draw_bars(canvas, stacked=False)  # a share below nothing is no part of a whole
            elif slices:
                draw_donut(canvas, slices)
            else:
                nothing(canvas)


def _colours(chart: Chart) -> int:
    if chart.kind is ChartKind.DONUT and len(chart.series) == 1:
        return len(chart.categories)
    return len(chart.series)
