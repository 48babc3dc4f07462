"""Which copy of each fact counts, as the FROM clause of a statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bilan.sdk.datasets import Dataset
from bilan.warehouse import due, once
from bilan.warehouse.due import due_columns
from bilan.warehouse.net import NetRows, net_table, shown
from bilan.warehouse.tables import GONE, WITHDRAWN, changes, parts_of, place_of, settled_by_key, table_of
from bilan.warehouse.types import quote


def one_copy_each(
    dataset: Dataset,
    visible: str,
    within: str = "",
    joins: str = "",
    net: NetRows | None = None,
    as_of: str = "",
    *,
    parts: Sequence[Dataset] = (),
    alias: str = "",
) -> str:
    """What to read from, so that every fact shows once. Stands between FROM and GROUP BY.

    ``visible`` says which rows there are at all (sources, as-of); of these the
    copy that counts is chosen. ``within`` narrows by the time of the fact,
    ``joins`` are ARRAY JOINs, ``net`` says where versions need not be read.
    ``as_of`` is the moment, as SQL, at which facts are looked at; without it, now.
    ``parts`` are the dataset's parts that hold facts, all without it; ``alias`` names
    the table, where the facts lie in one alone (:func:`in_one_table`).
    Any other condition belongs behind it, joined by AND.
    """
    if as_of and due_columns(dataset):
        written = one_copy_each(dataset, visible, within, net=net)
        return f"{due.as_of(dataset, written, as_of)}{joins}\nWHERE 1"
    found = [_one_copy_each(part, visible, within) for part in parts or parts_of(dataset)]
    if net is not None:
        where = _all(visible, within, f"_generation IN {net.generations}", net.inside)
        versions = [_one_copy_each(dataset, visible, _all(within, net.outside))] if net.outside else []
        found = [f"{quote(net_table(dataset))}\nWHERE {where}", *versions]
    elif as_of and dataset.once is not None:
        seen = once.as_of(dataset, as_of)
        return f"(SELECT {seen} FROM {_one_copy_each(dataset, visible, within)}){joins}\nWHERE 1"  # noqa: S608 - declared names
    elif len(found) == 1:
        return _one_copy_each(dataset, visible, within, joins, alias)
    union = "\nUNION ALL\n".join(f"SELECT {shown(dataset)} FROM {part}" for part in found)  # noqa: S608 - declared names
    return f"({union}){joins}\nWHERE 1"


def in_one_table(dataset: Dataset, parts: Sequence[Dataset], net: NetRows | None) -> bool:
    """Whether the engine settles by itself which copies count, in the one table that there is."""
    return net is None and dataset.once is None and len(parts) == 1 and settled_by_key(dataset)


def _one_copy_each(dataset: Dataset, visible: str, within: str, joins: str = "", alias: str = "") -> str:
    table = quote(table_of(dataset))
    if settled_by_key(dataset):
        named = f"{table} AS {alias}" if alias else table
        return f"{named} FINAL{joins}\nWHERE {_all(visible, within)}"
    if changes(dataset):
        # A place says by itself whether a fact stands there: those outside of the period need no look.
        kept = f"ingested_at NOT IN (SELECT moment FROM {WITHDRAWN})"  # noqa: S608 - declared names
        chosen = _latest(table, _all(visible, within, kept), place_of(dataset))
        return f"({chosen}){joins}\nWHERE NOT {quote(GONE)}"
    chosen = _latest(f"{table} FINAL", visible, ("source", *dataset.identity))
    return f"({chosen}){joins}\nWHERE {_all(within, '1')}"


def _latest(table: str, where: str, per: Iterable[str]) -> str:
    """Of rows that are alike in some columns the one with the highest version."""
    # Versions count up for the last copy and down for the first.
    key = ", ".join(map(quote, per))
    return f"SELECT *\nFROM {table}\nWHERE {where}\nORDER BY _version DESC LIMIT 1 BY {key}"


def _all(*parts: str) -> str:
    given: Iterable[str] = filter(None, parts)
    return " AND ".join(given)
