"""Whether workbook, slides and PDF hold what GraphQL gave: every cell, every tile, every value of a chart."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bilan.i18n import LocaleFormatter
from bilan.rendering.marks import MARKS
from bilan.rendering.pdf.renderer import PDF
from bilan.rendering.pptx_format import PPTX
from bilan.rendering.xlsx_format import XLSX
from bilan.sdk.document import Document, Mark
from bilan.sdk.messages import Message, messages
from bilan.sdk.rendering import Look, Renderer, Rows
from bilan.sdk.units import Unit
from support.drawn import Grid, blocks, plain
from support.pdf import Pdf, squeezed
from support.sheets import Entry, Sheet
from support.sheets import read as read_sheets
from support.slides import Slide
from support.slides import read as read_slides

_, _n = messages("bilan")
Json = dict[str, Any]

MOST_ROWS = 28
"""What slides show of a table."""
MOST_NAMES = 16
"""So many categories with names a chart on a slide has."""
_DAY = 86_400
_REMARKS = {"mark": Message("basis"), "note": Message("note")}


def drawn(renderer: Renderer, document: Document, rows: Rows, look: Look) -> bytes:
    """A file."""
    out = io.BytesIO()
    renderer.render(document, look, rows, out)
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
        return row and [_worded(row[n], column["names"]) for n, column in columns]

    return table | {
        "columns": [column for _n, column in columns],
        "rows": [line(row) for row in table["rows"]],
        "totals": line(table["totals"]),
    }


def _worded(cell: Any, names: Json) -> Any:
    match cell:
        case {"value": value}:
            return cell | {"value": _worded(value, names)}
        case list():
            return [_worded(one, names) for one in cell]
        case str():
            return names.get(cell, cell)
        case _:
            return cell


def _behind(chart: Json, formatter: LocaleFormatter) -> Grid:
    unit, along = Unit[chart["unit"]], Unit[chart["categoryUnit"]]
    series = series_of(chart, formatter)
    rows = [
        [formatter.value(name, along), *(formatter.value(at(values, n), unit) for _label, values in series)]
        for n, name in enumerate(chart["categories"])
    ]
    first = {Unit.DATE: _("Date"), Unit.INSTANT: _("Time")}.get(along, _("Category"))
    return Grid(chart["title"], [formatter.text(first), *(label for label, _values in series)], rows)


# ---- the workbook -------------------------------------------------------------------------------


def workbook_alike(document: Json, made: Document, rows: Rows, formatter: LocaleFormatter) -> None:
    """Every cell of the workbook is the one that GraphQL gave, of its type."""
    sheets = read_sheets(drawn(XLSX, made, rows, Look(formatter, "")))
    summary, *filled = sheets.values()
    found = grids(document)
    # Behind them come the definitions.
    assert len(filled) == len(found) + 1
    for sheet, block in zip(filled, found, strict=False):
        expected = list(
            _chart_lines(block, formatter) if "series" in block else _table_lines(block, formatter)
        )
        assert _padded(sheet) == [[*line] for line in expected], block["title"]
    head = formatter.text(_("Figure"))
    place = next((n for n, row in enumerate(summary.values) if len(row) > 1 and row[1] == head), None)
    shown = tiles_in(document)
    assert (place is None) == (not shown)
    for number, tile in enumerate(shown, 1):
        unit = Unit[tile["unit"]]
        _part, label, value, change, previous, *_remarks = [*summary.rows[(place or 0) + number], *[None] * 6]
        assert label == Entry(tile["label"])
        assert same(value, tile["value"], unit, formatter), tile
        assert same(previous, tile["previous"], unit, formatter), tile
        assert (change and change.value) == _change(tile), tile


def _change(tile: Json) -> float | None:
    value, before = tile["value"], tile["previous"]
    if not isinstance(value, int | float) or before is None:
        return None
    if tile["unit"] == "SHARE":
        return (value - before) * 100
    return (value - before) / abs(before) if before else None


def _padded(sheet: Sheet) -> list[list[Any]]:
    wide = max(map(len, sheet.rows))
    return [[*row, *[None] * (wide - len(row))] for row in sheet.rows]


@dataclass(frozen=True)
class Like:
    """Equal to a cell that holds this value of this unit."""

    value: Any
    unit: Unit
    formatter: LocaleFormatter

    def __eq__(self, other: object) -> bool:
        return same(other, self.value, self.unit, self.formatter)

    __hash__ = None  # type: ignore[assignment]


def same(entry: Any, value: Any, unit: Unit, formatter: LocaleFormatter) -> bool:
    """Whether a cell of a sheet holds this value, as what it is."""
    if value is None or value == "" or value == []:
        return entry is None
    if entry is None:
        return False
    match unit:
        case Unit.DATE:
            return entry.moment == f"{value}T00:00:00.000"
        case Unit.INSTANT:
            local = datetime.fromisoformat(value).astimezone(ZoneInfo(formatter.zone)).replace(tzinfo=None)
            return abs(datetime.fromisoformat(entry.moment) - local).total_seconds() < 0.002
        case Unit.SECONDS:
            return entry.value == value / _DAY
        case Unit.TEXTS:
            return entry.value == "; ".join(value)
        case _:
            return entry.value == value and isinstance(entry.value, bool) == isinstance(value, bool)


def _table_lines(table: Json, formatter: LocaleFormatter) -> Iterator[list[Any]]:
    columns = [(column["label"], Unit[column["unit"]]) for column in table["columns"]]
    codes = [column["names"] for column in table["columns"]]
    beside = [
        [key for key in _REMARKS if any(isinstance(row[n], dict) and row[n][key] for row in table["rows"])]
        for n in range(len(columns))
    ]
    head: list[Any] = []
    for (label, unit), keys in zip(columns, beside, strict=True):
        head.append(Entry(_of(label, formatter.zone, formatter) if unit is Unit.INSTANT else label))
        head += [Entry(_of(label, formatter.text(_REMARKS[key]), formatter)) for key in keys]
    yield head
    sums = table["totals"] if any(value is not None for value in table["totals"] or []) else None
    for row in (*table["rows"], *([sums] if sums else [])):
        line: list[Any] = []
        for cell, (_label, unit), names, keys in zip(row, columns, codes, beside, strict=True):
            line.append(Like(plain(_worded(cell, names)), unit, formatter))
            line += [Like(_remark(cell, key, formatter), Unit.TEXT, formatter) for key in keys]
        yield line


def _of(label: str, what: str, formatter: LocaleFormatter) -> str:
    return formatter.text(_("{column} ({what})", column=label, what=what))


def _remark(cell: Any, key: str, formatter: LocaleFormatter) -> Any:
    found = cell[key] if isinstance(cell, dict) else None
    return formatter.text(MARKS[Mark(found)].short) if found and key == "mark" else found


def _chart_lines(chart: Json, formatter: LocaleFormatter) -> Iterator[list[Any]]:
    along, unit = Unit[chart["categoryUnit"]], Unit[chart["unit"]]
    first = {Unit.DATE: _("Date"), Unit.INSTANT: _("Time")}.get(along, _("Category"))
    name = formatter.text(first)
    if along is Unit.INSTANT:
        name = _of(name, formatter.zone, formatter)
    yield [Entry(name), *(Entry(label) for label, _values in series_of(chart, formatter))]
    for place, category in enumerate(chart["categories"]):
        values = [at(values, place) for _label, values in series_of(chart, formatter)]
        yield [Like(category, along, formatter), *(Like(value, unit, formatter) for value in values)]


def series_of(chart: Json, formatter: LocaleFormatter) -> list[tuple[str, list[Any]]]:
    """The series by their names, the comparison's after them."""
    before = [
        (formatter.text(_("{series}, previous period", series=one["label"])), one["values"])
        for one in chart["previous"]
    ]
    return [*((one["label"], one["values"]) for one in chart["series"]), *before]


