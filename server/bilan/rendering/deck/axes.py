"""The axes of a chart: few lines, soft labels, mirrored where the language is."""

from __future__ import annotations

from datetime import date
from math import ceil
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_TICK_LABEL_POSITION, XL_TICK_MARK
from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import OxmlElement
from pptx.util import Pt

from bilan.rendering.deck.deck import Deck
from bilan.rendering.deck.words import wide
from bilan.rendering.series import categories_of
from bilan.sdk.document import Chart
from bilan.sdk.units import Unit

LYING = (XL_CHART_TYPE.BAR_CLUSTERED, XL_CHART_TYPE.BAR_STACKED)
_MONTH_FIRST = frozenset({"en"})


def dress_axes(deck: Deck, native: Any, chart: Chart, number_format: str, room: float) -> None:
    """Render a chart's axes calmly, in a chart that is so many inches wide."""
    values, names = native.value_axis, native.category_axis
    lies = native.chart_type in LYING
    line = RGBColor.from_string(deck.palette.line)
    values.has_major_gridlines = True
    values.major_gridlines.format.line.color.rgb = line
    values.format.line.fill.background()
    values.major_tick_mark = values.minor_tick_mark = XL_TICK_MARK.NONE
    values.tick_labels.number_format, values.tick_labels.number_format_is_linked = (
        _short(number_format),
        False,
    )
    known = [
        value for series in (*chart.series, *chart.previous) for value in series.values if value is not None
    ]
    if chart.unit is Unit.PROPORTION and 0.8 < max(known) <= 1:
        values.maximum_scale = 1.0
    names.has_major_gridlines = False
    names.format.line.color.rgb = RGBColor.from_string(deck.palette.before)
    names.major_tick_mark = names.minor_tick_mark = XL_TICK_MARK.NONE
    names.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    rtl = deck.writer.direction == "rtl"
    if lies:
        # The first category stands on top, and bars grow in the direction of reading.
        names.reverse_order = True
        values.reverse_order = rtl
        values.tick_label_position = XL_TICK_LABEL_POSITION.HIGH
    else:
        names.reverse_order = rtl
    _level(names)
    _skip(deck, names, chart, room)
    if chart.category_unit is Unit.DATE and _is_dates(names):
        labels = names.tick_labels
        labels.number_format, labels.number_format_is_linked = _days(deck, chart), False
        _steps(names, chart, room)


def _level(axis: Any) -> None:
    """Names stand level; where they do not fit, some are left out."""
    axis.tick_labels.font.size = Pt(11)
    body = axis._element.find(qn("c:txPr")).find(qn("a:bodyPr"))
    body.set("rot", "0")
    body.set("vert", "horz")


def _skip(deck: Deck, axis: Any, chart: Chart, room: float) -> None:
    """Write every so many names, where all of them would have to stand aslant."""
    if _is_dates(axis) or not chart.categories or chart.category_unit is Unit.TEXT:
        return
    formatter = deck.context.formatter
    labels = formatter.labels(categories_of(chart, formatter), chart.category_unit)
    slot = (room - 0.8) / len(labels)
    every = ceil((max(wide(label, 11) for label in labels) + 0.2) / slot)
    element = axis._element
    for name in ("tickLblSkip", "tickMarkSkip"):
        made = OxmlElement(f"c:{name}")
        made.set("val", str(every))
        element.find(qn("c:noMultiLvlLbl")).addprevious(made)


def _steps(axis: Any, chart: Chart, room: float) -> None:
    """How far apart the days are that stand at the axis: days, weeks, or months."""
    first, last = (date.fromisoformat(one[:10]) for one in (chart.categories[0], chart.categories[-1]))
    days = (last - first).days + 1
    wanted = 0.85 if first.year == last.year else 1.25
    every = ceil(wanted / ((room - 0.8) / days))
    step, unit = (every, "days") if every < 7 else (ceil(every / 7) * 7, "days")
    if every > 28:
        step, unit = ceil(every / 31), "months"
    element = axis._element
    for name in ("majorUnit", "majorTimeUnit"):
        for old in element.findall(qn(f"c:{name}")):
            element.remove(old)
    for name, value in (("majorUnit", str(step)), ("majorTimeUnit", unit)):
        made = OxmlElement(f"c:{name}")
        made.set("val", value)
        element.append(made)


def _is_dates(axis: Any) -> bool:
    return str(axis._element.tag).endswith("dateAx")


def _short(number_format: str) -> str:
    """Axes need no decimals of shares."""
    return "0%" if number_format == "0.0%" else number_format


def _days(deck: Deck, chart: Chart) -> str:
    days = [date.fromisoformat(one[:10]) for one in (chart.categories[0], chart.categories[-1])]
    first = deck.writer.language.partition("-")[0] in _MONTH_FIRST
    pattern = r"mmm\ d" if first else r"d\ mmm"
    return pattern if days[0].year == days[1].year else pattern + r"\ yyyy"
