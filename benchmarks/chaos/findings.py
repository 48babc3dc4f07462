"""What was found after the fault run: rows of the ledger, counts, and sentences about what is wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum


class Wrong(StrEnum):
    """What must not be, as the table calls it."""

    DUPLICATE = "duplicates outside rows marked unknown"
    NOT_FINAL = "occurrences without a final row"
    NO_WORD = "rows that say accepted without the server's word"
    MAILBOX = "mailboxes and webhooks that do not hold what their schedules say"
    CHAIN = "chains of the ledger that do not hold"


@dataclass(frozen=True, slots=True)
class Delivered:
    """A row of the ledger."""

    id: str
    address: str
    state: str
    occurrence: str
    run: str
    artifacts: frozenset[str]
    """The hashes of the files that its letter leads to."""


@dataclass
class Audit:
    """What was found: how deliveries and occurrences ended, and sentences about what is wrong, by place."""

    deliveries: Counter[str] = field(default_factory=Counter[str])
    occurrences: Counter[str] = field(default_factory=Counter[str])
    arrived_unknown: int = 0
    """Rows that are unknown whose message is there."""
    posted: int = 0
    """Messages that webhooks took."""
    parts: int = 0
    """Parts of which a message is there."""
    summed: int = 0
    """Occurrences whose parts were all there and made up the whole."""
    wrong: dict[Wrong, dict[str, str]] = field(
        default_factory=lambda: {one: dict[str, str]() for one in Wrong}
    )
    chain: tuple[str, ...] = ()

    def say(self, wrong: Wrong, where: str, sentence: str) -> None:
        """Something is wrong; of one place the first sentence is kept."""
        self.wrong[wrong].setdefault(where, sentence)

    @property
    def right(self) -> bool:
        """Whether nothing is."""
        return not any(self.wrong.values())
