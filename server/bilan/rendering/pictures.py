"""Charts as pictures for what shows no SVG: e-mail above all."""

from __future__ import annotations

from bilan.rendering.svg import draw_chart
from bilan.rendering.typesetting import families, picture
from bilan.sdk.document import Chart
from bilan.sdk.rendering import Formatter, RenderContext


def chart_png(chart: Chart, context: RenderContext, *, scale: float = 2.0) -> bytes:
    """The chart as a PNG, ``scale`` pixels for each unit of the SVG's width of 840.

    White ground and light colours whatever the reader's scheme, set in the
    fonts that come with the server: the same chart and context give the same bytes.
    """
    inputs = {"svg": still(chart, context.formatter), "width": "840"}
    return picture("typesetting/chart.typ", inputs, scale=scale)


def still(chart: Chart, formatter: Formatter) -> str:
    """The chart's SVG without the areas to point at, in the fonts of the language."""
    wanted = ", ".join(f"'{family}'" for family in families(formatter.language))
    return draw_chart(chart, formatter, still=True, family=wanted)
