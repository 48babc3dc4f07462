"""What a number is, so that one formatter can write it in any language."""

from __future__ import annotations

from enum import StrEnum


class Unit(StrEnum):
    """The unit of a metric or the kind of a table's column."""

    TEXT = "text"
    COUNT = "count"
    """A whole number of things."""
    NUMBER = "number"
    """A plain number with decimals."""
    PROPORTION = "proportion"
    """A part of a whole, 1.0 being all of it; shown in per cent."""
    SECONDS = "seconds"
    """A duration in seconds."""
    BYTES = "bytes"
    INSTANT = "instant"
    """A moment, ISO 8601 in UTC; shown in the reader's display zone."""
    DATE = "date"
    """A calendar day, ISO 8601."""
    BOOLEAN = "boolean"
    WEEKDAY = "weekday"
    """A day of the week, Monday being 1."""
    HOUR = "hour"
    """An hour that clocks show, from 0 to 23."""
    TEXTS = "texts"
    """A list of short texts, such as tags."""


FIGURES = frozenset({Unit.COUNT, Unit.NUMBER, Unit.PROPORTION, Unit.SECONDS, Unit.BYTES})
"""What is written in digits and compared digit by digit, so it stands at the end of its column."""
