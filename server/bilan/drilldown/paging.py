"""Paging: pages of rows, each going on from a row, so that none is shown twice and none passed over."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import msgspec

from bilan.drilldown.values import Rows, Window
from bilan.query.names import SOURCE
from bilan.query.sorting import Place
from bilan.sdk.datasets import Column, ColumnType
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from bilan.drilldown.drilldown import Drilldown, Row

WHOLE_NUMBER = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
TYPES: Mapping[ColumnType, Any] = {
    ColumnType.TEXT: str,
    ColumnType.TEXTS: list[str],
    ColumnType.INTEGER: WHOLE_NUMBER,
    ColumnType.NUMBER: float,
    ColumnType.BOOLEAN: bool,
    ColumnType.INSTANT: Annotated[datetime, msgspec.Meta(tz=True)],
    ColumnType.DATE: date,
}


class Cursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The place of a row in the order of a column, and its number there, from 1, when it was shown."""

    by: str
    number: Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
    key: list[Any]

    def __str__(self) -> str:
        """As it stands in addresses: opaque, and nothing that has to be escaped."""
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")


def page(drilldown: Drilldown, window: Window) -> Rows:
    """The rows in a window. Blocking.

    Raises ``Invalid`` for what is no cursor of these rows in this order, and
    whatever :meth:`Drilldown.rows` raises.
    """
    backwards = bool(window.before and not window.after)
    cursor = _read(drilldown, window) if window.after or window.before else None
    place = Place(dict(zip(drilldown.settling, cursor.key, strict=True)), backwards) if cursor else None
    # One more than is shown tells whether there are more.
    found = list(drilldown.rows(by=window.by, limit=window.limit + 1, place=place))
    beyond, found = len(found) > window.limit, found[: window.limit]
    if backwards:
        found.reverse()
    previous, more = (beyond, True) if backwards else (cursor is not None, beyond)
    first = 1
    if cursor is not None and previous:
        first = max(cursor.number - len(found), 1) if backwards else cursor.number + 1
    return Rows(
        rows=tuple(row.values for row in found),
        first=first,
        start=_at(window.by, first, found[0]) if found else "",
        end=_at(window.by, first + len(found) - 1, found[-1]) if found else "",
        previous=previous,
        more=more,
    )


def _at(by: str, number: int, row: Row) -> str:
    return str(Cursor(by, number, list(row.key)))


def _read(drilldown: Drilldown, window: Window) -> Cursor:
    text, name = (window.after, "after") if window.after else (window.before, "before")
    columns = (SOURCE if one == "source" else drilldown.dataset.by_name[one] for one in drilldown.settling)
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        cursor = msgspec.json.decode(packed, type=Cursor)
        pairs = zip(cursor.key, columns, strict=True)
        key = [msgspec.convert(value, type_of(column)) for value, column in pairs]
    except (ValueError, msgspec.MsgspecError) as error:
        raise _refused(text, name) from error
    if cursor.by != window.by:
        raise _refused(text, name)
    return Cursor(cursor.by, cursor.number, key)


def type_of(column: Column) -> Any:
    """What a value of the column is read as."""
    if column.name == "source":
        return UUID
    return TYPES[column.type] | None if column.nullable else TYPES[column.type]


def _refused(text: str, name: str) -> Invalid:
    return Invalid(
        _("“{cursor}” is no place among these rows in this order; begin with the first page.",
          cursor=text if len(text) <= 40 else f"{text[:40]}…"),
        (name,),
    )  # fmt: skip
