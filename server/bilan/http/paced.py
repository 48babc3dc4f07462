"""Work that falls due all at once, done a few pieces at a time, so that it holds nobody up.

See docs/decisions/080.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

AT_ONCE = 16
"""So many pieces are done in one turn of the event loop."""
PAUSE = 0.02
"""Seconds until the next turn, in which others are served."""


class Paced:
    """Does the first piece at once, and those that come meanwhile ``at_once`` at a time."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._waiting = dict[Callable[[], object], None]()
        self._pausing = False

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def do(self, loop: Any, piece: Callable[[], object]) -> None:
        """Have it done soon, after those that were given before."""
        self._waiting[piece] = None
        if not self._pausing:
            self._turn(loop)

    def clear(self, piece: Callable[[], object]) -> None:
        """Do it no more, where it waits."""
        self._waiting.pop(piece, None)

    def _turn(self, loop: Any) -> None:
        self._pausing = bool(self._waiting)
        if self._pausing:
            loop.call_later(PAUSE, partial(self._turn, loop))
        for _piece in range(min(self._at_once, len(self._waiting))):
            piece = next(iter(self._waiting))
            self.clear(piece)
            piece()


class Deadlines:
    """Calls for those whose time is up, a few in each turn. All of them have as many ``seconds``.

    One timer does for all, as they fall due in the order in which they were
    set. Timers of their own would each wait for the interpreter while threads
    compute, and hundreds that were set at once end at once.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._set = dict[object, tuple[float, Callable[[], object]]]()
        self._armed = False

    def __len__(self) -> int:
        """How many are set."""
        return len(self._set)

    def set(self, loop: Any, whose: object, late: Callable[[], object]) -> None:
        """Call ``late`` when the time is up, counted from now, in place of what was set for them before."""
        self.clear(whose)
        self._set[whose] = loop.time() + self._seconds, late
        if not self._armed:
            self._armed = True
            loop.call_later(self._seconds, partial(self._turn, loop))

    def clear(self, whose: object) -> None:
        """Call nothing for them, also where their time is up and others are ended before them."""
        self._set.pop(whose, None)

    def _turn(self, loop: Any) -> None:
        now = loop.time()
        for _one in range(min(AT_ONCE, len(self._set))):
            whose, (due, late) = next(iter(self._set.items()))
            if due > now:
                break
            self.clear(whose)
            late()
        self._armed = bool(self._set)
        if self._armed:
            due, _late = next(iter(self._set.values()))
            loop.call_later(max(due - now, PAUSE), partial(self._turn, loop))
