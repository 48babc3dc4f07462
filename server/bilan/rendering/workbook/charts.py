"""A chart as a sheet: the figures behind it, and Excel's own chart of them beside."""

from __future__ import annotations

from typing import Any

from bilan.rendering.colours import tint
from bilan.rendering.series import at, categories_of, category_name, written_series
from bilan.rendering.svg.heatmap import DARKEST
from bilan.rendering.svg.paint import COLOURS, GREY
from bilan.rendering.workbook.book import Book, Sheet
from bilan.rendering.workbook.cells import put, put_texts, shown_width, typed
from bilan.rendering.workbook.styles import NUMBER_FORMATS
from bilan.rendering.workbook.tables import Head, Written, begin, finish
from bilan.sdk.document import Chart, ChartKind
from bilan.sdk.rendering import Formatter
from bilan.sdk.textdomain import _
from bilan.sdk.units import Unit

KINDS: dict[ChartKind, dict[str, Any]] = {
    ChartKind.LINE: {"type": "line"},
    ChartKind.BAR: {"type": "column"},
    ChartKind.STACKED: {"type": "column", "subtype": "stacked"},
    ChartKind.DONUT: {"type": "doughnut"},
}
WIDTH, HEIGHT = 840, 380


def write_chart(book: Book, chart: Chart, within: str = "") -> Written:
    """Write the figures, a line for each category, and the picture of them."""
    formatter = book.context.formatter
    name = book.name(formatter.text(chart.title), within)
    sheet = book.sheet(name)
    heads = (
        Head(_first(chart, formatter)),
        *(Head(label, unit) for label, _series, _place, unit in written_series(chart, formatter)),
    )
    widths = begin(book, sheet, heads)
    for row, category in enumerate(categories_of(chart, formatter), 1):
        figures = (at(one.values, row - 1) for one in (*chart.series, *chart.previous, *chart.beside))
        values = (category, *figures)
        units = (chart.category_unit, *(one.unit for one in heads[1:]))
        for place, (value, unit) in enumerate(zip(values, units, strict=True)):
            cell = typed(value, unit, formatter)
            put(sheet, row, place, cell, book.styles.of(unit))
            widths[place] = max(widths[place], shown_width(cell))
    finish(sheet, widths, len(chart.categories))
    if any(value is not None for one in (*chart.series, *chart.previous) for value in one.values):
        (_shade if chart.kind is ChartKind.HEATMAP else _draw)(book, sheet, name, chart)
    else:
        said = formatter.text(_("No figures in this period"))
        put_texts(sheet, len(chart.categories) + 1, (said,), book.styles.soft)
    return Written(name, len(chart.categories))


def _first(chart: Chart, formatter: Formatter) -> str:
    if chart.category_unit is Unit.INSTANT:
        return formatter.text(_("{column} ({what})", column=category_name(chart), what=formatter.zone))
    return formatter.text(category_name(chart))


def _shade(book: Book, sheet: Sheet, name: str, chart: Chart) -> None:
    """Excel has no heat map; the figures themselves are shaded."""
    del name
    colours = {"min_color": "#ffffff", "max_color": tint(book.styles.accent, DARKEST)}
    sheet.conditional_format(
        1, 1, len(chart.categories), len(chart.series), {"type": "2_color_scale", **colours}
    )


def _draw(book: Book, sheet: Sheet, name: str, chart: Chart) -> None:
    formatter, drawn = book.context.formatter, book.chart(KINDS[chart.kind])
    last = len(chart.categories)
    for place, series in enumerate((*chart.series, *chart.previous), 1):
        before = place > len(chart.series)
        drawn.add_series(
            {
                "name": [name, 0, place],
                "categories": [name, 1, 0, last, 0],
                "values": [name, 1, place, last, place],
                "values_data": [one if one is not None else "" for one in series.values],
                **_pen(chart.kind, place - 1, before=before),
            }
        )
    drawn.set_title({"name": formatter.text(chart.title), "name_font": {"size": 14}})
    drawn.set_legend({"position": "bottom"})
    if chart.kind is not ChartKind.DONUT:
        drawn.set_y_axis(
            {
                "num_format": NUMBER_FORMATS.get(chart.unit, "General"),
                "major_gridlines": {"visible": True, "line": {"color": "#e4e7ec"}},
                "line": {"none": True},
            }
        )
        drawn.set_x_axis({"num_format": NUMBER_FORMATS.get(chart.category_unit, "General")})
    drawn.set_size({"width": WIDTH, "height": HEIGHT})
    where = {"description": formatter.text(chart.description), "x_offset": 12, "y_offset": 8}
    written = len(chart.series) + len(chart.previous) + len(chart.beside)
    sheet.insert_chart(1, written + 2, drawn, where)


def _pen(kind: ChartKind, place: int, *, before: bool) -> dict[str, Any]:
    colour = GREY if before else COLOURS[place % len(COLOURS)]
    match kind:
        case ChartKind.LINE:
            line = {"color": colour, "width": 1.5 if before else 2.25}
            return {"line": line | ({"dash_type": "dash"} if before else {})}
        case ChartKind.DONUT:
            return {}
        case _:
            return {"fill": {"color": colour}}
