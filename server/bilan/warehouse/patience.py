"""Patience with a stream: as long as it flows it may go on, but it may not keep its reader waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import IO, TypeVar

T = TypeVar("T")


class Patience:
    """Gives up where the reader has to wait for longer than so many seconds at once.

    The time that a reader takes for what it got does not count.
    """

    def __init__(self, seconds: float, give_up: Callable[[], None]) -> None:
        self._seconds, self._give_up = seconds, give_up

    @contextmanager
    def waiting(self) -> Generator[None]:
        """The reader waits while the block runs."""
        timer = threading.Timer(self._seconds, self._give_up)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def items(self, source: Iterable[T]) -> Iterator[T]:
        """The items of something, each waited for."""
        iterator = iter(source)
        while True:
            with self.waiting():
                try:
                    item = next(iterator)
                except StopIteration:
                    return
            yield item


class PatientFile:
    """A file whose pieces are waited for."""

    def __init__(self, file: IO[bytes], patience: Patience) -> None:
        self._file, self._patience = file, patience

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""
        with self._patience.waiting():
            return self._file.read(size)
