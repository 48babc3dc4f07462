"""Any table of posts, of days of profiles or of what people wrote to them, through a mapping."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bilan.sdk import BilanError, ColumnMapping, ImportFile, Message, Reject, RowFacts, Settings, open_table
from bilan_social_profiles.network_names import read_network
from bilan_social_profiles.readers.proposal import propose
from bilan_social_profiles.readers.rows import RowsReader
from bilan_social_profiles.textdomain import _

FITTING = 3
"""So many columns that are put to use make a table that is surely one of these."""


class TablesReader:
    """Implements :class:`bilan.sdk.Reader`."""

    @property
    def key(self) -> str:
        return "social-table"

    @property
    def label(self) -> Message:
        return _("Table of posts, days of profiles or community")

    def recognises(self, file: ImportFile) -> float:
        """By the headings that say what they are for."""
        try:
            mapping = _proposed(file, {})
        except BilanError:
            return 0.0
        return 0.6 if sum(bool(one.target) for one in mapping.columns) >= FITTING else 0.1

    def propose(self, file: ImportFile, settings: Settings) -> ColumnMapping | None:
        """The mapping that the headings suggest."""
        return _proposed(file, settings)

    def read(
        self, file: ImportFile, settings: Settings, mapping: ColumnMapping | None
    ) -> Iterator[RowFacts | Reject]:
        """The fact of each row; a row that cannot be read is a reject with its number."""
        mapping = mapping or _proposed(file, settings)
        table = open_table(file.path, mapping.sheet, mapping.encoding)
        yield from RowsReader(file, table, mapping, settings).read()


def _proposed(file: ImportFile, settings: Settings) -> ColumnMapping:
    table = open_table(file.path, file.sheet, file.encoding)
    said = read_network(str(settings.get("network") or ""))
    mapping = propose(table, f"{file.sheet} {file.name}", said)
    return replace(mapping, sheet=file.sheet, encoding=table.encoding)
