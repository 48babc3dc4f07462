"""What the service of this area takes and hands out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from bilan.sdk.messages import Message


@dataclass(frozen=True, slots=True)
class SavedReport:
    """A report that somebody put together. Moments are in UTC.

    ``parameters`` are raw, as filled in. ``sources`` are the ones it reads.
    ``available`` says whether the plugin that declares its kind is installed.
    """

    id: UUID
    workspace: UUID
    name: str
    kind: str
    kind_label: Message | str
    parameters: Mapping[str, Any]
    formats: tuple[str, ...]
    sources: frozenset[UUID]
    personal: bool
    available: bool
    created_by: UUID | None
    created_by_name: str
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody filled in for a report. Without sources it reads all that feed its kind."""

    name: str
    kind: str
    parameters: Mapping[str, Any]
    formats: tuple[str, ...] = ("html",)
    sources: frozenset[UUID] | None = None


class Sort(StrEnum):
    """How a list of reports is sorted."""

    NAME = "name"
    KIND = "kind"
    CREATED = "created_at"
    CHANGED = "changed_at"