def at(values: list[Any], place: int) -> Any:
    """A series' value for a category."""
    return values[place] if place < len(values) else None


# ---- the slides ---------------------------------------------------------------------------------


def slides_alike(document: Json, made: Document, rows: Rows, formatter: LocaleFormatter) -> None:
    """Every figure on a slide is GraphQL's, and what is on none is said to be left out."""
    found = read_slides(drawn(PPTX, made, rows, Look(formatter, "")))
    large, listed = list(_large(found)), list(_listed(found, formatter))
    for tile in tiles_in(document):
        assert any(_is_large(one, tile, formatter) for one in large) or any(
            _is_listed(one, tile, formatter) for one in listed
        ), tile
    waiting = list(found)
    for block in grids(document):
        if "series" in block:
            _chart_alike(block, waiting, formatter)
        elif not block["hidden"]:
            _slides_of_table(block, waiting, formatter)


def _large(found: list[Slide]) -> Iterator[tuple[str, ...]]:
    """The tiles that stand large: name, figure, change, and the sentence about the figure before."""
    for slide in found:
        for text in slide.texts:
            lines = text.split("\n")
            if lines[0] in slide.described and len(lines) > 1:
                yield lines[0], lines[1], *lines[2:]


def _listed(found: list[Slide], formatter: LocaleFormatter) -> Iterator[tuple[str, ...]]:
    """The tiles in lists: name, figure, change, and the figure before."""
    head = [formatter.text(one) for one in (_("Figure"), _("Value"))]
    for slide in found:
        for table in slide.tables:
            for row in table[1:] if table[0][:2] == head else ():
                yield row[0].removeprefix("■ "), row[1], *row[2:]


