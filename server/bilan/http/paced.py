"""Work that falls due all at once, done a few pieces at a time, so that it holds nobody up.

See docs/decisions/080.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

AT_ONCE = 16
"""So many pieces are done in one turn of the event loop."""
PAUSE = 0.02
"""Seconds until the next turn, in which others are served."""


class Paced:
    """Does the first piece at once, and those that come meanwhile ``AT_ONCE`` at a time."""

    def __init__(self) -> None:
        self._waiting = deque[Callable[[], object]]()
        self._pausing = False

    def do(self, loop: Any, piece: Callable[[], object]) -> None:
        """Have it done soon, after those that were given before."""
        self._waiting.append(piece)
        if not self._pausing:
            self._turn(loop)

    def _turn(self, loop: Any) -> None:
        pieces = [self._waiting.popleft() for _piece in range(min(AT_ONCE, len(self._waiting)))]
        self._pausing = bool(pieces)
        if pieces:
            loop.call_later(PAUSE, partial(self._turn, loop))
        for piece in pieces:
            piece()
