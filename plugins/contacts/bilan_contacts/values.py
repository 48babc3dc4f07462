"""Values of contacts: what names one of them, and what rows of tables must say."""

from __future__ import annotations

from datetime import datetime, tzinfo
from email.utils import parseaddr
from typing import Any

from bilan.sdk import TableRow, Unreadable, read_instant, read_text
from bilan_contacts.textdomain import _


def contact_name(value: Any) -> str:
    """An e-mail address in lower case and without what stands around it; any other name as it is."""
    written = read_text(value).strip()
    if "@" not in written:
        return written
    if "<" in written:
        written = parseaddr(written)[1] or written
    return written.lower()


def cell(row: TableRow, *columns: str) -> str:
    """The text of the first of the columns that has one."""
    return next(filter(None, (read_text(row.get(column)).strip() for column in columns)), "")


def needed(row: TableRow, column: str) -> str:
    """The text of a column. Raises ``Unreadable`` where it has none."""
    if found := cell(row, column):
        return found
    raise Unreadable(_("This row has nothing in the column {column}.", column=column))


def needed_instant(row: TableRow, column: str, zone: tzinfo) -> datetime:
    """The moment in a column, in UTC. Raises ``Unreadable`` where it has none."""
    if (found := read_instant(row.get(column), zone)) is not None:
        return found
    raise Unreadable(_("This row has nothing in the column {column}.", column=column))
