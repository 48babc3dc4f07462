"""What must be seen of a document's tables, charts and tiles, from what GraphQL gave."""

from __future__ import annotations

import io
from typing import Any

from bilan.i18n import LocaleFormatter
from bilan.sdk.document import Document
from bilan.sdk.messages import messages
from bilan.sdk.rendering import RenderContext, Renderer, Rows
from bilan.sdk.units import Unit
from support.rendered import Grid, blocks, plain

_ = messages("bilan")[0]
Json = dict[str, Any]
CATEGORIES = {
    Unit.DATE: _("Date"), Unit.INSTANT: _("Time"), Unit.WEEKDAY: _("Weekday"), Unit.HOUR: _("Hour"),
}  # fmt: skip
"""What the categories of a chart are called by what they are."""


def rendered(renderer: Renderer, document: Document, rows: Rows, context: RenderContext) -> bytes:
    """A file."""
    out = io.BytesIO()
    renderer.render(document, context, rows, out)
    return out.getvalue()


def grids(document: Json, *names: str) -> list[Json]:
    """Tables and charts in reading order."""
    return blocks(document, *(names or ("DocumentTable", "DocumentChart")))


def tiles_in(document: Json) -> list[Json]:
    """The tiles in reading order."""
    return [tile for row in blocks(document, "DocumentKpis") for tile in row["tiles"]]


def grid(block: Json, formatter: LocaleFormatter, limit: int | None = None) -> Grid:
    """What must be seen of a table, at most so many rows, or behind a chart."""
    return _behind(block, formatter) if "series" in block else _shown(block, formatter, limit)


def _shown(table: Json, formatter: LocaleFormatter, limit: int | None) -> Grid:
    table = as_read(table)
    units = [Unit[column["unit"]] for column in table["columns"]]
    rows = [
        [formatter.value(plain(cell), unit) for cell, unit in zip(row, units, strict=True)]
        for row in table["rows"][:limit]
    ]
    totals = [
        "" if cell is None else formatter.value(plain(cell), unit)
        for cell, unit in zip(table["totals"] or [], units, strict=bool(table["totals"]))
    ]
    heads = [column["label"] for column in table["columns"]]
    return Grid(table["title"], heads, rows or [[formatter.text(_("No rows in this period"))]], totals)


def as_read(table: Json) -> Json:
    """The table as people read it: without columns for programs, and with words for codes."""
    columns = [(n, column) for n, column in enumerate(table["columns"]) if not column["dataOnly"]]

    def line(row: list[Any] | None) -> list[Any] | None:
        return row and [worded(row[n], column["names"]) for n, column in columns]

    return table | {
        "columns": [column for _n, column in columns],
        "rows": [line(row) for row in table["rows"]],
        "totals": line(table["totals"]),
    }


def worded(cell: Any, names: Json) -> Any:
    """A cell with the words of its column's codes."""
    match cell:
        case {"value": value}:
            return cell | {"value": worded(value, names)}
        case list():
            return [worded(one, names) for one in cell]
        case str():
            return names.get(cell, cell)
        case _:
            return cell


def _behind(chart: Json, formatter: LocaleFormatter) -> Grid:
    along = Unit[chart["categoryUnit"]]
    series = written_series(chart, formatter)
    rows = [
        [
            formatter.value(worded(name, chart["names"]), along),
            *(formatter.value(at(values, n), unit) for _label, values, unit in series),
        ]
        for n, name in enumerate(chart["categories"])
    ]
    first = CATEGORIES.get(along, _("Category"))
    return Grid(chart["title"], [formatter.text(first), *(label for label, *_rest in series)], rows)


def series_of(chart: Json, formatter: LocaleFormatter) -> list[tuple[str, list[Any]]]:
    """The series by their names, the comparison's after them."""
    before = [
        (formatter.text(_("{series}, previous period", series=one["label"])), one["values"])
        for one in chart["previous"]
    ]
    return [*((one["label"], one["values"]) for one in chart["series"]), *before]


def written_series(chart: Json, formatter: LocaleFormatter) -> list[tuple[str, list[Any], Unit]]:
    """The same with their units, and behind them what counts what means are made of."""
    drawn = [(*one, Unit[chart["unit"]]) for one in series_of(chart, formatter)]
    return [*drawn, *((one["label"], one["values"], Unit.COUNT) for one in chart["beside"])]


def at(values: list[Any], place: int) -> Any:
    """A series' value for a category."""
    return values[place] if place < len(values) else None


def counted_beside(tile: Json, formatter: LocaleFormatter) -> str:
    """What stands in a tile of how many rows a mean is made of."""
    beside = tile["beside"]
    if beside is None:
        return ""
    figure = formatter.value(beside["value"], Unit[beside["unit"]])
    return formatter.text(_("{series}: {figure}", series=beside["label"], figure=figure))


def shown_tile(tile: Json, formatter: LocaleFormatter) -> tuple[str, str, str]:
    """What a person must see of a tile: its name, its figure, and the figure before."""
    unit, before = Unit[tile["unit"]], ""
    if tile["compared"] and tile["previous"] is None:
        before = formatter.text(_("no earlier figure"))
    elif tile["compared"]:
        figure = formatter.value(tile["previous"], unit)
        before = formatter.text(_("previously {figure}", figure=figure))
    return tile["label"], formatter.value(tile["value"], unit), before
