"""A fact that names an erased contact, as it may still be counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from bilan.sdk.datasets import ColumnType, Dataset, Row
from bilan.warehouse.tables import place_of


def anonymised(dataset: Dataset, row: Row, pseudonym: str, opaque: Callable[[str], str]) -> Row:
    """The row with the pseudonym in the place of the contact, and empty personal columns.

    Texts that tell rows apart are replaced by ``opaque`` ones, the same for the same text.
    """
    by = dataset.derived.by if dataset.derived else ()
    fixed = {*place_of(dataset), *dataset.identity, *by}
    changed: dict[str, Any] = {}
    for column in dataset.columns:
        value = row.get(column.name)
        if not (column.personal or column.picture) or not value:
            continue
        if column.name == dataset.contact:
            changed[column.name] = pseudonym
        elif column.name not in fixed:
            changed[column.name] = None
        elif column.type is ColumnType.TEXT:
            changed[column.name] = opaque(str(value))
    return {**row, **changed}


def without_mentions(dataset: Dataset, row: Row, replaced: Callable[[str], str]) -> Row:
    """The row of somebody else, with erased contacts ``replaced`` in its personal texts."""
    texts = {name: row.get(name) for name in personal_texts(dataset)}
    changed = {name: replaced(text) for name, text in texts.items() if isinstance(text, str)}
    return {**row, **changed}


def personal_texts(dataset: Dataset) -> Iterator[str]:
    """The personal columns of texts, beside that of the contact."""
    for column in dataset.columns:
        if column.personal and column.type is ColumnType.TEXT and column.name != dataset.contact:
            yield column.name
