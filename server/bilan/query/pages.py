"""Pages of facts as JSON that the engine writes, without a value a cell in Python. See docs/decisions/061."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import msgspec

from bilan.query.binder import Binder, Statement
from bilan.query.sorting import Sorting, Values, settling
from bilan.sdk.datasets import Column, ColumnType
from bilan.warehouse.types import instant, instant_text, quote

if TYPE_CHECKING:
    from bilan.query.facts import Facts
    from bilan.query.names import Names

TYPES: Mapping[ColumnType, Any] = {
    ColumnType.TEXT: str,
    ColumnType.TEXTS: list[str],
    ColumnType.INTEGER: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)],
    ColumnType.NUMBER: float,
    ColumnType.BOOLEAN: bool,
    ColumnType.INSTANT: Annotated[int, msgspec.Meta(ge=-(2**55), le=2**57)],
    ColumnType.DATE: date,
}
"""What the key of a fact holds; a moment in microseconds since 1970, as many as calendars know."""

# No name of GraphQL begins with an @, so what the engine adds hides nothing.
_OF_OBJECT = re.compile(rb'\{"@key":"([\w=-]*)",?', re.ASCII)
_OF_LISTS = re.compile(rb'\{"@keys":\["([\w=-]*)","([\w=-]*)"\],"@rows":(\d+),?', re.ASCII)


class Layout(StrEnum):
    """How a page is laid out."""

    OBJECTS = "objects"
    """A list of objects, one a fact."""
    LISTS = "lists"
    """An object of lists, one a column."""


@dataclass(frozen=True, slots=True)
class PageForm:
    """What a page holds, and how."""

    layout: Layout
    columns: Mapping[str, str]
    """The column that stands under each name."""
    constants: Mapping[str, str]
    """Names under which the same text always stands."""
    sources: Mapping[UUID, str]
    """The names of the sources."""
    limit: int


@dataclass(frozen=True, slots=True)
class FactPage:
    """A page of facts: its JSON, the keys of its first and its last fact, and whether more come after it."""

    json: bytes
    start: str
    end: str
    more: bool


def statement(facts: Facts, sorting: Sorting, form: PageForm) -> Statement:
    """The page, and one fact more, which tells whether more come after it."""
    names, binder = facts.names, facts.binder
    key = settling(names.dataset)
    columns = {name: names.column(column) for name, column in form.columns.items()}
    read = dict.fromkeys((*key, *(column.name for column in columns.values())))
    limit = binder.bind(form.limit + 1, "UInt64")
    # Values are written behind the limit, and columns read by qualified names: a
    # name of the page would otherwise stand for the column that it hides.
    page = (
        f"(SELECT {', '.join(f'_f.{quote(name)} AS {quote(name)}' for name in read)}\n"
        f"FROM {facts.relation}\nORDER BY {sorting.sql('_f.')}\nLIMIT {limit}) AS _p"
    )
    place = f"base64URLEncode(toJSONString(tuple({', '.join(_place(names.column(name)) for name in key)})))"
    written = {name: _written(column, binder, form.sources) for name, column in columns.items()}
    constants = [f"{binder.bind(text, 'String')} AS `{name}`" for name, text in form.constants.items()]
    if form.layout is Layout.OBJECTS:
        shown = [f"{place} AS `@key`", *(f"{sql} AS `{name}`" for name, sql in written.items()), *constants]
        return Statement(f"SELECT {', '.join(shown)}\nFROM {page}", binder.parameters)
    most = int(form.limit)
    # In tuples, as the values alone would be gathered without those that are null.
    gathered = (
        f"groupArray({most})(tuple({', '.join([place, *written.values()])})) AS _facts, count() AS _rows"
    )
    keys = "tupleElement(_l._facts, 1)"
    shown = [f"[{keys}[1], {keys}[-1]] AS `@keys`", "_l._rows AS `@rows`"]
    shown += [f"tupleElement(_l._facts, {n}) AS `{name}`" for n, name in enumerate(written, 2)]
    return Statement(
        f"SELECT {', '.join([*shown, *constants])}\nFROM (SELECT {gathered}\nFROM {page}) AS _l",
        binder.parameters,
    )


def read(form: PageForm, text: bytes) -> FactPage:
    """What that statement gives, in lines of JSON."""
    if form.layout is Layout.LISTS:
        (start, end, rows) = _match(_OF_LISTS, text).groups()
        return FactPage(
            _OF_LISTS.sub(b"{", text.rstrip(), count=1), start.decode(), end.decode(), int(rows) > form.limit
        )
    lines = text.split(b"\n")[:-1]
    shown = lines[: form.limit]
    start, end = (
        (_match(_OF_OBJECT, line)[1].decode() for line in (shown[0], shown[-1])) if shown else ("", "")
    )
    json = b"".join((b"[", b",".join(_OF_OBJECT.sub(b"{", line, count=1) for line in shown), b"]"))
    return FactPage(json, start, end, len(lines) > form.limit)


def key_of(names: Names, text: str) -> Values:
    """The fact's key that a page gave. Raises ``ValueError`` or ``msgspec.MsgspecError`` where it is none."""
    columns = [names.column(name) for name in settling(names.dataset)]
    packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    given = msgspec.json.decode(packed, type=list[Any])
    return {column.name: _read(column, value) for column, value in zip(columns, given, strict=True)}


def _match(pattern: re.Pattern[bytes], text: bytes) -> re.Match[bytes]:
    found = pattern.match(text)
    if found is None:
        raise ValueError(text[:100])
    return found


def _place(column: Column) -> str:
    value = f"_p.{quote(column.name)}"
    return f"toUnixTimestamp64Micro({value})" if column.type is ColumnType.INSTANT else value


def _read(column: Column, value: Any) -> Any:
    type_: Any = UUID if column.name == "source" else TYPES[column.type]
    plain: Any = msgspec.convert(value, type_ | None if column.nullable else type_)
    return instant(plain) if column.type is ColumnType.INSTANT and plain is not None else plain


def _written(column: Column, binder: Binder, sources: Mapping[UUID, str]) -> str:
    value = f"_p.{quote(column.name)}"
    if column.name == "source":
        ids, names = binder.bind(list(sources), "Array(UUID)"), binder.texts(list(sources.values()))
        return f"transform({value}, {ids}, {names}, '')" if sources else "''"
    if column.type is ColumnType.INSTANT:
        return instant_text(value, "+00:00")
    return value
