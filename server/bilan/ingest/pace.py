"""How fast posts leave the inbox, as any process can see it. See docs/decisions/066."""

from __future__ import annotations

from dataclasses import dataclass

FEW = 100
"""Fewer posts than these go in one batch, whose time says nothing about that of many."""
STANDSTILL = 10.0
"""Seconds in which nothing left, after which posts wait for something else than their turn."""


@dataclass(slots=True)
class Pace:
    """Learns from looks at a queue. Only while many wait is it the queue's pace and not its senders'."""

    rate: float | None = None
    """Posts a second; ``None`` where it is unknown, or nothing leaves at all."""
    _since: tuple[float, int] | None = None

    def look(self, now: float, first: int, waiting: int) -> None:
        """``first`` is the sequence number of the post that waits longest."""
        if waiting < FEW:
            self._since = None
        elif self._since is None:
            self._since = (now, first)
        elif first > self._since[1]:
            rate = (first - self._since[1]) / max(now - self._since[0], 0.001)
            self.rate = rate if self.rate is None else (self.rate + rate) / 2
            self._since = (now, first)
        elif now - self._since[0] > STANDSTILL:
            self.rate = None

    def seconds(self, waiting: int) -> float:
        """How long so many posts take; 0 where few wait, or it is not known."""
        return waiting / self.rate if self.rate and waiting >= FEW else 0.0