def _is_large(shown: tuple[str, ...], tile: Json, formatter: LocaleFormatter) -> bool:
    name, value, *rest = shown
    return (name, value) == shown_tile(tile, formatter)[:2] and (
        not tile["compared"] or any(line.endswith(_against(tile, formatter)) for line in rest)
    )


def _is_listed(shown: tuple[str, ...], tile: Json, formatter: LocaleFormatter) -> bool:
    name, value, *rest = shown
    label, figure, _before = shown_tile(tile, formatter)
    if name != label or not re.fullmatch(rf"{re.escape(figure)}( (⚑?\d*))?", value):
        return False
    if tile["previous"] is None:
        # Without columns for it, none of the list has an earlier figure; words stand across them.
        return not rest or rest[-1] in ("–", "")
    return rest[-1] == formatter.value(tile["previous"], Unit[tile["unit"]])


def _against(tile: Json, formatter: LocaleFormatter) -> str:
    if tile["previous"] is None:
        return formatter.text(_("no earlier figure"))
    before = formatter.value(tile["previous"], Unit[tile["unit"]])
    if not isinstance(tile["value"], int | float):
        return formatter.text(_("previously {figure}", figure=before))
    change = formatter.change(tile["value"], tile["previous"], Unit[tile["unit"]]) or ""
    if tile["value"] == tile["previous"] or change.startswith("±"):
        return formatter.text(_("unchanged from {figure}", figure=before))
    up = tile["value"] > tile["previous"]
    sentence = _("up from {figure}", figure=before) if up else _("down from {figure}", figure=before)
    return formatter.text(sentence)


def shown_tile(tile: Json, formatter: LocaleFormatter) -> tuple[str, str, str]:
    """What a person must see of a tile: its name, its figure, and the figure before."""
    unit, before = Unit[tile["unit"]], ""
    if tile["compared"] and tile["previous"] is None:
        before = formatter.text(_("no earlier figure"))
    elif tile["compared"]:
        figure = formatter.value(tile["previous"], unit)
        before = formatter.text(_("previously {figure}", figure=figure))
    return tile["label"], formatter.value(tile["value"], unit), before


def _chart_alike(chart: Json, waiting: list[Slide], formatter: LocaleFormatter) -> None:
    known = any(value is not None for one in chart["series"] for value in one["values"])
    if not chart["categories"] or not known:
        return
    while not waiting[0].charts:
        waiting.pop(0)
    slide = waiting.pop(0)
    (native,) = slide.charts
    along = Unit[chart["categoryUnit"]]
    dated, drawn_ = along in (Unit.DATE, Unit.INSTANT), len(chart["categories"])
    if not dated and drawn_ > MOST_NAMES:
        assert str(drawn_ - MOST_NAMES) in "\n".join(slide.texts), "categories are left out without a word"
        drawn_ = MOST_NAMES
    assert native.series == [
        (label, [at(values, place) for place in range(drawn_)])
        for label, values in series_of(chart, formatter)
    ], chart["title"]
    names = chart["categories"][:drawn_]
    if along is Unit.DATE:
        assert native.categories == [date.fromisoformat(one) for one in names]
    elif along is Unit.INSTANT:
        # Hours of several days stand below their days, which the labels begin with.
        labels = formatter.labels(names, along)
        assert all(label.endswith(one) for label, one in zip(labels, native.categories, strict=True))
    else:
        assert native.categories == formatter.labels(names, along)


def _slides_of_table(table: Json, waiting: list[Slide], formatter: LocaleFormatter) -> None:
    if not table["rows"]:
        return
    while not (waiting[0].tables and table["title"] in waiting[0].described):
        waiting.pop(0)
    table = as_read(table)
    labels = [column["label"] for column in table["columns"]]
    units = [Unit[column["unit"]] for column in table["columns"]]
    shown = min(len(table["rows"]), MOST_ROWS)
    seen: set[tuple[int, int]] = set()
    said = ""
    for slide in _continued(waiting):
        said += "\n".join(slide.texts)
        ((head, *body),) = slide.tables
        first = _first_row(slide, len(table["rows"]), len(body), formatter)
        places = [labels.index(label) for label in head]
        for number, line in enumerate(body, first):
            sums = number == shown
            row = table["totals"] if sums else table["rows"][number]
            for place, text in zip(places, line, strict=True):
                assert _shows(text, row[place], units[place], formatter, total=sums), (table["key"], text)
                seen.add((number, place))
    # A column is on the slides for every row, or it is said to be missing.
    assert {place for _number, place in seen} == {place for number, place in seen if number == 0}
    assert all((number, place) in seen for _row, place in seen for number in range(shown))
    _said_missing(table, [place for place in range(len(labels)) if (0, place) not in seen], said, formatter)
    if len(table["rows"]) > shown:
        assert str(len(table["rows"]) - shown) in said


