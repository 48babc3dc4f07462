"""What can happen only once: which facts repeat what an earlier one told.

A fact is a repeat from a moment on: its own, or that of a batch which brought
an earlier fact of the same outcome. See docs/decisions/077.
"""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

from bilan.sdk.datasets import Dataset, Once
from bilan.warehouse import keys
from bilan.warehouse.tables import CORE_COLUMNS, INDEX, REPEATS_FROM, table_of
from bilan.warehouse.types import INSTANT, codec, quote

SLICES = 16
"""In how many parts the repeats among facts of an earlier release are found."""
NEWEST = 2**63
"""Versions of facts lie below, those of facts that became repeats above."""


def outcome(dataset: Dataset, once: Once) -> str:
    """The number of what a fact says happened, 0 where it may happen again."""
    happened = [" AND ".join(f"{quote(name)} = {_text(text)}" for name, text in one) for one in once.outcomes]
    which = ", ".join(f"{condition}, {n}" for n, condition in enumerate(happened, start=1))
    known = [(keys.present(key), keys.hashed(dataset, key)) for key in once.keys]
    to_what = ", ".join(f"{condition}, {number}" for condition, number in known)
    either = " OR ".join(f"({condition})" for condition, _number in known)
    return (
        f"if(({either}) AND multiIf({which}, 0) > 0, "
        f"multiIf({to_what}, 0) + sipHash64('outcome', multiIf({which}, 0)), 0)"
    )


def column_of(dataset: Dataset) -> str:
    """The column that holds this number; with another meaning it is another one."""
    return f"_once_{crc32(outcome(dataset, _once(dataset)).encode()):08x}"


def columns(dataset: Dataset) -> list[str]:
    """The columns that a table of such facts has besides those of others."""
    if dataset.once is None:
        return []
    number = outcome(dataset, dataset.once)
    return [
        f"{quote(REPEATS_FROM)} {INSTANT} {codec(INSTANT)}",
        f"{quote(column_of(dataset))} UInt64 DEFAULT {number} {codec('UInt64')}",
    ]


def index(dataset: Dataset) -> str:
    """The index by which the outcomes of a few posts are found without reading all numbers."""
    return f"INDEX `_by{column_of(dataset)}` {quote(column_of(dataset))} TYPE {INDEX} GRANULARITY 1"


def found(dataset: Dataset) -> str:
    """The statement that finds the facts which a batch makes repeats: its own, and those that stood before.

    The batch is in the table already.
    """
    time, number = quote(dataset.time), quote(column_of(dataset))
    place = ", ".join(map(quote, _place(dataset)))
    moment, first, last = (_moment(name) for name in ("moment", "first", "last"))
    table, repeat = quote(table_of(dataset)), quote(_once(dataset).column)
    of_batch = (
        f"SELECT {number} FROM {table} WHERE source = {{source:UUID}} AND {time} >= {first}"  # noqa: S608 - declared names
        f" AND {time} <= {last} AND ingested_at = {moment} AND {number} != 0"
    )
    order = ", ".join(_order(dataset))
    read = dict.fromkeys((*_place(dataset), *_undated(dataset)))
    facts = (
        f"SELECT {', '.join(map(quote, read))}, {number}, {repeat} FROM {table}"  # noqa: S608 - declared names
        f" WHERE source = {{source:UUID}} AND ingested_at <= {moment} AND {number} IN ({of_batch})"
        f" ORDER BY _version DESC LIMIT 1 BY {place}"
    )
    numbered = (
        f"SELECT {place}, {repeat}, row_number() OVER (PARTITION BY {number} ORDER BY {order}) AS _n"  # noqa: S608 - declared names
        f" FROM ({facts})"
    )
    return f"SELECT {place} FROM ({numbered}) WHERE _n > 1 AND NOT {repeat}"  # noqa: S608 - declared names


def mark(dataset: Dataset) -> str:
    """The statement that marks them: each as a newer version of the same fact, received when it was."""
    place, moment = ", ".join(map(quote, _place(dataset))), _moment("moment")
    names, values = _written(dataset, moment)
    return (
        f"INSERT INTO {quote(table_of(dataset))} ({names}) SELECT {values}"  # noqa: S608 - declared names
        f" FROM {quote(table_of(dataset))} FINAL"
        f" WHERE source = {{source:UUID}} AND ({place}) IN ({found(dataset)})"
    )


