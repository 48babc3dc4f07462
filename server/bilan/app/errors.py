"""What a task group wraps, as it was."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def unwrapped() -> Generator[None]:
    """An error that comes alone leaves the block as itself, not as a group of one."""
    try:
        yield
    except BaseExceptionGroup as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
            error = error.exceptions[0]
        raise error from error.__cause__
