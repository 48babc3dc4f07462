"""Statements and their values, which are bound by name and never spliced."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bilan.warehouse.types import microseconds


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL and the values bound to it."""

    sql: str
    parameters: Mapping[str, Any]


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


def scope(binder: Binder, sources: Collection[UUID], as_of: datetime) -> str:
    """Which facts there are at all: of these sources, received by that moment."""
    chosen = binder.bind(sorted(sources), "Array(UUID)")
    return f"source IN {chosen} AND ingested_at <= {binder.instant(as_of)}"
