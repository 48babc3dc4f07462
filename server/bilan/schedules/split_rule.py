"""The rule by which a schedule is split, and the table that it may have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SplitRule:
    """The filter that takes its values from the recipient.

    ``parameter`` is the key of one of the parameters of the report's kind.
    ``attribute`` is the name of the recipients' attribute that holds the
    values; empty where the schedule has a table of them.
    """

    parameter: str
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class RecipientValues:
    """A line of the table: an address, and the values that belong to whoever has it."""

    address: str
    values: tuple[str, ...]