def mark_all(dataset: Dataset) -> Iterator[str]:
    """The statements that mark the repeats among facts that were written without looking for any."""
    number, order = quote(column_of(dataset)), ", ".join(_order(dataset))
    place = ["source", *_place(dataset)]
    rows = "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
    before = f"min(ingested_at) OVER (PARTITION BY source, {number} ORDER BY {order} {rows})"
    read = ", ".join(map(quote, dict.fromkeys((*place, *_undated(dataset)))))
    names, values = _written(dataset, "_from")
    for part in range(SLICES):
        facts = (
            f"SELECT {read}, ingested_at, {number} FROM {quote(table_of(dataset))} FINAL"  # noqa: S608 - declared names
            f" WHERE {number} != 0 AND {number} % {SLICES} = {part}"
        )
        repeats = (
            f"SELECT {', '.join(map(quote, place))}, greatest(ingested_at, {before}) AS _from,"  # noqa: S608 - declared names
            f" row_number() OVER (PARTITION BY source, {number} ORDER BY {order}) AS _n FROM ({facts})"
        )
        yield (
            f"INSERT INTO {quote(table_of(dataset))} ({names}) SELECT {values}"  # noqa: S608 - declared names
            f" FROM {quote(table_of(dataset))} AS _f FINAL"
            f" INNER JOIN (SELECT * FROM ({repeats}) WHERE _n > 1) AS _r"
            f" ON {' AND '.join(f'_f.{quote(name)} = _r.{quote(name)}' for name in place)}"
        )


def unmark(dataset: Dataset) -> str:
    """The statement after which no fact is a repeat."""
    repeat = quote(_once(dataset).column)
    return f"ALTER TABLE {quote(table_of(dataset))} UPDATE {repeat} = false WHERE {repeat}"


def unmark_from(table: str, repeat: str, moment: str) -> tuple[str, str]:
    """What finds facts that stood before a batch and that it made repeats, and what undoes that."""
    where = f"{quote(REPEATS_FROM)} = {moment} AND ingested_at != {moment} AND {quote(repeat)}"
    return (
        f"SELECT 1 FROM {table} WHERE {where} LIMIT 1",  # noqa: S608 - declared names
        f"ALTER TABLE {table} UPDATE {quote(repeat)} = false WHERE {where}",
    )


def as_of(dataset: Dataset, moment: str) -> str:
    """What to select so that facts are repeats as far as they were at a moment."""
    repeat = quote(_once(dataset).column)
    return f"* REPLACE ({repeat} AND {quote(REPEATS_FROM)} <= {moment} AS {repeat})"


def _written(dataset: Dataset, moment: str) -> tuple[str, str]:
    """The columns of a fact that became a repeat at a moment, and their values."""
    given = {
        **{name: quote(name) for name in (*dataset.by_name, *CORE_COLUMNS)},
        _once(dataset).column: "true",
        # Above every earlier version, also one that was a repeat from a later moment by another declaration.
        "_version": f"greatest(_version + 1, toUInt64({NEWEST} + toUnixTimestamp64Micro({moment})))",
        REPEATS_FROM: moment,
    }
    return ", ".join(map(quote, given)), ", ".join(given.values())


def _place(dataset: Dataset) -> tuple[str, ...]:
    """What tells a source's facts apart in the table's order."""
    return tuple(dict.fromkeys((*dataset.sort, *dataset.identity)))


def _order(dataset: Dataset) -> list[str]:
    """The earliest first, then the one of the smallest identity; those without a time last."""
    return list(map(quote, dict.fromkeys((*_undated(dataset), dataset.time, *dataset.identity))))


def _undated(dataset: Dataset) -> tuple[str, ...]:
    undated = _once(dataset).undated
    return (undated,) if undated else ()


def _once(dataset: Dataset) -> Once:
    assert dataset.once is not None  # noqa: S101 - narrows for the type checker
    return dataset.once


def _moment(name: str) -> str:
    return f"fromUnixTimestamp64Micro({{{name}:Int64}}, 'UTC')"


def _text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
