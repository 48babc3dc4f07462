"""Values that cannot be read, and values that stand for none."""

from __future__ import annotations

import re

from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _

NO_VALUE = frozenset({
    "", "-", "--", "–", "—", "n/a", "#n/a", "n.a.", "n.a", "na", "<na>", "null", "\\n", "none", "nil", "nan",
    "nat", "never", "jamais", "nie", "nunca", "(not set)", "not set", "0001-01-01t00:00:00z",
})  # fmt: skip
"""What is written where there is no number or no date, in lower case."""
NO_DATE = re.compile(r"0{4}[-/.]00[-/.]00(?:[t ][0:.]+z?)?|00[-/.]00[-/.]0{4}(?:[t ][0:.]+)?", re.ASCII)
"""The day that databases write for none."""


class Unreadable(Exception):
    """A value that cannot be read; the row or item it stands in becomes a reject.

    ``ambiguous`` marks one that has several readings, between which the rest
    of its column may decide.
    """

    def __init__(self, message: Message, *, ambiguous: bool = False) -> None:
        super().__init__(str(message))
        self.message = message
        self.ambiguous = ambiguous


def too_deep() -> Unreadable:
    """What is said of lists within lists beyond what Python goes through."""
    return Unreadable(_("This holds lists or objects within each other, too many to be read."))


def stands_for_none(written: str) -> bool:
    """Whether a text says that there is no value."""
    low = written.strip().lower()
    return low in NO_VALUE or (low[:2] == "00" and NO_DATE.fullmatch(low) is not None)
