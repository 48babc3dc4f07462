"""What the service of this area takes and hands out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from bilan.sdk.errors import Conflict
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _


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
    changed_by_name: str
    version: int


class Changed(Conflict):
    """Somebody else saved the report meanwhile; ``saved`` is what it holds now."""

    def __init__(self, saved: SavedReport) -> None:
        super().__init__(
            _(
                "This report was changed by {name} on {moment:instant}.",
                name=saved.changed_by_name,
                moment=saved.changed_at.isoformat(),
            ),
            ("version",),
        )
        self.saved = saved


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody who changes a report has seen of it.

    The ``version`` that they began from, or whatever the form named ``page`` has saved since.
    """

    version: int
    page: str = ""

    def includes(self, version: int, page: str | None) -> bool:
        """Whether the report as it is now, with this version and last saved from this form, was seen."""
        return version == self.version or (page is not None and page == self.page)


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
