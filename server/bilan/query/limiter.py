"""The limiter of questions: so many at once, in a process and of a person. See docs/decisions/064."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from uuid import UUID

from bilan.admission import Admission
from bilan.sdk.errors import TooMany
from bilan.sdk.textdomain import _

QUEUE = 4
"""How many questions may wait for each that may be asked at once."""
PATIENCE = 10.0
"""Seconds after which a question that waits is refused."""


class Overloaded(TooMany):
    """More is asked at once than there is room for; asking again soon is right."""

    retry_after = 5


class QuestionLimiter(Admission[UUID | None]):
    """Lets ``at_once`` questions in, ``each`` of them of one person; a few more wait, the others are refused.

    Of those who wait, whoever has the fewest questions in comes first. ``None``
    is the operator.
    """

    def __init__(self, at_once: int, each: int) -> None:
        super().__init__()
        self._at_once, self._each = at_once, min(each, at_once)
        self.refused = 0
        """How many were refused so far."""

    @property
    def asking(self) -> int:
        """How many questions are in."""
        return self.inside.total()

    def place(self, person: UUID | None) -> AbstractAsyncContextManager[None]:
        """Have a place while the block runs. Raises ``Overloaded`` where none is to be had soon."""
        return self.admitted(person, PATIENCE)

    def has_room(self, who: UUID | None) -> bool:
        return self.asking < self._at_once and self.inside[who] < self._each

    def may_wait(self, who: UUID | None) -> bool:
        own = sum(one == who for one, _turn in self.queue)
        return own < QUEUE * self._each and self.waiting < QUEUE * self._at_once

    def next(self, ready: Sequence[UUID | None]) -> int:
        return min(range(len(ready)), key=lambda place: self.inside[ready[place]])

    def refuse(self) -> Overloaded:
        self.refused += 1
        return Overloaded(_("Too many questions are being answered; ask again in a few seconds."))
