"""Rows about an erased contact: written anew without them, and the old ones deleted.

See docs/decisions/111. What deletes names nobody, as the engine keeps the text of
such a statement beside the table; whom it is about stands in a table in memory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from bilan.sdk.datasets import Column, ColumnType, Dataset
from bilan.warehouse.tables import moment_of, place_of, table_of
from bilan.warehouse.types import quote

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

UNLIMITED = {
    "max_execution_time": "0",
    "max_partitions_per_insert_block": "0",
    "prefer_column_name_to_alias": "1",
}
AT_ONCE = {"mutations_sync": "2", "max_execution_time": "0"}
MOST_OTHERS = 200
"""Other texts that lead to a contact, of each column."""
LEAST_OTHER = 5
"""Characters of such a text: a shorter one stands in many places by chance."""

Days = dict[tuple[str, UUID], set[date]]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Whom to erase: ``whole`` finds the address where it stands alone, ``pattern`` in any text.

    ``pseudonym`` takes its place; ``leads`` are texts that lead to them in columns that
    tell rows apart, and are hashed with ``key``. Only facts of ``sources`` are looked at.
    """

    sources: Collection[UUID]
    whole: str
    pattern: str
    pseudonym: str
    key: str
    leads: Sequence[str] = ()

    @property
    def parameters(self) -> dict[str, Any]:
        """What is bound to the statements that leave no trace."""
        return {
            "sources": list(self.sources),
            "whole": self.whole,
            "leads": list(self.leads),
            "pattern": self.pattern,
            "pseudonym": self.pseudonym,
            "replaced": f"\\1{self.pseudonym}\\2",
            "key": self.key,
        }


@dataclass(frozen=True, slots=True)
class _Words:
    """How a statement names whom it is about: by what is bound to it, or by a table in memory."""

    whole: str = "{whole:String}"
    leads: str = "{leads:Array(String)}"
    pattern: str = "{pattern:String}"
    sources: str = "{sources:Array(UUID)}"


BOUND = _Words()
WORDS = ("whole", "leads", "pattern", "sources")


def days_of(client: Client, dataset: Dataset, part: Dataset, whom: Forgotten) -> Days:
    """The days in UTC on which a table has rows about them, by dataset and source."""
    table = _Table(client, part)
    sql = (
        f"SELECT DISTINCT source, toDate32({moment_of(part)}, 'UTC') FROM {table.name}"  # noqa: S608 - declared names
        f" WHERE {table.about(BOUND)}"
    )
    found: Days = {}
    for source, day in client.query(sql, whom.parameters, settings=UNLIMITED).result_rows:
        found.setdefault((dataset.key, source), set()).add(day)
    return found


def others_of(client: Client, part: Dataset, whom: Forgotten) -> Iterator[str]:
    """What stands in personal columns beside the contact, and in no row of somebody else."""
    table = _Table(client, part)
    if not table.theirs(BOUND):
        return
    for column in table.personal:
        name = quote(column.name)
        if column.type is not ColumnType.TEXT or column.name == part.contact:
            continue
        inside = f"lengthUTF8({name}) >= {LEAST_OTHER} AND lengthUTF8({name}) <= 200"
        sql = (
            f"SELECT {name} FROM {table.name} WHERE source IN {{sources:Array(UUID)}} AND {inside}"  # noqa: S608 - declared names
            f" GROUP BY {name} HAVING min(ifNull({table.theirs(BOUND)}, 0)) LIMIT {MOST_OTHERS}"
        )
        for (text,) in client.query(sql, whom.parameters, settings=UNLIMITED).result_rows:
            yield text


def leads_of(client: Client, part: Dataset, whom: Forgotten) -> Iterator[str]:
    """What tells the contact's rows apart beside the address, such as the thread of a conversation."""
    table = _Table(client, part)
    for column in table.leading:
        name = quote(column)
        sql = (
            f"SELECT DISTINCT {name} FROM {table.name} WHERE source IN {{sources:Array(UUID)}}"  # noqa: S608 - declared names
            f" AND {table.own(BOUND)} AND notEmpty({name})"
        )
        for (text,) in client.query(sql, whom.parameters, settings=UNLIMITED).result_rows:
            yield text


