"""Files that hold a table for each network, one below the other, as scheduling tools export them."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import islice
from typing import Any

from bilan.sdk import (
    BilanError,
    ColumnMapping,
    ImportFile,
    Invalid,
    Message,
    Reject,
    RowFacts,
    Settings,
    TableBatch,
    TableFile,
    TableRow,
    UnreadableRow,
    constant,
    encode,
    open_text,
)
from bilan_social_profiles.network_names import is_network, read_network
from bilan_social_profiles.readers.proposal import propose
from bilan_social_profiles.readers.rows import RowsReader
from bilan_social_profiles.readers.words import uses_of
from bilan_social_profiles.textdomain import _, ngettext
from bilan_social_profiles.vocabulary import COMMUNITY, POSTS, PROFILE_DAYS

HEADINGS = 3
"""So many known headings in a row, and no figure, make it a header."""
LOOKED_AT = 20_000
"""So many rows are looked at to find a second header."""
SAMPLE = 65_536
FIRST_LINES = 100
"""So many lines are looked at to find the delimiter."""
DELIMITERS = ",;\t|"
TITLE = re.compile(r"(?P<network>[^-–—:|(/]+)(?:[-–—:|/](?P<profile>.+)|\((?P<inside>.+)\))?")
"""A line such as “Facebook – Acme” above a table. Spaces are cut off afterwards: looked for here, a line of
many takes minutes."""
Cells = list[str]


@dataclass(slots=True)
class NetworkSection:
    """One table of the file: its network and profile, where the line above it says them, and its rows."""

    title: str
    columns: Cells
    """None where no header that is known stands below the title."""
    rows: list[tuple[int, Cells]] = field(default_factory=list[tuple[int, Cells]])

    @property
    def constants(self) -> dict[str, str]:
        """What the title says of every row."""
        network, profile = _read_title(self.title)
        said = {"network": read_network(network)} if network else {}
        return said | ({"profile": profile} if profile else {})

    def table(self) -> TableFile:
        """The section as a table like any other."""
        return TableFile(tuple(_unique(self.columns)), self._batches)

    def unread(self) -> Iterator[Reject]:
        """All rows of a section without a header."""
        reason = _("No header that is known stands above this row, so nobody knows what its cells are.")
        for number, cells in self.rows:
            yield Reject(number, reason, json.dumps(cells, ensure_ascii=False))

    def _batches(self, size: int) -> Iterator[TableBatch]:
        names, rows = _unique(self.columns), iter(self.rows)
        while some := list(islice(rows, size)):
            objects = {
                number: dict(zip(names, cells, strict=False)) for number, cells in some if self._fits(cells)
            }
            uneven = {number: self._uneven(cells) for number, cells in some if number not in objects}
            yield _batch([number for number, _cells in some], list(objects.values()), uneven, names)

    def _fits(self, cells: Cells) -> bool:
        wide = len(self.columns)
        return len(cells) == wide or (len(cells) > wide and not any(cells[wide:]))

    def _uneven(self, cells: Cells) -> UnreadableRow:
        reason = ngettext(
            "This row has {count} cell where the header of its section has {expected}.",
            "This row has {count} cells where the header of its section has {expected}.",
            count=len(cells), expected=len(self.columns),
        )  # fmt: skip
        return UnreadableRow(reason, json.dumps(cells, ensure_ascii=False))


class SectionsReader:
    """Implements :class:`bilan.sdk.Reader`."""

    @property
    def key(self) -> str:
        return "social-sections"

    @property
    def label(self) -> Message:
        return _("Export of several networks, a table for each")

    def recognises(self, file: ImportFile) -> float:
        """By a second header, or a network's name above the first."""
        try:
            sections = _sections(islice(_records(file), LOOKED_AT))
            found = list(islice((one for one in sections if one.columns), 2))
        except BilanError:
            return 0.0
        return 0.9 if len(found) > 1 or any(one.constants for one in found) else 0.0

    def propose(self, file: ImportFile, settings: Settings) -> ColumnMapping | None:
        """Nothing is left open: each section has columns of its own."""
        del file, settings
        return None

    def read(
        self, file: ImportFile, settings: Settings, mapping: ColumnMapping | None
    ) -> Iterator[RowFacts | Reject]:
        """The rows of all sections, each read through the headings of its own."""
        del mapping
        found = False
        for section in _sections(_records(file)):
            if not section.columns:
                yield from section.unread()
                continue
            found = True
            table, said = section.table(), section.constants
            proposed = propose(table, "", said.get("network", str(settings.get("network") or "")))
            taken = {one.target for one in proposed.columns}
            constants = {key: value for key, value in said.items() if key not in taken}
            whole = ColumnMapping(proposed.dataset, proposed.columns, {**proposed.constants, **constants})
            yield from RowsReader(file, table, whole, settings).read()
        if not found:
            raise Invalid(_("The file holds no table with a header and rows below it."))


