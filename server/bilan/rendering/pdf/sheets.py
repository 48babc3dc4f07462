"""Tables as the template sets them: in one piece, or in parts that a row can be followed through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bilan.rendering.pdf.columns import GAP, HIGH, LOW, SIZE, Band, Layout
from bilan.rendering.pdf.texts import Writing
from bilan.rendering.text_width import embedded_shortened
from bilan.rendering.views import ShownCell, ShownTable
from bilan.sdk.messages import Message
from bilan.sdk.rendering import Formatter
from bilan.sdk.textdomain import _, ngettext
from bilan.sdk.units import Unit

LINES = 6
"""About how many lines of a cell are shown; a longer text stands in the files of rows as a whole."""


def sheet_item(table: ShownTable, layout: Layout, formatter: Formatter, write: Writing) -> dict[str, Any]:
    """A table with its notes, its columns where the layout puts them."""

    def say(sentence: Message) -> str:
        return write(formatter.text(sentence))

    bands = layout.bands
    parted = len(bands) > 1
    return {
        "type": "table",
        "parts": say(_parts(table, bands, formatter)) if parted else "",
        "notes": [write(sentence) for sign, sentence in table.footnotes if not sign],
        "bands": [
            {
                "title": say(_name(table, place, bands)) if parted else "",
                "empty": say(_("No rows in this period")),
                **_band(table, band, layout.size, write),
            }
            for place, band in enumerate(bands)
        ],
        "striped": layout.flipped,
        "left_out": write(table.left_out),
        "remarks": [[sign, write(sentence)] for sign, sentence in table.footnotes if sign],
    }


def _parts(table: ShownTable, bands: Sequence[Band], formatter: Formatter) -> Message:
    """What somebody must know to follow a row through all parts."""
    first = [table.columns[place].label for place in bands[1].places[: bands[1].repeated]]
    return ngettext(
        "The columns stand in {parts} parts, one below the other;"
        " the column that says which row it is comes first in each: {columns}.",
        "The columns stand in {parts} parts, one below the other;"
        " the columns that say which row it is come first in each: {columns}.",
        count=len(first),
        parts=len(bands),
        columns=formatter.value(first, Unit.TEXTS),
    )


def _name(table: ShownTable, place: int, bands: Sequence[Band]) -> Message:
    own = bands[place].places[bands[place].repeated :]
    return _(
        "{title}: part {part} of {parts} ({first} – {last})",
        title=table.title,
        part=place + 1,
        parts=len(bands),
        first=table.columns[own[0]].label,
        last=table.columns[own[-1]].label,
    )


def _band(table: ShownTable, band: Band, size: float, write: Writing) -> dict[str, Any]:
    places = band.places
    return {
        "size": size,
        "gap": GAP,
        "high": HIGH if size == SIZE else LOW,
        "widths": band.widths,
        "heads": [write(table.columns[place].label) for place in places],
        "figures": [table.columns[place].figure for place in places],
        "rows": [_line(row, band, size, write) for row in table.rows],
        "totals": _line(table.totals, band, size, write) if table.totals else [],
    }


def _line(row: Sequence[ShownCell], band: Band, size: float, write: Writing) -> list[str | dict[str, Any]]:
    rooms = [LINES * (width - 2 * GAP) for width in band.widths]
    return [_cell(row[place], write, room, size) for place, room in zip(band.places, rooms, strict=True)]


def _cell(cell: ShownCell, write: Writing, room: float, size: float) -> str | dict[str, Any]:
    text = write(embedded_shortened(cell.text, room, size, strong=cell.alert))
    if not cell.signs and not cell.alert:
        return text
    return {"text": text, "signs": cell.signs, "alert": cell.alert}
