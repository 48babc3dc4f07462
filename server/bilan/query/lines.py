"""Facts as lines of delimited text that the engine writes, without a value a cell in Python.

See docs/decisions/061.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from bilan.query.binder import Binder, Statement
from bilan.query.sorting import Sorting
from bilan.sdk.conditions import Condition
from bilan.sdk.datasets import Column, ColumnType
from bilan.warehouse.types import instant_text, quote

if TYPE_CHECKING:
    from bilan.query.facts import Facts

TEXTUAL = frozenset({ColumnType.TEXT, ColumnType.TEXTS})
NEWLINE = "\r\n"


@dataclass(frozen=True, slots=True)
class LineForm:
    """How lines are written: quoted where they must be, as RFC 4180 says, ended by CRLF.

    Instants are ISO 8601 in UTC to the microsecond, booleans ``true`` and
    ``false``, and what is not there nothing.
    """

    columns: tuple[str, ...]
    delimiter: str
    sources: Mapping[UUID, str]
    """The names of the sources."""
    between: str | None = None
    """What stands between the items of a list; ``None`` writes lists as JSON."""
    doubtful: str = ""
    """A regular expression (RE2): lines in which it is found are given as cells, for a closer look."""
    first: tuple[tuple[Condition, str], ...] = field(default=())
    """A column before the others: the text of the first condition that the fact satisfies."""


def statement(facts: Facts, sorting: Sorting, form: LineForm) -> Statement:
    """Two columns: whether a line is doubtful, and the line itself, or else its cells as a list in JSON."""
    names, binder = facts.names, facts.binder
    columns = [names.column(name) for name in form.columns]
    cells = [_cell(column, form, binder) for column in columns]
    quoted = [
        _quoted(cell, form.delimiter) if column.type in TEXTUAL else cell
        for column, cell in zip(columns, cells, strict=True)
    ]
    if form.first:
        cells.insert(0, _first(facts, form))
        quoted.insert(0, _quoted(cells[0], form.delimiter))
    line = f"arrayStringConcat([{', '.join(quoted)}], {_literal(form.delimiter)})"
    doubtful = f"match({line}, {binder.bind(form.doubtful, 'String')})" if form.doubtful else "0"
    # Written before they are sorted: one text is moved instead of a value a column.
    written = [
        f"{doubtful} AS _doubtful",
        f"if(_doubtful, toJSONString([{', '.join(cells)}]), concat({line}, {_literal(NEWLINE)})) AS _line",
        *(f"_f.{quote(one.key)} AS {quote(one.key)}" for one in sorting.keys),
    ]
    sql = (
        f"SELECT _s._doubtful, _s._line\nFROM (SELECT {', '.join(written)}\n"
        f"FROM {facts.relation}) AS _s\nORDER BY {sorting.sql('_s.')}"
    )
    return Statement(sql, binder.parameters)


def _cell(column: Column, form: LineForm, binder: Binder) -> str:
    value = f"_f.{quote(column.name)}"
    if column.name == "source":
        ids, names = binder.bind(list(form.sources), "Array(UUID)"), binder.texts(list(form.sources.values()))
        return f"transform({value}, {ids}, {names}, '')" if form.sources else "''"
    match column.type:
        case ColumnType.TEXT:
            text = value
        case ColumnType.TEXTS:
            between = form.between
            joined = f"arrayStringConcat({value}, {_literal(between or '')})"
            return f"toJSONString({value})" if between is None else joined
        case ColumnType.BOOLEAN:
            text = f"if({value}, 'true', 'false')"
            return f"if(isNull({value}), '', {text})" if column.nullable else text
        case ColumnType.INSTANT:
            text = instant_text(value, "Z")
        case _:
            text = f"toString({value})"
    return f"ifNull({text}, '')" if column.nullable else text


def _first(facts: Facts, form: LineForm) -> str:
    parts = [
        f"{facts.conditions.sql(condition)}, {facts.binder.bind(text, 'String')}"
        for condition, text in form.first
    ]
    return f"multiIf({', '.join(parts)}, '')"


def _quoted(cell: str, delimiter: str) -> str:
    special = ", ".join(map(_literal, ('"', delimiter, "\r", "\n")))
    enclosed = f"concat('\"', replaceAll({cell}, '\"', '\"\"'), '\"')"
    return f"if(multiSearchAny({cell}, [{special}]), {enclosed}, {cell})"


def _literal(text: str) -> str:
    """A text of this module's own, or a delimiter: never one that anybody wrote."""
    written = text.replace("\\", "\\\\").replace("'", "\\'").replace("\r", "\\r").replace("\n", "\\n")
    return f"'{written}'"
