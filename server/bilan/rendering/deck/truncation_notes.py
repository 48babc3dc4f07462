"""Truncation notes: what slides leave out of a table, and the sentences that say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from bilan.rendering.deck.columns import Split
from bilan.rendering.deck.deck import Deck
from bilan.rendering.deck.footnotes import Footnote
from bilan.rendering.tables import read_columns
from bilan.rendering.views import ShownTable
from bilan.sdk.document import Cell, Table
from bilan.sdk.rendering import Rows
from bilan.sdk.textdomain import ngettext
from bilan.sdk.units import Unit

KEPT = frozenset({Unit.TEXT, Unit.DATE, Unit.WEEKDAY, Unit.HOUR})
"""Columns that say what a row is about stay, whatever they hold."""


def left_out(deck: Deck, table: Table, shown: ShownTable, splits: Sequence[Split]) -> list[Footnote]:
    """What the last slide says of the columns that no slide has room for."""
    rendered = {place for one in splits for place in one.places}
    missing = [column.label for place, column in enumerate(shown.columns) if place not in rendered]
    if not missing:
        return []
    names, count = deck.context.formatter.value(missing, Unit.TEXTS), len(missing)
    if table.file:
        sentence = ngettext(
            "{count} more column is in the Excel and CSV files: {names}.",
            "{count} more columns are in the Excel and CSV files: {names}.",
            count=count,
            names=names,
        )
    else:
        sentence = ngettext(
            "{count} more column is not shown: {names}.",
            "{count} more columns are not shown: {names}.",
            count=count,
            names=names,
        )
    return [Footnote(deck.text(sentence))]


def silent_columns(table: Table, rows: Rows, limit: int) -> frozenset[int]:
    """The columns that hold nothing but zeros, noes and gaps, in the shown rows and in the totals."""
    columns = read_columns(table)
    silent = {place for place, (_own, column) in enumerate(columns) if column.unit not in KEPT}
    for row in (*islice(rows(table), limit), *([table.totals] if table.totals else [])):
        silent -= {place for place in silent if _says_something(row[columns[place][0]])}
    return frozenset(silent)


def _says_something(value: Any) -> bool:
    return value.mark is not None or bool(value.value) if isinstance(value, Cell) else bool(value)


def without(
    deck: Deck, table: ShownTable, units: Sequence[Unit], silent: frozenset[int]
) -> tuple[ShownTable, list[Unit], str]:
    """The table without these columns, and the sentence that names them."""
    kept = [place for place in range(len(table.columns)) if place not in silent]
    names = ", ".join(table.columns[place].label for place in sorted(silent))
    sentence = ngettext(
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
