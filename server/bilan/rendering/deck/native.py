"""The look of a native chart: its texts, its legend, and figures at its bars."""

from __future__ import annotations

from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import OxmlElement

from bilan.rendering.deck.axes import dress_axes
from bilan.rendering.deck.deck import Deck
from bilan.rendering.deck.fills import colour_donut, colour_series
from bilan.rendering.deck.plot import measure_of
from bilan.sdk.document import Chart, ChartKind

NS = 'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
LABELLED = 14
"""Up to so many bars say their figures themselves."""


def dress(deck: Deck, native: Any, chart: Chart, room: float, *, named: bool) -> None:
    """Draw a chart that is so many inches wide; ``named`` where its series are named beside it."""
    soft = deck.palette.soft
    _text(native, deck)
    native.has_title = False
    space = native._chartSpace
    _set_language(space, deck.writer.tag)
    plot = native.plots[0]
    if native.chart_type == XL_CHART_TYPE.DOUGHNUT:
        colour_donut(deck, plot, soft)
        _legend(native, XL_LEGEND_POSITION.RIGHT, hidden=0, kept=len(chart.categories))
        return
    colour_series(deck, plot, chart)
    count = len(chart.series) + len(chart.previous)
    if count > 1 and len(chart.series) > 1 and not named:
        _legend(native, XL_LEGEND_POSITION.TOP, hidden=len(chart.previous), kept=len(chart.series))
    else:
        native.has_legend = False
    _size, written = measure_of(chart)
    dress_axes(deck, native, chart, written, room)
    if chart.kind is ChartKind.BAR and count == 1 and len(chart.categories) <= LABELLED:
        plot.has_data_labels = True
        plot.data_labels.number_format = written
        plot.data_labels.number_format_is_linked = False
        # The bars say their figures; a scale beside them would say them again.
        native.value_axis.visible = False
        native.value_axis.has_major_gridlines = False


def _text(native: Any, deck: Deck) -> None:
    font = native.font
    font.size = 12 * 12_700
    properties = font._rPr
    properties.set("lang", deck.writer.tag)
    font.fill.solid()
    font.fill.fore_color.rgb = RGBColor.from_string(deck.palette.soft)


def _set_language(space: Any, tag: str) -> None:
    for old in space.findall(qn("c:lang")):
        space.remove(old)
    made = OxmlElement("c:lang")
    made.set("val", tag)
    # The order is fixed: after date1904, before everything else.
    place = 1 if space[0].tag.endswith("date1904") else 0
    space.insert(place, made)


def _legend(native: Any, position: Any, *, hidden: int, kept: int) -> None:
    native.has_legend = True
    native.legend.position = position
    native.legend.include_in_layout = False
    # The comparison is said in words; a name for each of its lines would drown the others.
    first = native.legend._element.find(qn("c:legendPos"))
    for place in range(kept + hidden - 1, kept - 1, -1) if hidden else ():
        first.addnext(
            parse_xml(f'<c:legendEntry {NS}><c:idx val="{place}"/><c:delete val="1"/></c:legendEntry>')
        )
