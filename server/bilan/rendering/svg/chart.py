"""A chart as a picture. See docs/decisions/024."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

from bilan.rendering.svg.bars import draw_bars
from bilan.rendering.svg.canvas import WIDTH, Canvas, number
from bilan.rendering.svg.donut import draw_donut, slices_of
from bilan.rendering.svg.heatmap import draw_heatmap
from bilan.rendering.svg.lines import draw_lines
from bilan.rendering.svg.paint import Paint
from bilan.rendering.text_width import FONT
from bilan.sdk.document import Chart, ChartKind
from bilan.sdk.rendering import Formatter
from bilan.sdk.textdomain import _

FAMILY = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif"


def draw_chart(
    chart: Chart, formatter: Formatter, *, name: str | None = None, still: bool = False, family: str = FAMILY
) -> Markup:
    """The chart as one ``svg`` element with title, description and figures to point at.

    ``name`` starts the ids inside it and must differ between the charts of a
    page; the chart's key by default. Holds no style and no script. For languages
    written from right to left it is the mirrored picture: time runs to the left.
    A ``still`` picture has nothing to point at.
    """
    name = re.sub(r"[^A-Za-z0-9_-]", "-", f"chart-{name or chart.key}")
    canvas = Canvas(chart, formatter, Paint(name, _colours(chart)), still)
    _draw(canvas)
    wide, tall = number(WIDTH), number(canvas.height)
    svg = Element("svg", {
        "xmlns": "http://www.w3.org/2000/svg", "class": "chart", "data-chart": chart.kind.value,
        "role": "img", "viewBox": f"0 0 {wide} {tall}", "width": wide, "height": tall,
        "font-family": family, "font-size": str(FONT),
        "aria-labelledby": f"{name}-title {name}-description", "direction": "ltr",
    })  # fmt: skip
    if chart.kind is ChartKind.HEATMAP:
        svg.set("data-columns", str(len(chart.categories)))  # so that keys go from row to row, too
    SubElement(svg, "title", id=f"{name}-title").text = formatter.text(chart.title)
    SubElement(svg, "desc", id=f"{name}-description").text = formatter.text(chart.description)
    svg.extend(canvas.paint.definitions() + canvas.elements)
    return Markup(tostring(svg, "unicode"))  # noqa: S704 - the tree escapes


def _draw(canvas: Canvas) -> None:
    chart = canvas.chart
    known = [value for series in chart.series for value in series.values if value is not None]
    if not chart.categories or not known:
        _nothing(canvas)
        return
    match chart.kind:
        case ChartKind.LINE:
            draw_lines(canvas)
        case ChartKind.BAR:
            draw_bars(canvas, stacked=False)
        case ChartKind.STACKED:
            draw_bars(canvas, stacked=True)
        case ChartKind.HEATMAP:
            draw_heatmap(canvas)
        case ChartKind.DONUT:
            slices = slices_of(canvas)
            if any(value < 0 for _name, value in slices):
                draw_bars(canvas, stacked=False)  # a share below nothing is no part of a whole
            elif slices:
                draw_donut(canvas, slices)
            else:
                _nothing(canvas)


def _nothing(canvas: Canvas) -> None:
    """Say calmly that there is nothing to draw."""
    canvas.height = 120
    sentence = canvas.formatter.text(_("No figures in this period"))
    canvas.text(WIDTH / 2, canvas.height / 2, sentence, anchor="middle", size=FONT + 2)


def _colours(chart: Chart) -> int:
    if chart.kind is ChartKind.DONUT and len(chart.series) == 1:
        return len(chart.categories)
    return len(chart.series)
