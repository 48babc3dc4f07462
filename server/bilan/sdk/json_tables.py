"""Objects in JSON: a list of them, an object around a list, one a line, or one after the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from bilan.sdk.encodings import LONGEST, open_text
from bilan.sdk.errors import Invalid
from bilan.sdk.json_pieces import JsonPieces
from bilan.sdk.table_batches import (
    LOOKED_AT,
    OpenText,
    Passed,
    TableBatch,
    TableFile,
    TableRow,
    UnreadableRow,
    object_batches,
)
from bilan.sdk.textdomain import _

WRAPPERS = frozenset({
    "items", "data", "results", "result", "records", "rows", "value", "values", "entries", "list", "events",
    "messages", "campaigns", "reports", "hits", "content", "objects", "response",
})  # fmt: skip
"""Fields around the list that a service's API hands out in pages."""
SPACE = " \t\r\n\x1e,"
"""What stands between values: the sign of RFC 7464 among it."""
JSON_BYTES = LONGEST
"""Characters of the largest JSON in one piece. As values it takes many times its size."""
Numbered = tuple[int, TableRow | UnreadableRow]


def json_table(text: OpenText) -> TableFile:
    """The objects in a text as a table, whose columns the first of them name."""
    by_line = _is_by_line(text)
    if not by_line:
        try:
            _load(text)
        except Invalid:
            by_line = _has_lines(text)
            if not by_line:
                raise
    seen: dict[str, None] = {}
    for _number, row in islice(_rows(text, by_line, Passed()), LOOKED_AT):
        if not isinstance(row, UnreadableRow):
            seen.update(dict.fromkeys(row))
    return TableFile(tuple(seen), partial(_batches, text, by_line))


def _batches(text: OpenText, by_line: bool, size: int) -> Iterator[TableBatch]:
    passed = Passed()
    return object_batches(_rows(text, by_line, passed), size, passed)


def load_json_file(path: Path) -> Any:
    """A whole JSON file: its value, or the list of them where there are several. Raises ``Invalid``."""
    return _load(partial(open_text, path))


def _load(text: OpenText) -> Any:
    with text() as file:
        try:
            written = file.read(JSON_BYTES + 1)
            if len(written) > JSON_BYTES:
                raise Invalid(
                    _("The file is JSON of more than {megabytes} MB in one piece; write one object a line.",
                      megabytes=round(JSON_BYTES / 1024**2))
                )  # fmt: skip
            values = list(_values(written))
        except (ValueError, RecursionError) as error:
            raise Invalid(_("The file is no JSON: {error}.", error=str(error))) from None
    if not values:
        raise Invalid(_("The file is empty."))
    return values[0] if len(values) == 1 else values


def _is_by_line(text: OpenText) -> bool:
    """Whether the first line is complete by itself, and the file does not consist of it alone."""
    with text() as file:
        first = next((line for line in file if line.strip()), "")
        more = any(line.strip() for line in file)
    try:
        return more and bool(list(_values(first)))
    except (ValueError, RecursionError):
        return False


def _has_lines(text: OpenText) -> bool:
    """Whether some of the first lines hold an object each, though the file as a whole is no JSON."""
    with text() as file:
        rows = [row for line in islice(file, LOOKED_AT) if line.startswith("{") for row in _line(line)]
    return any(not isinstance(row, UnreadableRow) for row in rows)


def _values(text: str) -> Iterator[Any]:
    """The values in a text, one after the other. Raises ``ValueError`` where it is no JSON."""
    place, pieces = 0, JsonPieces(text)
    while True:
        while place < len(text) and text[place] in SPACE:
            place += 1
        if place == len(text):
            return
        value, place = pieces.value(place)
        yield value


def _rows(text: OpenText, by_line: bool, passed: Passed) -> Iterator[Numbered]:
    if not by_line:
        yield from enumerate(_unwrapped(_load(text)), start=1)
        return
    last = 0
    with text() as file:
        for number, line in enumerate(file, start=1):
            passed.characters += len(line)
            if line.strip():
                for row in _line(line):
                    # A line of several objects is told by its own number as far as they have room.
                    last = max(number, last + 1)
                    yield last, row


def _line(line: str) -> Iterator[TableRow | UnreadableRow]:
    try:
        values = list(_values(line))
    except (ValueError, RecursionError):
        yield UnreadableRow(_("This line is no JSON."), line.strip())
        return
    for value in values:
        if isinstance(value, dict) or _is_objects(value):
            yield from _unwrapped(value)
        else:
            yield UnreadableRow(_("This line is no object."), line.strip())


def _unwrapped(body: Any) -> Iterator[TableRow | UnreadableRow]:
    """The objects in a value: in a list, or in the one list that it is an envelope of."""
    if isinstance(body, dict):
        body = _inner(body) or [body]
    for value in body if isinstance(body, list) else [body]:
        if isinstance(value, dict) and (inner := _inner(value)):
            yield from _unwrapped(inner)
        elif isinstance(value, dict):
            yield value
        else:
            yield UnreadableRow(_("This item is no object."), json.dumps(value))


def _inner(body: dict[str, Any]) -> list[Any] | None:
    """The list of objects in an envelope, and nothing for an object that is a row of its own."""
    lists = [name for name, value in body.items() if _is_objects(value)]
    if len(lists) == 1 and (lists[0].lower() in WRAPPERS or len(body) == 1):
        return body[lists[0]]
    inside = [value for name, value in body.items() if isinstance(value, dict) and name.lower() in WRAPPERS]
    return _inner(inside[0]) if len(inside) == 1 and not lists else None


def _is_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)
