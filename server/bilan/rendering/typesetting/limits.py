"""What rendering one file may take, and whether it is still wanted."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

MEMORY = 1024 * 1024**2


def _wanted() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Limits:
    """``memory`` in bytes is the most a rendering process may take; ``cancelled`` is asked meanwhile."""

    memory: int = MEMORY
    cancelled: Callable[[], bool] = _wanted


DEFAULT = Limits()
LIMITS: ContextVar[Limits] = ContextVar("bilan_rendering_limits", default=DEFAULT)
"""Set by whoever has a file rendered; threads that render inherit it."""
