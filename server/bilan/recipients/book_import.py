"""Importing recipients: a table of addresses, names, preferences and attributes, row by row.

Each row is taken whole or refused with a sentence. A row that says what is known already changes nothing, so
the same file may be imported again.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from uuid import UUID

from bilan.accounts.addresses import lower
from bilan.accounts.policy import Action, require
from bilan.accounts.reading import members_of
from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.recipients.address_book import AddressBook
from bilan.recipients.attributes import RecipientAttributes, checked_attribute
from bilan.recipients.reading import plain_words
from bilan.sdk.errors import BilanError, Invalid
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _

MOST_ROWS = 5000
LARGEST = 5 * 1024 * 1024
"""Bytes of a file."""
COLUMNS = {
    "address": "address", "email": "address", "email address": "address", "adresse": "address",
    "adresse email": "address", "courriel": "address",
    "first name": "first_name", "firstname": "first_name", "prenom": "first_name",
    "last name": "last_name", "lastname": "last_name", "surname": "last_name", "nom": "last_name",
    "language": "language", "langue": "language",
    "zone": "zone", "time zone": "zone", "timezone": "zone", "fuseau horaire": "zone",
}  # fmt: skip
"""The columns that are no attributes, by what they may be called; see :func:`_column`."""


@dataclass(frozen=True, slots=True)
class RefusedRecipient:
    """A row that was not taken: its line in the file, its address as it was written, and why."""

    line: int
    address: str
    reason: Message


@dataclass(frozen=True, slots=True)
class ImportedRecipients:
    """What became of the rows of a file."""

    added: int
    changed: int
    unchanged: int
    attributes: tuple[str, ...]
    """The headings that name no column, and so became attributes."""
    refused: tuple[RefusedRecipient, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    fields: Mapping[str, str]
    """Those that are filled in."""
    attributes: Mapping[str, tuple[str, ...]]
    further: bool
    """Whether cells follow for which the first line has no name, as after a separator within a text."""

    @property
    def address(self) -> str:
        return self.fields.get("address", "")


class BookImport:
    """Takes tables of recipients, for whoever manages them."""

    def __init__(self, catalog: Catalog, book: AddressBook, attributes: RecipientAttributes) -> None:
        self._catalog, self._book, self._attributes = catalog, book, attributes

    async def take(self, actor: Principal, text: str) -> ImportedRecipients:
        """Add and correct who stands in a CSV file.

        The first line names the columns: an address, and as far as they are
        there first and last name, language and time zone; each further one
        is an attribute, with values separated by semicolons. An empty cell
        leaves what is known. Of people of the workspace attributes alone are taken.

        Raises ``Forbidden``, and ``Invalid`` where it is no such table; nothing is taken then.
        """
        require(actor, Action.MANAGE_RECIPIENTS)
        columns, rows = _table(text)
        people = {one.email: one.id for one in await members_of(actor.workspace) if one.active}
        counts, refused, seen = {"added": 0, "changed": 0, "unchanged": 0}, list[RefusedRecipient](), {}
        for row in rows:
            address = lower(row.address)
            try:
                if row.further:
                    raise Invalid(_("This line has more cells than the first line has names."))
                if first := seen.get(address):
                    raise Invalid(_("This address stands in line {line} already.", line=first))
                # Each for itself, so that nobody else waits for thousands of rows. The file can be
                # imported again where this ends in the middle.
                async with self._catalog.transaction():
                    # Of two files at once, the second is told what the first made of the address.
                    await self._catalog.advisory_lock(f"recipient {actor.workspace} {address}")
                    counts[await self._take(actor, row, people.get(address))] += 1
                seen[address] = row.line
            except BilanError as error:
                refused.append(RefusedRecipient(row.line, row.address, error.message))
        names = tuple(one[1:] for one in columns if one.startswith(":"))
        return ImportedRecipients(**counts, attributes=names, refused=tuple(refused))

    async def _take(self, actor: Principal, row: _Row, person: UUID | None) -> str:
        """What became of the row. Raises what adding and correcting raise."""
        outcome, ident = "unchanged", person
        if ident is None:
            ident, outcome = await self._book.put(actor, row.fields)
        elif not row.attributes:
            raise Invalid(
                _("{address} is a person of this workspace; choose them as such.", address=row.address)
            )
        before = await self._attributes.get(actor, ident)
        after = {**before, **row.attributes}
        if after != before:
            await self._attributes.change(actor, ident, after)
            if outcome == "unchanged":
                outcome = "changed"
        return outcome


def decoded(content: bytes) -> str:
    """The text of a file, in UTF-8 or as Windows wrote it, also as its “Unicode text”."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _table(text: str) -> tuple[Sequence[str], Sequence[_Row]]:
    """What the columns stand for, and the rows below the heading. Raises ``Invalid`` at ``file``."""
    if len(text) > LARGEST:
        raise Invalid(_("The file is too large; split it."), ("file",))
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    heading = next((one for one in text.splitlines() if one.strip()), "")
    delimiter = max("\t;,", key=heading.count)
    columns, rows = list[str](), list[_Row]()
    for line, given in lines_of(StringIO(text, newline=""), delimiter, "file"):
        cells = [one.strip() for one in given]
        if not any(cells):
            continue
        if not columns:
            columns = _columns(cells)
        elif len(rows) < MOST_ROWS:
            rows.append(_row(line, columns, cells))
        else:
            raise Invalid(_("A file has at most {most} rows; split it.", most=MOST_ROWS), ("file",))
    if not columns:
        raise Invalid(_("The file is empty."), ("file",))
    return columns, rows


def lines_of(text: StringIO, delimiter: str, field: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each line of CSV, with its number: of a cell of several lines, the first.

    A quotation mark that is not closed would take all lines behind it into its
    cell, and nobody would miss them. Raises ``Invalid`` at the field.
    """
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise Invalid(
            _("Line {line}: a quotation mark is not closed, text follows one that is, or a cell is too long.",
              line=line),
            (field,),
        ) from error  # fmt: skip


def _columns(heading: Sequence[str]) -> list[str]:
    """The fields that columns stand for, and the names of attributes, each with a colon before it."""
    columns = [_column(one) for one in heading]
    if "address" not in columns:
        raise Invalid(
            _("The first line has to name the columns, and one of them has to be “address”."), ("file",)
        )
    for place, name in enumerate(columns):
        if name and name in columns[:place]:
            # By whatever names: “e-mail” and “address” are the same.
            both = dict.fromkeys((heading[columns.index(name)], heading[place]))
            raise Invalid(_("Two columns are the same: {names}.", names=", ".join(both)), ("file",))
    return columns


def _column(heading: str) -> str:
    if not heading:
        return ""
    known = COLUMNS.get(plain_words(heading.replace("_", " ").replace("-", "")))
    try:
        return known or f":{checked_attribute(heading)}"
    except BilanError as error:
        raise Invalid(error.message, ("file",)) from error


def _row(line: int, columns: Sequence[str], cells: Sequence[str]) -> _Row:
    filled = [(column, cell) for column, cell in zip(columns, cells, strict=False) if column and cell]
    values = {
        column[1:]: tuple(dict.fromkeys(one.strip() for one in cell.split(";") if one.strip()))
        for column, cell in filled
        if column.startswith(":")
    }
    return _Row(
        line,
        {column: cell for column, cell in filled if not column.startswith(":")},
        {name: some for name, some in values.items() if some},
        any(cells[len(columns) :]),
    )
