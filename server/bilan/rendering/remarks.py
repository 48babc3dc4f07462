"""What is to know about single figures, in columns of its own beside theirs: for data formats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bilan.sdk.document import Cell, Text
from bilan.sdk.messages import Message
from bilan.sdk.rendering import Formatter
from bilan.sdk.textdomain import _

BASIS, NOTE = _("basis"), _("note")


def remarked(rows: Iterable[Sequence[Any]]) -> tuple[frozenset[int], frozenset[int]]:
    """The columns in which some cell is marked, and those in which some cell has a note."""
    marked: set[int] = set()
    noted: set[int] = set()
    for row in rows:
        for place, value in enumerate(row):
            if isinstance(value, Cell):
                if value.mark is not None:
                    marked.add(place)
                if value.note is not None:
                    noted.add(place)
    return frozenset(marked), frozenset(noted)


def beside(label: Text, what: Message | str, formatter: Formatter) -> str:
    """The head of a column that belongs to another: ``Sends (basis)``."""
    return formatter.text(_("{column} ({what})", column=formatter.text(label), what=formatter.text(what)))