def _said_missing(table: Json, missing: list[int], said: str, formatter: LocaleFormatter) -> None:
    """The last slide counts and names what is missing: silent columns, and those that found no room."""
    lines = [*table["rows"][:MOST_ROWS], *([table["totals"]] if table["totals"] else [])]
    units = [Unit[column["unit"]] for column in table["columns"]]
    silent = [
        place
        for place in missing
        if units[place] not in (Unit.TEXT, Unit.DATE) and not any(_says(row[place]) for row in lines)
    ]
    roomless = [place for place in missing if place not in silent]
    labels = [column["label"] for column in table["columns"]]
    if silent:
        sentence = _n(
            "{count} column that holds only zeros or nothing here is left out: {names}.",
            "{count} columns that hold only zeros or nothing here are left out: {names}.",
            count=len(silent),
            names=", ".join(labels[place] for place in silent),
        )
        assert formatter.text(sentence) in said
    if roomless:
        sentence = _n(
            "{count} more column is in the Excel and CSV files: {names}.",
            "{count} more columns are in the Excel and CSV files: {names}.",
            count=len(roomless),
            names=formatter.value([labels[place] for place in roomless], Unit.TEXTS),
        )
        assert formatter.text(sentence) in said


def _says(cell: Any) -> bool:
    return bool(plain(cell)) or (isinstance(cell, dict) and cell["mark"] is not None)


def _first_row(slide: Slide, count: int, lines: int, formatter: LocaleFormatter) -> int:
    """The place of the first row of a slide, as it says it; a slide that says nothing has them all."""
    said = "\n".join(slide.texts)
    for first in range(count):
        for last in (first + lines, first + lines - 1):
            sentence = (
                _("Row {first} of {count}.", first=last, count=count)
                if last == first + 1
                else _("Rows {first} to {last} of {count}.", first=first + 1, last=last, count=count)
            )
            if formatter.text(sentence) in said:
                return first
    assert lines in (count, count + 1)
    return 0


def _continued(waiting: list[Slide]) -> Iterator[Slide]:
    """The slides of one table: the next one, and those that continue it by their numbers."""
    yield waiting.pop(0)
    number = 2
    while waiting and re.search(rf"\({number}\D+\d+\)$", waiting[0].title):
        yield waiting.pop(0)
        number += 1


def _shows(text: str, cell: Any, unit: Unit, formatter: LocaleFormatter, *, total: bool) -> bool:
    value = plain(cell)
    expected = "" if total and value is None else formatter.value(value, unit)
    expected = re.sub(r"[ \t\r\n]+", " ", expected).strip(" ")
    if text.endswith("…") and text != expected:
        return expected.startswith(text[:-1])
    signs = text[len(expected) :]
    return text.startswith(expected) and (not signs or (isinstance(cell, dict) and signs[0] == " "))


# ---- the PDF ------------------------------------------------------------------------------------


def pdf_alike(document: Json, made: Document, rows: Rows, formatter: LocaleFormatter) -> None:
    """Every cell of the PDF's tables is GraphQL's, and behind them are the figures of the charts."""
    pdf = Pdf(drawn(PDF, made, rows, Look(formatter, "", {"chart_data": True})))
    words = squeezed(pdf.words)
    for tile in tiles_in(document):
        assert squeezed("".join(shown_tile(tile, formatter)[:2])) in words, tile
    tables = [one for one in grids(document, "DocumentTable") if not one["hidden"]]
    expected = [grid(one, formatter) for one in (*tables, *grids(document, "DocumentChart"))]
    sheets = pdf.sheets
    assert len(sheets) >= len(expected)
    for sheet, one in zip(sheets, expected, strict=False):
        assert squeezed(sheet.title) == squeezed(one.caption)
        assert _squeezed(sheet.heads) == _squeezed(one.heads), one.caption
        assert [*map(_squeezed, sheet.texts)] == [*map(_squeezed, one.rows)], one.caption
        assert _squeezed(item.text for item in sheet.totals) == _squeezed(one.totals), one.caption


def _squeezed(texts: Iterable[str]) -> list[str]:
    return [squeezed(text) for text in texts]
