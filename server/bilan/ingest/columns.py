"""Facts column by column become tables that the warehouse takes. Each different value is checked once.

What is wrong with a row is not said here: such rows are only found, and are
checked again by :class:`~bilan.ingest.normalise.Normaliser`, one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import pyarrow as pa
from pyarrow.compute import call_function

from bilan.ingest.normalise import FIRST_DAY, activities, fact_name
from bilan.ingest.values import CHECKS, EARLIEST, LATEST, TEXT_LIMIT
from bilan.sdk.activity import ACTIVITY
from bilan.sdk.columns import ArrowValues, DictionaryColumn, FactColumns, constant, encode
from bilan.sdk.datasets import Activity, Column, ColumnType, Dataset, Row
from bilan.sdk.errors import Invalid
from bilan.sdk.projections import Projection
from bilan.warehouse.arrow import INSTANT, TYPES, ArrowTable, arrow_type
from bilan.warehouse.types import empty_of

Columns = Mapping[str, DictionaryColumn]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class CheckedColumns:
    """Facts, and the rows of ``contact.activity`` that follow from them.

    ``last`` is the latest time of a fact. ``kept`` are the positions of the
    rows that are facts, ``refused`` those of the others; ``activity_of`` are the
    positions, among the facts, of those that the activities follow from.
    """

    facts: ArrowTable
    activity: ArrowTable
    last: datetime | None
    refused: Sequence[int]
    kept: Sequence[int]
    activity_of: Sequence[int]


def check_columns(dataset: Dataset, given: FactColumns, now: datetime) -> CheckedColumns:
    """Check facts of the dataset as ``Normaliser`` does; ``now`` bounds their times.

    Rejects among them are to be left out before.
    """
    rows, refused = len(given.numbers), set[int]()
    columns, faulty = _checked(dataset, given.columns, rows, now)
    while True:
        refused |= faulty
        kept = [place for place in range(rows) if place not in refused] if refused else range(rows)
        facts = {name: column.pick(kept) for name, column in columns.items()}
        places, derived = _activity(dataset, facts)
        activity, faults = _checked(ACTIVITY, derived, len(places), now)
        if not faults:
            break
        faulty = {kept[places[fault]] for fault in faults}
    table = _table(dataset, facts, len(kept))
    last = call_function("max", [table[dataset.time]]).as_py() if kept else None
    last = None if last is None else dataset.moment({dataset.time: last})
    done = _table(ACTIVITY, activity, len(places))
    return CheckedColumns(table, done, last, sorted(refused), kept, places)


def _checked(
    dataset: Dataset, given: Columns, rows: int, now: datetime
) -> tuple[dict[str, DictionaryColumn], set[int]]:
    """The columns as the warehouse takes them, and the positions of the rows in which something is wrong."""
    columns, refused = dict[str, DictionaryColumn](), set[int]()
    for column in dataset.columns:
        one = given.get(column.name) or constant(None, rows)
        latest = now + DAY if column.name == dataset.time else None
        values, faults = _values(column, one.dictionary, latest)
        columns[column.name] = DictionaryColumn(values, one.indices)
        refused |= _rows_of(one, faults)
    unnamed = [_rows_of(columns[name], _missing(columns[name].dictionary)) for name in dataset.identity]
    refused |= set.intersection(*unnamed)
    return columns, set(range(rows)) if given.keys() - columns.keys() else refused


def _rows_of(column: DictionaryColumn, values: set[int]) -> set[int]:
    """The positions of the rows that hold one of these values."""
    return {place for place, index in enumerate(column.indices) if index in values} if values else set()


def _missing(values: Sequence[Any]) -> set[int]:
    if isinstance(values, ArrowValues):
        return set()  # moments, of which none is null
    return {place for place, value in enumerate(values) if value is None or value == ""}


def _values(column: Column, values: Sequence[Any], latest: datetime | None) -> tuple[Sequence[Any], set[int]]:
    """The values as the warehouse takes them, and the positions of those that cannot be taken.

    ``latest`` is given for the time of a fact.
    """
    if isinstance(values, ArrowValues) and column.type is not ColumnType.INSTANT:
        values = list(values)
    if _stand(column, values, latest):
        return values, set()
    normal, faults = list[Any](), set[int]()
    for place, value in enumerate(values):
        try:
            value = empty_of(column) if value is None else CHECKS[column.type](column, value)
            fits = _fits(column, value, latest)
        except Invalid:
            value, fits = None, False
        normal.append(value)
        if not fits:
            faults.add(place)
    return normal, faults


def _fits(column: Column, value: Any, latest: datetime | None) -> bool:
    if value is None:
        return column.nullable
    if latest is None:
        return True
    first, last = (FIRST_DAY, latest) if isinstance(value, datetime) else (FIRST_DAY.date(), latest.date())
    return first <= value <= last


def _stand(column: Column, values: Sequence[Any], latest: datetime | None) -> bool:
    """Whether all values can be taken just as they are, found in a few looks at the whole."""
    if column.type is ColumnType.TEXT and {str}.issuperset(map(type, values)):
        written = "".join(values)
        return written.isascii() and "\x00" not in written and max(map(len, values), default=0) <= TEXT_LIMIT
    if not isinstance(values, ArrowValues) or values.array.type != INSTANT:
        return False
    if values.array.null_count and not column.nullable:
        return False
    first, last = (EARLIEST + DAY, LATEST - TICK) if latest is None else (FIRST_DAY, latest)
    ends = call_function("min_max", [values.array]).as_py()
    return ends["min"] is None or first <= ends["min"] <= ends["max"] <= last


def _table(dataset: Dataset, columns: Columns, rows: int) -> ArrowTable:
    """The columns without those that are empty in every row."""
    arrays = {
        column.name: _array(column, columns[column.name])
        for column in dataset.columns
        if rows and list(columns[column.name].dictionary[:2]) != [empty_of(column)]
    }
    return pa.table(arrays)


def _array(column: Column, one: DictionaryColumn) -> Any:
    values = one.dictionary
    array = values.array if isinstance(values, ArrowValues) else pa.array(values, TYPES[column.type])
    wanted = arrow_type(column)
    if pa.types.is_dictionary(wanted):
        # Different values may have become equal.
        encoded = array.dictionary_encode()
        indices = encoded.indices.take(pa.array(one.indices, pa.int32()))
        return pa.DictionaryArray.from_arrays(indices, encoded.dictionary)
    return array if one.plain else array.take(pa.array(one.indices, pa.int32()))


def _activity(dataset: Dataset, facts: Columns) -> tuple[Sequence[int], Columns]:
    """What contacts did by these facts: the positions of the facts that say so, and columns."""
    if isinstance(dataset.activity, Projection):
        places, columns = dataset.activity.columns(facts)
    else:
        places, columns = _row_by_row(dataset, facts)
    times = facts[dataset.time].pick(places)
    if dataset.timed_by_day:
        times = encode([dataset.moment({dataset.time: day}) for day in times.values()])
    columns["occurred_at"] = times
    given = columns.pop("at", None)
    if given is not None and list(given.dictionary) != [None]:
        both = zip(given.values(), _python_values(times), strict=True)
        columns["occurred_at"] = encode([own if at is None else at for at, own in both])
    columns["dataset"] = constant(dataset.key, len(places))
    identity = {name: facts[name].pick(places) for name in dataset.identity}
    columns["fact"] = _fact_names(dataset, identity)
    return places, columns


def _row_by_row(dataset: Dataset, facts: Columns) -> tuple[Sequence[int], dict[str, DictionaryColumn]]:
    places, did = list[int](), list[Activity]()
    if dataset.activity is not None:
        for place, found in enumerate(map(dataset.activity, _as_rows(dataset, facts))):
            for activity in activities(found):
                places.append(place)
                did.append(activity)
    return places, dict(
        zip(Activity._fields, map(encode, zip(*did, strict=True)), strict=True)
    ) if did else {}


def _as_rows(dataset: Dataset, facts: Columns) -> Iterator[Row]:
    names = [name for name, one in facts.items() if len(one.dictionary) != 1 or name == dataset.time]
    first = {name: one.dictionary[0] if name not in names else None for name, one in facts.items()}
    for values in zip(*(_python_values(facts[name]) for name in names), strict=True):
        row = first.copy()
        row.update(zip(names, values, strict=True))
        yield row


def _python_values(column: DictionaryColumn) -> list[Any]:
    if not isinstance(column.dictionary, ArrowValues):
        return column.values()
    # Many times quicker than Arrow's own way.
    since = column.dictionary.array.to_numpy(zero_copy_only=False).view("timedelta64[us]")
    return DictionaryColumn([EPOCH + one for one in since.tolist()], column.indices).values()


def _fact_names(dataset: Dataset, identity: Columns) -> DictionaryColumn:
    if [dataset.by_name[name].type for name in identity] == [ColumnType.TEXT]:
        return next(iter(identity.values()))
    rows = zip(*(_python_values(column) for column in identity.values()), strict=True)
    return encode([fact_name(dataset, dict(zip(identity, row, strict=True))) for row in rows])


def columns_of(rows: Sequence[Row]) -> dict[str, DictionaryColumn]:
    """Rows by their columns; what a row lacks is empty."""
    names = tuple(rows[0])
    if all(tuple(row) == names for row in rows):  # as a rule, and many times quicker
        return dict(zip(names, map(_encoded, zip(*(row.values() for row in rows), strict=True)), strict=True))
    every = dict.fromkeys(name for row in rows for name in row)
    return {name: _encoded([row.get(name) for row in rows]) for name in every}


def joined(pieces: Sequence[FactColumns]) -> FactColumns:
    """Facts of one dataset that came in several pieces, without rejects, in the order of the pieces."""
    if len(pieces) == 1:
        return pieces[0]
    names = dict.fromkeys(name for piece in pieces for name in piece.columns)
    columns = {
        name: _joined([piece.columns.get(name) or constant(None, len(piece.numbers)) for piece in pieces])
        for name in names
    }
    return FactColumns(pieces[0].dataset, columns, list(chain.from_iterable(one.numbers for one in pieces)))


def _joined(columns: Sequence[DictionaryColumn]) -> DictionaryColumn:
    values = _moments_of(columns) or _encoded(
        list(chain.from_iterable(column.dictionary for column in columns))
    )
    indices, first = list[int](), 0
    for column in columns:
        last = first + len(column.dictionary)
        indices.extend(map(values.indices[first:last].__getitem__, column.indices))
        first = last
    return DictionaryColumn(values.dictionary, indices)


def _moments_of(columns: Sequence[DictionaryColumn]) -> DictionaryColumn | None:
    """All values of columns that hold moments in the form in which they are written, if all do."""
    arrays = [one.dictionary.array for one in columns if isinstance(one.dictionary, ArrowValues)]
    if len(arrays) < len(columns) or any(array.type != INSTANT for array in arrays):
        return None
    joined = pa.concat_arrays(arrays)
    return DictionaryColumn(ArrowValues(joined), range(len(joined)))


def _encoded(values: Sequence[Any]) -> DictionaryColumn:
    if datetime in set(map(type, values)) and all(
        value is None or (type(value) is datetime and value.tzinfo is UTC) for value in values
    ):
        return DictionaryColumn(ArrowValues(pa.array(values, INSTANT)), range(len(values)))
    return encode(values)