def _records(file: ImportFile) -> Iterator[tuple[int, Cells]]:
    """The rows of the file with the numbers of their first lines."""
    with open_text(file.path, file.encoding, file.sheet) as text:
        start = text.read(SAMPLE)
    delimiter = max(DELIMITERS, key=lambda mark: _known(start, mark))
    with open_text(file.path, file.encoding, file.sheet) as text:
        reader, before = csv.reader(text, delimiter=delimiter), 0
        while (cells := _next(reader)) is not None:
            stripped = [cell.strip().lstrip("\ufeff") for cell in cells]
            if any(stripped):
                yield before + 1, stripped
            before = reader.line_num


def _next(reader: Iterator[Cells]) -> Cells | None:
    try:
        return next(reader, None)
    except csv.Error as error:
        raise Invalid(_("The file cannot be read as a table: {error}.", error=str(error))) from error


def _known(text: str, delimiter: str) -> int:
    """How many known headings the most telling line has under a delimiter."""
    lines = text.splitlines()[:FIRST_LINES]
    return max((sum(map(_is_heading, line.split(delimiter))) for line in lines), default=0)


def _sections(records: Iterable[tuple[int, Cells]]) -> Iterator[NetworkSection]:
    """The tables below their headers. A line of one cell is the title of what follows."""
    title, section = "", None
    for number, cells in records:
        alone = _alone(cells)
        if alone and (section is None or _is_title(alone)):
            title = title if _is_title(title) and not _is_title(alone) else alone
            if section is not None and section.rows:
                yield section
            section = None
        elif _is_header(cells):
            if section is not None and not section.columns:
                title = section.title  # what stood between it and the header is no row
            elif section is not None and section.rows:
                yield section
            section, title = NetworkSection(title, _cut(cells)), ""
        elif section is not None:
            section.rows.append((number, cells))
        elif _is_title(title):
            section, title = NetworkSection(title, [], [(number, cells)]), ""
    if section is not None and section.rows:
        yield section


def _alone(cells: Cells) -> str:
    filled = [cell for cell in cells if cell]
    return filled[0] if len(filled) == 1 else ""


def _is_title(line: str) -> bool:
    return bool(_read_title(line)[0])


def _read_title(line: str) -> tuple[str, str]:
    """The network and the profile that a line names; nothing where it is no title."""
    found = TITLE.fullmatch(line)
    if found is None or not is_network(found["network"].strip()):
        return "", ""
    return found["network"].strip(), (found["profile"] or found["inside"] or "").strip()


def _is_header(cells: Cells) -> bool:
    filled = [cell for cell in cells if cell]
    if any(map(_is_figure, filled)):
        return False
    known = sum(map(_is_heading, filled))
    return known >= HEADINGS and known * 3 >= len(filled)


@lru_cache(4096)
def _is_heading(cell: str) -> bool:
    heading = cell.strip('"\ufeff ')
    return any(uses_of(heading, dataset) for dataset in (POSTS, PROFILE_DAYS, COMMUNITY))


def _is_figure(cell: str) -> bool:
    return cell[0].isdigit()


def _cut(cells: Cells) -> Cells:
    """The header without the empty cells behind it, which programs add to fill a wider table."""
    wide = max((place for place, cell in enumerate(cells, start=1) if cell), default=0)
    return cells[:wide]


def _unique(header: Sequence[str]) -> list[str]:
    names = dict[str, None]()
    for place, cell in enumerate(header, start=1):
        name = cell or f"column {place}"
        while name in names:
            name = f"{name} ({place})"
        names[name] = None
    return list(names)


def _batch(
    numbers: list[int], rows: list[TableRow], uneven: dict[int, UnreadableRow], names: list[str]
) -> TableBatch:
    known = frozenset(names)

    def column(name: str) -> Any:
        return encode([row.get(name) for row in rows]) if name in known else constant(None, len(rows))

    return TableBatch(numbers, uneven, column, partial(_pick, rows))


def _pick(rows: list[TableRow], chosen: Sequence[int]) -> list[TableRow]:
    return [rows[one] for one in chosen]
