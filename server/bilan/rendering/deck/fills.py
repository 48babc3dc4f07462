"""Fills, lines and markers of a chart's series."""

from __future__ import annotations

from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_MARKER_STYLE
from pptx.enum.dml import MSO_LINE, MSO_THEME_COLOR
from pptx.util import Pt

from bilan.rendering.deck.deck import Deck
from bilan.sdk.document import Chart, ChartKind

ACCENTS = (
    MSO_THEME_COLOR.ACCENT_1, MSO_THEME_COLOR.ACCENT_2, MSO_THEME_COLOR.ACCENT_3, MSO_THEME_COLOR.ACCENT_4,
    MSO_THEME_COLOR.ACCENT_5, MSO_THEME_COLOR.ACCENT_6,
)  # fmt: skip
"""The series' colours are the theme's, so that another theme changes them."""
HOLE = 64


def colour_series(deck: Deck, plot: Any, chart: Chart) -> None:
    """The series in the colours of the theme, those of the comparison in grey and, as lines, dashed."""
    now = len(chart.series)
    for place, series in enumerate(plot.series):
        before = place >= now
        if chart.kind is ChartKind.LINE:
            _line(deck, series, place, before=before)
        else:
            series.format.fill.solid()
            _colour(deck, series.format.fill.fore_color, place, before=before)
            series.invert_if_negative = False
    if chart.kind is not ChartKind.LINE:
        plot.gap_width = 60
        plot.overlap = 100 if chart.kind is ChartKind.STACKED and not chart.previous else -5


def colour_donut(deck: Deck, plot: Any, soft: str) -> None:
    """A ring with a hole, its parts in different colours, each with its share."""
    for series in plot.series:
        for place, _value in enumerate(series.values):
            point = series.points[place]
            point.format.fill.solid()
            _colour(deck, point.format.fill.fore_color, place, before=False)
            point.format.line.color.rgb = RGBColor.from_string(deck.palette.paper)
            point.format.line.width = Pt(1.5)
    hole = plot._element.find(f"{{{plot._element.nsmap['c']}}}holeSize")
    if hole is not None:
        hole.set("val", str(HOLE))
    plot.has_data_labels = True
    labels = plot.data_labels
    labels.show_percentage, labels.show_value, labels.show_legend_key = True, False, False
    labels.number_format, labels.number_format_is_linked = "0%", False
    labels.font.size = Pt(11)
    labels.font.color.rgb = RGBColor.from_string(soft)


def _line(deck: Deck, series: Any, place: int, *, before: bool) -> None:
    line = series.format.line
    line.width = Pt(1.25 if before else 2.25)
    _colour(deck, line.color, place, before=before)
    if before:
        line.dash_style = MSO_LINE.DASH
    series.smooth = False
    series.marker.style = XL_MARKER_STYLE.NONE
    for point in _alone(list(series.values)):
        # A figure without neighbours would leave no trace of a line.
        marker = series.points[point].marker
        marker.style, marker.size = XL_MARKER_STYLE.CIRCLE, 4 if before else 6
        marker.format.fill.solid()
        _colour(deck, marker.format.fill.fore_color, place, before=before)
        marker.format.line.fill.background()


def _alone(values: list[float | None]) -> list[int]:
    """The places of figures with nothing on either side."""
    around = [None, *values, None]
    return [
        place
        for place, value in enumerate(values)
        if value is not None and around[place] is None and around[place + 2] is None
    ]


def accent(place: int) -> str:
    """The theme's name for the colour of a series, as far as the theme has one."""
    return f"accent{place + 1}" if place < len(ACCENTS) else ""


def _colour(deck: Deck, target: Any, place: int, *, before: bool) -> None:
    if before:
        target.rgb = RGBColor.from_string(deck.palette.before)
    elif place < len(ACCENTS):
        target.theme_color = ACCENTS[place]
    else:
        target.rgb = RGBColor.from_string(deck.palette.series[place % len(deck.palette.series)])
