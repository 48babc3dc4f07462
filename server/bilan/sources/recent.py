"""What was looked up a moment ago."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from bilan.clock import Clock

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

FOR = timedelta(seconds=5)
"""How long another process's change may go unnoticed."""
MOST = 1_000


class Recent(Generic[K, V]):
    """Values that were looked up in the last few seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[K, tuple[datetime, V]] = {}

    def get(self, key: K) -> V | None:
        """The value, if it is fresh."""
        at, value = self._kept.get(key, (None, None))
        return value if at is not None and self._clock.now() - at < FOR else None

    def put(self, key: K, value: V) -> V:
        """Keep the value for a moment."""
        if len(self._kept) >= MOST:
            self._kept.clear()
        self._kept[key] = (self._clock.now(), value)
        return value

    def forget(self) -> None:
        """Drop everything, after a change."""
        self._kept.clear()
