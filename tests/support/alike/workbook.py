"""Whether the workbook holds what GraphQL gave: every cell, of its type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bilan.i18n import LocaleFormatter
from bilan.rendering.marks import MARKS
from bilan.rendering.xlsx_format import XLSX
from bilan.sdk.document import Document, Mark
from bilan.sdk.messages import Message, messages
from bilan.sdk.rendering import RenderContext, Rows
from bilan.sdk.units import Unit
from support.alike.seen import CATEGORIES, at, grids, rendered, tiles_in, worded, written_series
from support.rendered import plain
from support.sheets import Entry
from support.sheets import read as read_sheets

_ = messages("bilan")[0]
Json = dict[str, Any]
_DAY = 86_400
_REMARKS = {"mark": Message("basis"), "note": Message("note")}


def workbook_alike(document: Json, made: Document, rows: Rows, formatter: LocaleFormatter) -> None:
    """Every cell of the workbook is the one that GraphQL gave, of its type."""
    sheets = read_sheets(rendered(XLSX, made, rows, RenderContext(formatter, "")))
    summary, *filled = sheets.values()
    found = grids(document)
    # Behind them come the definitions, where there are any.
    assert len(filled) == len(found) + bool(made.definitions)
    for sheet, block in zip(filled, found, strict=False):
        expected = list(
            _chart_lines(block, formatter) if "series" in block else _table_lines(block, formatter)
        )
        assert _padded(sheet.rows) == _padded(expected), block["title"]
    head = formatter.text(_("Figure"))
    place = next((n for n, row in enumerate(summary.values) if len(row) > 1 and row[1] == head), None)
    shown = [one for tile in tiles_in(document) for one in (tile, tile["beside"]) if one]
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
    if tile["unit"] == "PROPORTION":
        return (value - before) * 100
    return (value - before) / abs(before) if before else None


def _padded(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    wide = max(map(len, rows))
    return [[*row, *[None] * (wide - len(row))] for row in rows]


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
        case Unit.WEEKDAY | Unit.HOUR:
            return entry.value == formatter.value(value, unit)
        case Unit.TEXTS:
            return entry.value == "; ".join(value)
        case _:
            return entry.value == value and isinstance(entry.value, bool) == isinstance(value, bool)


def _table_lines(table: Json, formatter: LocaleFormatter) -> Iterator[list[Any]]:
    columns = [(column["label"], Unit[column["unit"]]) for column in table["columns"]]
    codes = [column["names"] for column in table["columns"]]
    lines = [*table["rows"], *([table["totals"]] if table["totals"] else [])]
    beside = [
        [key for key in _REMARKS if any(isinstance(row[n], dict) and row[n][key] for row in lines)]
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
            line.append(Like(plain(worded(cell, names)), unit, formatter))
            line += [Like(_remark(cell, key, formatter), Unit.TEXT, formatter) for key in keys]
        yield line


def _of(label: str, what: str, formatter: LocaleFormatter) -> str:
    return formatter.text(_("{column} ({what})", column=label, what=what))


def _remark(cell: Any, key: str, formatter: LocaleFormatter) -> Any:
    found = cell[key] if isinstance(cell, dict) else None
    return formatter.text(MARKS[Mark(found)].short) if found and key == "mark" else found


def _chart_lines(chart: Json, formatter: LocaleFormatter) -> Iterator[list[Any]]:
    along, written = Unit[chart["categoryUnit"]], written_series(chart, formatter)
    first = CATEGORIES.get(along, _("Category"))
    name = formatter.text(first)
    if along is Unit.INSTANT:
        name = _of(name, formatter.zone, formatter)
    yield [Entry(name), *(Entry(label) for label, *_rest in written)]
    for place, category in enumerate(chart["categories"]):
        figures = (Like(at(values, place), unit, formatter) for _label, values, unit in written)
        yield [Like(worded(category, chart["names"]), along, formatter), *figures]
    drawn = [values for _label, values, _unit in written[: len(chart["series"]) + len(chart["previous"])]]
    if all(value is None for values in drawn for value in values):
        yield [Entry(formatter.text(_("No figures in this period")))]
