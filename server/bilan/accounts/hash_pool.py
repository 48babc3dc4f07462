"""The pool in which passwords are hashed: a few at a time, fair to those who wait. See docs/decisions/068."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from bilan.admission import Admission
from bilan.sdk.errors import TooMany
from bilan.sdk.textdomain import _

AT_ONCE = 2
"""How many hashes are computed at once; each takes 64 MiB, and several cores."""
OF_STRANGERS = 1
"""How many of these are for browsers that are not known, so that who is known waits for none of them."""
WAITING = 16
"""How many may wait; at a tenth of a second each they are done within two."""
OF_ONE = 2
"""How many of these may come from one address."""


class Crowded(TooMany):
    """More people sign in at this moment than passwords can be checked; trying again soon is right."""

    retry_after = 2


class HashPool(Admission[str | None]):
    """Lets ``AT_ONCE`` in, of whom ``OF_STRANGERS`` are not known; few of these wait, fewer from one place.

    So a flood of guesses keeps whoever is known waiting for none of their hashes, and a right password
    in a new browser for a handful.
    """

    def place(self, stranger: str | None = None) -> AbstractAsyncContextManager[None]:
        """Have a slot while the block runs. ``stranger`` is the network that an unknown browser asks from.

        Raises ``Crowded`` for strangers where too many of them wait.
        """
        return self.admitted(stranger)

    def has_room(self, who: str | None) -> bool:
        strangers = self.inside.total() - self.inside[None]
        return self.inside.total() < AT_ONCE and (who is None or strangers < OF_STRANGERS)

    def may_wait(self, who: str | None) -> bool:
        strangers = [one for one, _turn in self.queue if one is not None]
        return who is None or (len(strangers) < WAITING and strangers.count(who) < OF_ONE)

    def next(self, ready: Sequence[str | None]) -> int:
        return ready.index(None) if None in ready else 0

    def refuse(self) -> Crowded:
        return Crowded(_("Too many people are signing in; try again in a few seconds."))
