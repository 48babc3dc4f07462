"""Tables: so many rows a slide under the same heads, wide ones over several slides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import ceil
from typing import Any

from pptx.util import Emu

from bilan.rendering.deck import geometry as g
from bilan.rendering.deck.columns import Split, split
from bilan.rendering.deck.deck import Deck, described
from bilan.rendering.deck.geometry import Frame, inches
from bilan.rendering.deck.grid import Filled, add_grid
from bilan.rendering.deck.words import Run, cut, fitting
from bilan.rendering.tables import row_count
from bilan.rendering.views import ShownCell, ShownTable, shown_table
from bilan.sdk.document import Cell, Table
from bilan.sdk.messages import messages
from bilan.sdk.rendering import Rows
from bilan.sdk.units import Unit

_, _n = messages("bilan")

A_SLIDE = 14
KEPT = frozenset({Unit.TEXT, Unit.DATE})
"""Columns that say what a row is about stay, whatever they hold."""
HEAD, ROW, GENEROUS = 0.52, 0.288, 0.36
"""Heights in inches; few rows have more room."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What one slide shows of a table: rows and columns, and whether the totals stand below."""

    rows: tuple[tuple[ShownCell, ...], ...]
    first: int
    columns: Split
    totals: bool
    said: str
    """Which rows these are, and how many more there are."""
    dropped: str
    """Which columns are left out, where that is said."""


def add_table(deck: Deck, table: Table, rows: Rows, section: str, limit: int) -> None:
    """The slides of a table."""
    if table.hidden:
        return
    shown = shown_table(table, deck.look, rows, limit=limit)
    title = deck.titled(section, shown.title)
    if not shown.rows:
        slide = deck.slide(title)
        sentence = deck.text(_("No rows in this period"))
        deck.box(slide, g.BODY, [[Run(sentence, 16, "tx2")]], shown.title)
        return
    units = [column.unit for column in table.columns]
    splits, dropped = split(shown, units, g.ROOM), ""
    if len(splits) > 1 and (silent := silent_columns(table, rows, limit)):
        shown, units, dropped = _without(deck, shown, units, silent)
        splits = split(shown, units, g.ROOM)
    cuts = list(_cuts(deck, shown, splits, row_count(table), dropped))
    for number, one in enumerate(cuts, 1):
        name = title
        if len(cuts) > 1:
            name = deck.text(_("{title} ({number} of {count})", title=title, number=number, count=len(cuts)))
        _slide(deck, shown, one, name)


def silent_columns(table: Table, rows: Rows, limit: int) -> frozenset[int]:
    """The columns that hold nothing but zeros, noes and gaps, in the shown rows and in the totals."""
    silent = {place for place, column in enumerate(table.columns) if column.unit not in KEPT}
    for row in (*islice(rows(table), limit), *([table.totals] if table.totals else [])):
        silent -= {place for place in silent if _says_something(row[place])}
    return frozenset(silent)


def _says_something(value: Any) -> bool:
    return value.mark is not None or bool(value.value) if isinstance(value, Cell) else bool(value)


def _without(
    deck: Deck, table: ShownTable, units: Sequence[Unit], silent: frozenset[int]
) -> tuple[ShownTable, list[Unit], str]:
    """The table without these columns, and the sentence that names them."""
    kept = [place for place in range(len(table.columns)) if place not in silent]
    names = ", ".join(table.columns[place].label for place in sorted(silent))
    sentence = _n(
        "{count} column that holds only zeros or nothing here is left out: {names}.",
        "{count} columns that hold only zeros or nothing here are left out: {names}.",
        count=len(silent),
        names=names,
    )
    less = replace(
        table,
        columns=tuple(table.columns[place] for place in kept),
        rows=tuple(tuple(row[place] for place in kept) for row in table.rows),
        totals=tuple(table.totals[place] for place in kept) if table.totals else (),
    )
    return less, [units[place] for place in kept], deck.text(sentence)


def _cuts(deck: Deck, table: ShownTable, splits: Sequence[Split], total: int, dropped: str) -> Iterator[Cut]:
    """The slides: all columns of some rows, then the next rows."""
    # Evenly many on each, rather than one that is left over.
    each = ceil(len(table.rows) / ceil(len(table.rows) / A_SLIDE))
    for start in range(0, len(table.rows), each):
        some = table.rows[start : start + each]
        last = start + len(some) == len(table.rows)
        said = f"{_rows_said(deck, start + 1, start + len(some), total)} {table.left_out}".strip()
        for columns in splits:
            end = last and columns is splits[-1]
            yield Cut(some, start, columns, last and bool(table.totals), said, dropped if end else "")


def _rows_said(deck: Deck, first: int, last: int, count: int) -> str:
    if first == last:
        return deck.text(_("Row {first} of {count}.", first=first, count=count))
    return deck.text(_("Rows {first} to {last} of {count}.", first=first, last=last, count=count))


def _slide(deck: Deck, table: ShownTable, cut_: Cut, title: str) -> None:
    places = cut_.columns.places
    metrics = [table.columns[place].definition for place in places]
    slide = deck.slide(title, cut_.said, metrics=metrics)
    size = cut_.columns.size
    heads = [
        Filled(table.columns[place].label, end=table.columns[place].figure, size=size) for place in places
    ]
    body = [_line(row, cut_) for row in cut_.rows]
    totals = _line(table.totals, cut_) if cut_.totals else None
    height = ROW if len(cut_.rows) > A_SLIDE * 2 // 3 else GENEROUS
    where = Frame(g.BODY.x, g.BODY.y, inches(sum(cut_.columns.widths)), 0)
    shape = add_grid(deck, slide, where, cut_.columns.widths, (HEAD, height), heads, body, totals)
    described(shape, table.title, _description(deck, table, cut_))
    _remarks(deck, slide, table, cut_)


def _line(cells: Sequence[ShownCell], cut_: Cut) -> list[Filled]:
    columns = cut_.columns
    return [
        Filled(
            cut(cells[place].text, width - 0.2, columns.size),
            signs="".join(f" {sign}" for sign in cells[place].signs),
            end=cells[place].figure,
            alert=cells[place].alert,
            size=columns.size,
        )
        for place, width in zip(columns.places, columns.widths, strict=True)
    ]


def _description(deck: Deck, table: ShownTable, cut_: Cut) -> str:
    heads = ", ".join(table.columns[place].label for place in cut_.columns.places)
    columns = deck.text(_("Columns: {names}.", names=heads))
    return f"{table.title}. {cut_.said} {columns}"


def _remarks(deck: Deck, slide: Any, table: ShownTable, cut_: Cut) -> None:
    used = {sign for row in cut_.rows for place in cut_.columns.places for sign in row[place].signs}
    if cut_.totals:
        used |= {sign for place in cut_.columns.places for sign in table.totals[place].signs}
    said = [f"{sign} {sentence}".strip() for sign, sentence in table.remarks if not sign or sign in used]
    said += [cut_.dropped] if cut_.dropped else []
    if said:
        text = "   ".join(said)
        size = fitting(text, 2 * g.ROOM - 1, (10, 9, 8))
        box = deck.box(slide, g.REMARKS, [[Run(text, size, "tx2")]], deck.text(_("Notes")))
        box.top = Emu(g.REMARKS.y)