def rewrite(client: Client, part: Dataset, whom: Forgotten) -> int:
    """Write the rows about them anew without them, and delete the old ones; how many. Safe to repeat."""
    table = _Table(client, part)
    month = f"toYYYYMM({quote(part.time)})"
    counted = f"SELECT count(), groupUniqArray({month}) FROM {table.name} WHERE {table.about(BOUND)}"  # noqa: S608 - declared names
    ((rows, months),) = client.query(counted, whom.parameters, settings=UNLIMITED).result_rows
    if not rows:
        return 0
    columns = ", ".join(map(quote, table.stored))
    values = ", ".join(map(table.value, table.stored))
    new = ", ".join(f"{table.value(name)} AS {quote(name)}" for name in table.stored)
    still = (
        f"SELECT count() FROM (SELECT {new} FROM {table.name} WHERE {table.about(BOUND)})"  # noqa: S608 - declared names
        f" WHERE {table.about(BOUND)}"
    )
    ((kept,),) = client.query(still, whom.parameters, settings=UNLIMITED).result_rows
    if kept:  # what is written anew would be deleted with the rest
        raise AssertionError(f"{kept} rows of {table.name} would name the contact still")
    # Until the old rows are deleted some are there twice: all is ready before, other months are left alone.
    there = f"{month} IN ({', '.join(map(str, sorted(months)))})"
    memory = f"_erased_{uuid4().hex}"
    client.command(
        f"CREATE TABLE {quote(memory)} (whole String, pattern String, leads Array(String),"
        " sources Array(UUID)) ENGINE = Memory"
    )
    try:
        client.insert(
            quote(memory),
            [[whom.whole, list(whom.leads), whom.pattern, list(whom.sources)]],
            column_names=list(WORDS),
        )
        words = _Words(*(f"(SELECT {name} FROM {quote(memory)})" for name in WORDS))  # noqa: S608 - names of our own
        client.command(
            f"INSERT INTO {table.name} ({columns}) SELECT {values} FROM {table.name}"  # noqa: S608 - declared names
            f" WHERE {there} AND {table.about(BOUND)}",
            whom.parameters,
            settings=UNLIMITED,
        )
        client.command(
            f"ALTER TABLE {table.name} DELETE WHERE {there} AND {table.about(words)}", settings=AT_ONCE
        )
    finally:
        client.command(f"DROP TABLE IF EXISTS {quote(memory)} SYNC")
    return rows


def left_behind(client: Client, tables: Sequence[str]) -> bool:
    """Whether parts that were replaced still lie on the disk."""
    sql = (
        "SELECT count() FROM system.parts WHERE database = currentDatabase() AND NOT active"
        " AND table IN {tables:Array(String)}"
    )
    ((count,),) = client.query(sql, {"tables": list(tables)}).result_rows
    return bool(count)


class _Table:
    """A table of facts as it is: columns that a dataset no longer declares are still there."""

    def __init__(self, client: Client, dataset: Dataset) -> None:
        self._dataset = dataset
        self.name = quote(table_of(dataset))
        described = client.query(f"DESCRIBE TABLE {self.name}").result_rows
        self._types = {row[0]: row[1] for row in described}
        self.stored = [row[0] for row in described if not row[2]]
        """All but those that follow from others, which the engine fills."""
        self.personal: tuple[Column, ...] = tuple(
            one for one in dataset.columns if (one.personal or one.picture) and one.name in self._types
        )
        by = dataset.derived.by if dataset.derived else ()
        self._fixed = {*place_of(dataset), *dataset.identity, *by}
        self._texts = [name for name in self.stored if "String" in self._types[name]]
        self.leading = [
            one.name
            for one in self.personal
            if one.name in self._fixed and one.type is ColumnType.TEXT and one.name != dataset.contact
        ]
        """Personal columns that tell rows apart, beside that of the contact."""

    def own(self, words: _Words) -> str:
        """Whether a row names the contact; empty where rows name none."""
        contact = self._dataset.contact
        return f"match({quote(contact)}, {words.whole})" if contact in self._types else ""

    def theirs(self, words: _Words) -> str:
        """Whether a row is the contact's, or leads to them; empty where rows name no contact."""
        if not (own := self.own(words)):
            return ""
        named = [own, *(f"match({quote(name)}, {words.whole})" for name in self.leading)]
        leads = [f"has({words.leads}, {quote(name)})" for name in self.leading]
        return f"({' OR '.join([*named, *leads])})"

    def about(self, words: _Words) -> str:
        """Whether a row is theirs, or names them in any text."""
        texts = [self._matches(name, words) for name in self._texts]
        either = " OR ".join(filter(None, [self.theirs(words), *texts])) or "0"
        return f"has({words.sources}, source) AND ({either})"

    def _matches(self, name: str, words: _Words) -> str:
        column = quote(name)
        if self._types[name].startswith("Array"):
            return f"arrayExists(_text -> match(_text, {words.pattern}), {column})"
        nullable = "Nullable" in self._types[name]
        return f"match({f'ifNull({column}, {chr(39) * 2})' if nullable else column}, {words.pattern})"

    def value(self, name: str) -> str:
        """What stands in a column of a row that is written anew."""
        column, theirs = quote(name), self.theirs(BOUND)
        declared = self._dataset.by_name.get(name)
        new = self._replaced(name) if name in self._texts else column
        if not theirs or declared is None or not (declared.personal or declared.picture):
            return new
        if name == self._dataset.contact:
            return f"if({theirs} AND notEmpty({column}), {{pseudonym:String}}, {new})"
        if name not in self._fixed:
            return f"if({theirs}, defaultValueOfArgumentType({column}), {new})"
        if declared.type is not ColumnType.TEXT:
            return new
        hashed = f"concat('erased-', substring(lower(hex(SHA256(concat({{key:String}}, {column})))), 1, 32))"
        alone = f"if(match({column}, {{whole:String}}), {{pseudonym:String}}, {hashed})"
        return f"if({theirs} AND notEmpty({column}), {alone}, {new})"

    def _replaced(self, name: str) -> str:
        column = quote(name)
        if self._types[name].startswith("Array"):
            return f"arrayMap(_text -> {_twice('_text')}, {column})"
        return _twice(column)


def _twice(text: str) -> str:
    """Of two addresses with one sign between them the second is found at the second look."""
    for _time in range(2):
        text = f"replaceRegexpAll({text}, {{pattern:String}}, {{replaced:String}})"
    return text
