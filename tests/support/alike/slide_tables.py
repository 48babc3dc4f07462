"""Whether a table's rows are on the slides, and what found no room on them is said to be missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bilan.i18n import LocaleFormatter
from bilan.sdk.messages import messages
from bilan.sdk.units import Unit
from support.alike.seen import as_read
from support.rendered import plain
from support.slides import Slide

_, ngettext = messages("bilan")
Json = dict[str, Any]

MOST_ROWS = 28
"""What slides show of a table."""


def table_alike(table: Json, waiting: list[Slide], formatter: LocaleFormatter) -> None:
    """Every cell on the slides taken for the table is GraphQL's, and what is on none is named."""
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
        # Whatever a language puts between thousands.
        assert str(len(table["rows"]) - shown) in re.sub(r"(?<=\d)[,.\s](?=\d{3})", "", said)


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
        sentence = ngettext(
            "{count} column that holds only zeros or nothing here is left out: {names}.",
            "{count} columns that hold only zeros or nothing here are left out: {names}.",
            count=len(silent),
            names=", ".join(labels[place] for place in silent),
        )
        assert formatter.text(sentence) in said
    if roomless:
        sentence = ngettext(
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
    # A column without a total is blank; a total that cannot be stated is a dash with the reason beside it.
    expected = "" if total and cell is None else formatter.value(value, unit)
    expected = re.sub(r"[ \t\r\n]+", " ", expected).strip(" ")
    if text.endswith("…") and text != expected:
        return expected.startswith(text[:-1])
    signs = text[len(expected) :]
    return text.startswith(expected) and (not signs or (isinstance(cell, dict) and signs[0] == " "))
