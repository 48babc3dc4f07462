"""The cells of a row of a table, by what they are put to use for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from bilan.sdk import (
    ColumnMapping,
    ColumnType,
    Conventions,
    Settings,
    TableFile,
    TableRow,
    Unreadable,
    is_sum_word,
    read_flag,
    read_text,
    read_texts,
    stands_for_none,
)
from bilan_social_profiles.datasets import DATASETS
from bilan_social_profiles.hashtags import read_hashtags
from bilan_social_profiles.readers.words import BRACKETS, REPOSTS, TIMES_OF_DAY, ZONES, plain
from bilan_social_profiles.textdomain import _
from bilan_social_profiles.vocabulary import PROFILE_DAYS

COLUMNS = {one.key: one.by_name for one in DATASETS}
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d(?=$|[T ])", re.ASCII)
ROUNDED = re.compile(r"[<>~≈]? ?\d[\d.,\u00a0\u202f ]* ?(?:k|m|b|mn|md|mio|mrd|tsd)\.?\+?", re.IGNORECASE)
"""A figure that is written in thousands or millions."""
ZONE = re.compile(
    r"(?:UTC|GMT|[A-Z][A-Za-z_]+/[A-Za-z_/]+)(?:[+-]\d\d?(?::?\d\d)?)?|[A-Z]{3,4}|[+-]\d\d:?\d\d"
)
"""What a heading says in brackets of the zone of its times."""
PLACED = re.compile(r":\d\d(?:[.,]\d+)? ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d)$")
"""A time that is written with a zone of its own."""
ZONE_OF_TIME = re.compile(
    r"(:\d\d(?:[.,]\d+)?(?: ?[ap]\.?m\.?)?) ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d)$", re.IGNORECASE
)
"""The zone behind a time."""
NO = frozenset({
    "0", "no", "n", "false", "f", "off", "non", "faux", "nein", "falso", "falsch", "organic", "organique",
    "organico", "organisch",
})  # fmt: skip
YES = frozenset({"paid", "promoted", "boosted", "sponsored", "ja", "si", "sponsorise", "x"})
IDS = frozenset({"post", "item", "url", "profile_id", "picture"})
"""What rows are told apart by, or lead to; a word that stands for none is no such thing."""
SEPARATED = ("|", ";", ",")
LIMITS = {"posted_month": 12, "posted_weekday": 7, "posted_hour": 23}


class Layout:
    """What the columns of one table are for, and how each of them writes dates and numbers."""

    def __init__(self, table: TableFile, mapping: ColumnMapping, settings: Settings) -> None:
        used = [one for one in mapping.columns if one.target]
        self.dataset = mapping.dataset
        self.columns = {one.target: one.column for one in used}
        self.constants = mapping.constants
        zone = {"zone": "UTC"} if mapping.dataset == PROFILE_DAYS else {}
        self.conventions = Conventions(table, mapping, {**settings, **zone})
        self.settings = settings
        spare = [one for one in table.columns if one not in self.columns.values()]
        self.time = next((one for one in spare if plain(one) in TIMES_OF_DAY), "")
        self.zone = next((one for one in spare if plain(one) in ZONES), "")

    def cells(self, row: TableRow) -> Cells:
        """The cells of a row; a constant stands in for an empty one."""
        values = {target: row.get(column) for target, column in self.columns.items()}
        empty = {target: said for target, said in self.constants.items() if values.get(target) in (None, "")}
        return Cells({**values, **empty}, row, self)


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one row. Each may raise ``Unreadable`` with what is wrong with it."""

    values: Mapping[str, Any]
    row: TableRow
    layout: Layout

    def text(self, target: str) -> str:
        """The cell as text without space around it; empty where it stands for none, such as “-” or “n/a”."""
        written = read_text(self.values.get(target)).strip()
        return "" if _is_none(written, words=target in IDS) else written

    def read(self) -> dict[str, Any]:
        """Every cell that is put to use, as its column of the dataset takes it."""
        columns = COLUMNS[self.layout.dataset]
        found = {target: self._value(target, columns[target].type) for target in self.values}
        heading = self.layout.columns.get("shares", "")
        if found.get("quotes") is not None and plain(BRACKETS.sub(" ", heading)) in REPOSTS:
            found["shares"] = (found["shares"] or 0) + found["quotes"]
        return found

    def sums_up(self, when: str) -> bool:
        """Whether the row is the sum of others: it is called so where its network or its date stands."""
        if is_sum_word(self.text("network")) or is_sum_word(self.text(when)):
            return True
        named = ("profile", "post", "text", "kind", "author")
        return not self.text(when) and any(is_sum_word(self.text(one)) for one in named if self.text(one))

    def _value(self, target: str, type_: ColumnType) -> Any:
        match type_:
            case ColumnType.INTEGER:
                return self._count(target)
            case ColumnType.NUMBER:
                return self.layout.conventions.amount(target, self.values.get(target))[0]
            case ColumnType.INSTANT:
                return self._instant(target)
            case ColumnType.DATE:
                return self._day(target)
            case ColumnType.BOOLEAN:
                return _flag(self.text(target))
            case ColumnType.TEXTS:
                return self._texts(target)
            case _:
                return self.text(target)

    def _count(self, target: str) -> int | None:
        try:
            count = self.layout.conventions.count(target, self.values.get(target))
        except Unreadable:
            if not ROUNDED.fullmatch(self.text(target)):
                raise
            raise Unreadable(
                _("“{value}” is rounded, so that no sum of it is right; export the whole number.",
                  value=self.text(target)[:80])
            ) from None  # fmt: skip
        if count is not None and count > LIMITS.get(target, count):
            raise Unreadable(
                _("“{value}” is above {most}, the most that can be read here.",
                  value=self.text(target)[:80], most=LIMITS[target])
            )  # fmt: skip
        return count

    def _instant(self, target: str) -> datetime | None:
        """A moment; its time may stand in another column, its zone there or in the heading."""
        cell, layout = self.values.get(target), self.layout
        if cell in (None, "") or not (layout.time or layout.zone or "(" in layout.columns.get(target, "")):
            return layout.conventions.instant(target, cell)
        written = cell.date().isoformat() if isinstance(cell, datetime) and layout.time else read_text(cell)
        parts = [written.strip(), read_text(self.row.get(layout.time)).strip(), self._zone(target)]
        if ":" in parts[0]:
            parts[1] = ""
        if PLACED.search(parts[0]):
            parts[2] = ""
        return layout.conventions.instant(target, " ".join(filter(None, parts)))

    def _zone(self, target: str) -> str:
        if said := read_text(self.row.get(self.layout.zone)).strip():
            return said
        brackets = BRACKETS.findall(self.layout.columns.get(target, ""))
        return next((one[1:-1] for one in brackets if ZONE.fullmatch(one[1:-1])), "")

    def _day(self, target: str) -> date | None:
        """The day as it is written, whatever time and zone stand behind it."""
        cell = self.values.get(target)
        if isinstance(cell, datetime):
            return cell.date()
        written = read_text(cell).strip()
        if found := ISO_DAY.match(written):
            cell = found[0]
        elif ":" in written:
            cell = ZONE_OF_TIME.sub(r"\1", written)
        moment = self.layout.conventions.instant(target, cell)
        return None if moment is None else moment.astimezone(UTC).date()

    def _texts(self, target: str) -> list[str]:
        cell = self.values.get(target)
        found = read_texts(cell)
        if isinstance(cell, str) and found == [cell.strip()]:
            mark = next((mark for mark in SEPARATED if mark in cell), None)
            found = [part.strip() for part in cell.split(mark)] if mark else found
        if target == "hashtags":
            return read_hashtags(part for one in found for part in one.split())
        heading = self.layout.columns.get(target, "")
        # A bare number says nothing without its heading, such as “Category 2”.
        return list(
            dict.fromkeys(f"{heading} {one}" if one.isdigit() else one for one in found if not _is_none(one))
        )


def _is_none(written: str, *, words: bool = False) -> bool:
    """Whether a text stands for none. A name may be a word such as “Never”, unless ``words`` counts these."""
    return stands_for_none(written) and (words or not written.isalpha())


def _flag(written: str) -> bool | None:
    word = plain(written)
    if not word:
        return None
    if read_flag(written) or word in YES:
        return True
    if word in NO:
        return False
    raise Unreadable(_("“{value}” is neither yes nor no.", value=written[:80]))
