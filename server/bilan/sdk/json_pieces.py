"""JSON decoded a piece at a time: its decoder is one call, and while it lasts no other thread goes on.

See docs/decisions/080.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

PIECE = 256 * 1024
"""Characters that are decoded at once: some milliseconds."""
ENDED = (str, list, dict, bool, type(None))
"""Values whose end is seen in the text."""
BEHIND_NUMBERS = frozenset(" \t\n\r,]}")
_SPACE = re.compile(r"[ \t\n\r]*")
LEVELS = 8
"""So many lists within each other are taken apart: on each level some of a long one is decoded once more."""
DIGITS = 4_300
"""Digits of the longest number that Python makes an integer of, as it takes long."""


def _whole(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= DIGITS else Decimal(digits)


_usual = json.JSONDecoder()
_long_numbers = json.JSONDecoder(parse_int=_whole)
"""Many times slower with numbers, and so asked only where there is one of so many digits."""


def _decode(text: str, place: int) -> tuple[Any, int]:
    try:
        return _usual.raw_decode(text, place)
    except json.JSONDecodeError:
        raise
    except ValueError:
        return _long_numbers.raw_decode(text, place)


def decode_json(text: str) -> Any:
    """The one value in a text. Raises ``ValueError`` where there is none or more, ``RecursionError``."""
    if len(text) <= PIECE:
        try:
            return _usual.decode(text)
        except json.JSONDecodeError:
            raise
        except ValueError:
            return _long_numbers.decode(text)
    pieces = JsonPieces(text)
    value, place = pieces.value(pieces.behind_space(0))
    if (end := pieces.behind_space(place)) < len(text):
        raise json.JSONDecodeError("Extra data", text, end)
    return value


class JsonPieces:
    """Decodes the values in a text. A list or an object that is longer than a piece is taken apart."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._start = 0
        self._piece = text[:PIECE]

    def value(self, place: int, level: int = 0) -> tuple[Any, int]:
        """The value that begins at a place, and the place behind it.

        Raises ``ValueError`` where there is none, ``RecursionError`` where it is nested too deeply.
        """
        if len(self._text) <= PIECE or level == LEVELS:
            return _decode(self._text, place)
        found = self._within_a_piece(place)
        if found is not None:
            return found
        match self._text[place : place + 1]:
            case "[":
                return self._list(place, level + 1)
            case "{":
                return self._object(place, level + 1)
            case _:
                return _decode(self._text, place)  # a long text, or a mistake, of which it tells

    def _within_a_piece(self, place: int) -> tuple[Any, int] | None:
        if not self._start <= place < self._start + len(self._piece):
            self._move(place)
        while True:
            is_last = self._start + len(self._piece) >= len(self._text)
            try:
                value, end = _decode(self._piece, place - self._start)
                # A number may go on behind the piece.
                if is_last or isinstance(value, ENDED) or self._piece[end : end + 1] in BEHIND_NUMBERS:
                    return value, self._start + end
            except ValueError:
                pass
            if self._start == place:
                return None
            self._move(place)

    def _move(self, place: int) -> None:
        self._start, self._piece = place, self._text[place : place + PIECE]

    def _list(self, place: int, level: int) -> tuple[list[Any], int]:
        values = list[Any]()
        place = self.behind_space(place + 1)
        if self._text[place : place + 1] == "]":
            return values, place + 1
        while True:
            value, place = self.value(place, level)
            values.append(value)
            place, over = self._delimited(place, "]")
            if over:
                return values, place

    def _object(self, place: int, level: int) -> tuple[dict[str, Any], int]:
        values = dict[str, Any]()
        place = self.behind_space(place + 1)
        if self._text[place : place + 1] == "}":
            return values, place + 1
        while True:
            if self._text[place : place + 1] != '"':
                raise self._mistake("Expecting property name enclosed in double quotes", place)
            name, place = self.value(place)
            place = self.behind_space(place)
            if self._text[place : place + 1] != ":":
                raise self._mistake("Expecting ':' delimiter", place)
            values[name], place = self.value(self.behind_space(place + 1), level)
            place, over = self._delimited(place, "}")
            if over:
                return values, place

    def _delimited(self, place: int, end: str) -> tuple[int, bool]:
        """The place of the next member, or behind the end; and which of the two."""
        place = self.behind_space(place)
        found = self._text[place : place + 1]
        if found == end:
            return place + 1, True
        if found != ",":
            raise self._mistake("Expecting ',' delimiter", place)
        return self.behind_space(place + 1), False

    def behind_space(self, place: int) -> int:
        """The place of the next character that is no space."""
        found = _SPACE.match(self._text, place)
        return found.end() if found else place

    def _mistake(self, what: str, place: int) -> json.JSONDecodeError:
        return json.JSONDecodeError(what, self._text, place)
