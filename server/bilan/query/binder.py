"""Values on their way into a statement: bound by name, never spliced."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bilan.warehouse import microseconds


class Binder:
    """Collects a statement's values and hands out their placeholders."""

    def __init__(self) -> None:
        self.parameters: dict[str, Any] = {}
        self._placeholders: dict[tuple[str, str], str] = {}

    def bind(self, value: Any, type_: str) -> str:
        """The placeholder of a value; the same one for the same value."""
        known = (repr(value), type_)
        if known not in self._placeholders:
            name = f"v{len(self.parameters)}"
            self.parameters[name] = value
            self._placeholders[known] = f"{{{name}:{type_}}}"
        return self._placeholders[known]

    def instant(self, value: datetime) -> str:
        """A moment, to the microsecond."""
        return f"fromUnixTimestamp64Micro({self.bind(microseconds(value), 'Int64')}, 'UTC')"

    def texts(self, values: Sequence[str]) -> str:
        """A list of texts."""
        return self.bind(list(values), "Array(String)")
