"""Charts that can be changed in the office program: its own kind, with the figures in a workbook behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import OxmlElement
from pptx.util import Emu

from bilan.rendering.deck import geometry as g
from bilan.rendering.deck.axes import dress_axes
from bilan.rendering.deck.deck import Deck, described
from bilan.rendering.deck.pens import colour_donut, colour_series
from bilan.rendering.deck.words import Run, clean, wide
from bilan.sdk.document import Chart, ChartKind, Series
from bilan.sdk.messages import messages
from bilan.sdk.units import Unit

_, _n = messages("bilan")

FORMATS = {
    Unit.SHARE: "0.0%", Unit.NUMBER: "#,##0.##", Unit.SECONDS: '#,##0" s"', Unit.COUNT: "#,##0",
    Unit.BYTES: "#,##0",
}  # fmt: skip
NS = 'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
LABELLED = 14
"""Up to so many bars say their figures themselves."""


def add_chart(deck: Deck, chart: Chart, section: str) -> None:
    """A slide with one chart; its description is what the slide says."""
    title, message = deck.text(chart.title), deck.text(chart.description)
    metrics = [series.metric for series in (*chart.series, *chart.previous)]
    if chart.previous and drawable(chart):
        before = (
            _("Dashed: the previous period.")
            if chart.kind is ChartKind.LINE
            else _("Grey: the previous period.")
        )
        message = f"{message} {deck.text(before)}"
    slide = deck.slide(deck.titled(section, title), message, metrics=metrics)
    if not drawable(chart):
        sentence = deck.text(_("No figures in this period"))
        deck.box(slide, g.BODY, [[Run(sentence, 16, "tx2")]], title)
        return
    where = deck.place(g.BODY)
    shape = slide.shapes.add_chart(
        _kind(chart, deck), *map(Emu, (where.x, where.y, where.width, where.height)), _data(deck, chart)
    )
    described(shape, title, f"{title}. {message}")
    _dress(deck, shape.chart, chart)


def drawable(chart: Chart) -> bool:
    """Whether there is anything to draw."""
    known = (value is not None for series in chart.series for value in series.values)
    return bool(chart.categories) and any(known)


def _kind(chart: Chart, deck: Deck) -> Any:
    match chart.kind:
        case ChartKind.LINE:
            return XL_CHART_TYPE.LINE_MARKERS
        case ChartKind.DONUT if not _below_nought(chart):
            return XL_CHART_TYPE.DOUGHNUT
        case ChartKind.STACKED if not chart.previous:
            lies = lying(deck, chart)
            return XL_CHART_TYPE.BAR_STACKED if lies else XL_CHART_TYPE.COLUMN_STACKED
        case _:
            # A stack beside the stack of another period would hide what belongs to which: bars side by side.
            lies = lying(deck, chart)
            return XL_CHART_TYPE.BAR_CLUSTERED if lies else XL_CHART_TYPE.COLUMN_CLUSTERED


def _below_nought(chart: Chart) -> bool:
    return any((value or 0) < 0 for series in chart.series for value in series.values)


def lying(deck: Deck, chart: Chart) -> bool:
    """Whether the names of the categories need so much room that bars lie."""
    if chart.category_unit in (Unit.DATE, Unit.INSTANT):
        return False
    labels = deck.look.formatter.labels(chart.categories, chart.category_unit)
    return any(wide(label, 11) + 0.2 > g.ROOM / len(labels) for label in labels)


def _data(deck: Deck, chart: Chart) -> Any:
    data: Any = CategoryChartData(number_format=FORMATS.get(chart.unit, "General"))
    data.categories, named = _categories(deck, chart), _named(deck, chart)
    if chart.kind is ChartKind.DONUT and len(chart.series) > 1 and len(chart.categories) == 1:
        # One ring of several series: each is a part of it.
        data.categories = [name for name, _series in named]
        named = [(clean(deck.text(chart.title)), [_at(series, 0) for _name, series in named])]
    else:
        places = range(len(chart.categories))
        named = [(name, [_at(series, place) for place in places]) for name, series in named]
    for name, values in named:
        data.add_series(name, values)
    return data


def _named(deck: Deck, chart: Chart) -> list[tuple[str, Any]]:
    named = [(clean(deck.text(series.label)), series) for series in chart.series]
    for series in chart.previous:
        label = deck.text(_("{series}, previous period", series=deck.text(series.label)))
        named.append((clean(label), series))
    return named


def _categories(deck: Deck, chart: Chart) -> Sequence[Any]:
    if chart.category_unit is Unit.DATE:
        try:
            return [date.fromisoformat(one[:10]) for one in chart.categories]
        except ValueError:
            pass
    return [clean(one) for one in deck.look.formatter.labels(chart.categories, chart.category_unit)]


def _at(series: Series, place: int) -> float | None:
    return series.values[place] if place < len(series.values) else None


def _dress(deck: Deck, native: Any, chart: Chart) -> None:
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
    if count > 1:
        _legend(native, XL_LEGEND_POSITION.BOTTOM, hidden=len(chart.previous), kept=len(chart.series))
    else:
        native.has_legend = False
    dress_axes(deck, native, chart, FORMATS.get(chart.unit, "General"))
    if chart.kind is ChartKind.BAR and count == 1 and len(chart.categories) <= LABELLED:
        plot.has_data_labels = True
        plot.data_labels.number_format = FORMATS.get(chart.unit, "General")
        plot.data_labels.number_format_is_linked = False


def _text(native: Any, deck: Deck) -> None:
    font = native.font
    font.size = 11 * 12_700
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
