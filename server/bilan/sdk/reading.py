"""Reading columns: a value is read once, however many rows hold it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, repeat
from typing import Any

from bilan.sdk.columns import ArrowValues, DictionaryColumn
from bilan.sdk.messages import Message
from bilan.sdk.unreadable import Unreadable, too_deep
from bilan.sdk.values import read_text


def each(read: Callable[..., Any], *columns: DictionaryColumn) -> DictionaryColumn:
    """What ``read`` makes of the values that stand in a row, one of each column.

    It is called for each combination of them, not for each row, and not at
    all where one of them could not be read. It must be a pure function.
    """
    arguments, indices = _combinations(columns)
    if not any(Unreadable in set(map(type, values)) for values in arguments):
        try:
            return DictionaryColumn(list(map(read, *arguments)), indices)
        except (Unreadable, RecursionError):
            pass
    return DictionaryColumn([_read(read, values) for values in zip(*arguments, strict=True)], indices)


def _combinations(columns: Sequence[DictionaryColumn]) -> tuple[list[list[Any]], Sequence[int]]:
    """For each column its values in the different combinations, and which of these each row holds."""
    if not len(columns[0]):
        return [[] for _column in columns], range(0)
    if len(columns) == 1:
        return [list(columns[0].dictionary)], columns[0].indices
    varying = [column for column in columns if len(column.dictionary) > 1] or columns[:1]
    indices, entries = varying[0].indices, len(varying[0].dictionary)
    chosen: Iterator[Sequence[int]] = repeat(range(entries))
    if any(column.indices is not indices for column in varying):
        known = dict[tuple[int, ...], int]()
        rows = zip(*(column.indices for column in varying), strict=True)
        indices, entries = [known.setdefault(row, len(known)) for row in rows], len(known)
        chosen = chain(zip(*known, strict=True), repeat(()))
    arguments = list[list[Any]]()
    for column in columns:
        values = list(column.dictionary)
        wanted = next(chosen) if len(values) > 1 else ()
        arguments.append([values[entry] for entry in wanted] if len(values) > 1 else values * entries)
    return arguments, indices


def _read(read: Callable[..., Any], values: tuple[Any, ...]) -> Any:
    for value in values:
        if isinstance(value, Unreadable):
            return value
    try:
        return read(*values)
    except Unreadable as error:
        return error.with_traceback(None)
    except RecursionError:
        return too_deep()


def each_text(column: DictionaryColumn) -> DictionaryColumn:
    """The values as text without space around it, each read as by :func:`~bilan.sdk.read_text`."""
    types = set(map(type, column.dictionary))
    if types == {int}:
        return DictionaryColumn(list(map(str, column.dictionary)), column.indices)
    if types == {str} and "".join(column.dictionary).isascii():
        return DictionaryColumn(list(map(str.strip, column.dictionary)), column.indices)
    return each(_text, column)


def _text(value: Any) -> str:
    return read_text(value).strip()


def refusals(*columns: DictionaryColumn) -> dict[int, Message]:
    """Why rows cannot be used, by their positions: what could not be read in the first of the columns."""
    found = dict[int, Message]()
    for column in columns:
        if isinstance(column.dictionary, ArrowValues):
            continue
        refused = {entry for entry, value in enumerate(column.dictionary) if isinstance(value, Unreadable)}
        if refused:
            for row, entry in enumerate(column.indices):
                if entry in refused:
                    found.setdefault(row, column.dictionary[entry].message)
    return found
