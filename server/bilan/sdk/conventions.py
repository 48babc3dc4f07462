"""How each column of a table writes dates and numbers: decided by the whole of it, not value by value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bilan.sdk.columns import ArrowValues, DictionaryColumn
from bilan.sdk.instants import date_order, read_instant, read_instants
from bilan.sdk.sources import ColumnMapping, Settings
from bilan.sdk.table_batches import TableFile
from bilan.sdk.unreadable import Unreadable
from bilan.sdk.values import read_count, read_number, zone_setting
from bilan.sdk.written_amounts import split_amount
from bilan.sdk.written_dates import DateOrder
from bilan.sdk.written_numbers import DecimalMark, decimal_mark


class Conventions:
    """Reads the columns of one table through a mapping, each of them in one way.

    A column is gone through once more, and as a whole, when the first value
    with several readings is met in it: most files never come to that. What
    stays open is decided by the mapping, else by the source's settings
    ``dates`` and ``decimals``, else refused with ``Invalid``. See docs/decisions/062.
    """

    def __init__(self, table: TableFile, mapping: ColumnMapping, settings: Settings) -> None:
        self._table = table
        self._columns = {one.target: one for one in mapping.columns if one.target}
        self._settings = settings
        self._zone: ZoneInfo = zone_setting(settings)
        self._orders = dict[str, DateOrder]()
        self._marks = dict[str, DecimalMark]()

    def instants(self, target: str, cells: DictionaryColumn) -> DictionaryColumn:
        """Cells of the column that is put to this use, as moments in UTC."""
        found = read_instants(cells, self._zone, order=self._orders.get(target))
        if isinstance(found.dictionary, ArrowValues) or not any(map(_is_ambiguous, found.dictionary)):
            return found
        return read_instants(cells, self._zone, order=self._order(target))

    def instant(self, target: str, cell: Any) -> datetime | None:
        """One cell of it. Raises ``Unreadable``."""
        return _decided(
            lambda: read_instant(cell, self._zone, order=self._orders.get(target)),
            lambda: read_instant(cell, self._zone, order=self._order(target)),
        )

    def count(self, target: str, cell: Any) -> int | None:
        """One cell of a column of counts. Raises ``Unreadable``."""
        return _decided(
            lambda: read_count(cell, mark=self._marks.get(target)),
            lambda: read_count(cell, mark=self._mark(target)),
        )

    def amount(self, target: str, cell: Any) -> tuple[float | None, str]:
        """One cell of a column of amounts, and the currency that stands in it. Raises ``Unreadable``."""
        written, currency = split_amount(cell)
        number = _decided(
            lambda: read_number(written, mark=self._marks.get(target)),
            lambda: read_number(written, mark=self._mark(target, whole=False)),
        )
        return number, currency

    def setting(self, key: str) -> str:
        """What the source says where a file does not; empty where it says nothing."""
        return str(self._settings.get(key) or "")

    def _mark(self, target: str, *, whole: bool = True) -> DecimalMark:
        if target not in self._marks:
            column = self._columns[target]
            given = column.written or self._settings.get("decimals")
            wanted = DecimalMark(given) if given in set(DecimalMark) else None
            values = (split_amount(value)[0] for value in self._values(column.column))
            self._marks[target] = decimal_mark(values, wanted, column.column, whole=whole)
        return self._marks[target]

    def _order(self, target: str) -> DateOrder:
        if target not in self._orders:
            column = self._columns[target]
            given = column.written or self._settings.get("dates")
            wanted = DateOrder(given) if given in set(DateOrder) else None
            self._orders[target] = date_order(self._values(column.column), wanted, column.column)
        return self._orders[target]

    def _values(self, column: str) -> Iterator[Any]:
        for batch in self._table.batches():
            yield from batch.column(column).dictionary


def _is_ambiguous(value: Any) -> bool:
    return isinstance(value, Unreadable) and value.ambiguous


def _decided(read: Callable[[], Any], decide: Callable[[], Any]) -> Any:
    try:
        return read()
    except Unreadable as error:
        if not error.ambiguous:
            raise
    return decide()
