"""Which copy of each fact counts, as the FROM clause of a statement."""

from __future__ import annotations

from collections.abc import Iterable

from bilan.sdk.datasets import Dataset
from bilan.warehouse.tables import order_of, settled_by_key, table_of
from bilan.warehouse.types import quote


def one_copy_each(dataset: Dataset, visible: str, within: str = "", joins: str = "") -> str:
    """What to read from, so that every fact shows once. Stands between FROM and GROUP BY.

    ``visible`` says which rows there are at all (sources, as-of); of these the
    copy that counts is chosen. ``within`` narrows by the time of the fact,
    ``joins`` are ARRAY JOINs. Any other condition belongs behind it, joined by AND.
    """
    table = quote(table_of(dataset))
    if settled_by_key(dataset):
        return f"{table} FINAL{joins}\nWHERE {_all(visible, within)}"
    fixed = dataset.time in order_of(dataset)
    chosen = ", ".join(map(quote, ("source", *dataset.identity)))
    # Versions count up for the last copy and down for the first.
    return "\n".join(
        [
            "(SELECT *",
            f"FROM {table} FINAL",
            f"WHERE {_all(visible, within if fixed else '')}",
            f"ORDER BY _version DESC LIMIT 1 BY {chosen}){joins}",
            f"WHERE {_all(within if not fixed else '', '1')}",
        ]
    )


def _all(*parts: str) -> str:
    given: Iterable[str] = filter(None, parts)
    return " AND ".join(given)
