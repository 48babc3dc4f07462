"""What only holds from a time on, which is written before. See docs/decisions/084."""

from __future__ import annotations

from bilan.sdk.datasets import Column, ColumnType, Dataset
from bilan.warehouse.types import quote


def due_columns(dataset: Dataset) -> tuple[Column, ...]:
    """The columns that hold what only is so from a time on."""
    return tuple(column for column in dataset.columns if column.due)


def as_of(dataset: Dataset, facts: str, moment: str) -> str:
    """What to read in place of facts, which is given as such, so that nothing is there before it is due."""
    replaced = (f"{_value(column, moment)} AS {quote(column.name)}" for column in due_columns(dataset))
    # Qualified: the name alone would stand for what takes the place of the column.
    return f"(SELECT * REPLACE ({', '.join(replaced)}) FROM (SELECT * FROM {facts}) AS _written)"  # noqa: S608 - declared names


def _value(column: Column, moment: str) -> str:
    time = column.name if column.due is True else str(column.due)
    meanwhile = "NULL"
    if column.type is ColumnType.TEXT:
        meanwhile = "'" + column.until.replace("\\", "\\\\").replace("'", "\\'") + "'"
    # Where the time is empty, nothing is due any more.
    return f"if(ifNull(_written.{quote(time)} > {moment}, false), {meanwhile}, _written.{quote(column.name)})"
