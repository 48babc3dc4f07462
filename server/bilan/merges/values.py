"""What is known of a merge, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from bilan.contacts.models import MergeRow


class MergeKind(StrEnum):
    """Who says it, and what."""

    TOLD = "told"
    """A source tells that two addresses are one person."""
    MERGED = "merged"
    """Somebody merged them."""
    APART = "apart"
    """Somebody decided that they are two, whatever sources tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """What is said of two addresses, by whom and why; moments are in UTC.

    ``at`` is when it was said, of what a source tells since when it is so. Undone it stays listed.
    """

    id: UUID
    kind: MergeKind
    one: str
    other: str
    at: datetime
    moment: int
    """Since which moment it is known, in microseconds since 1970."""
    by_name: str
    """Who decided it, or the source's name."""
    reason: str = ""
    undone_by_name: str = ""
    undone_at: datetime | None = None
    overruled: bool = False
    """Whether it is told by a source, and somebody decided otherwise."""

    @property
    def holds(self) -> bool:
        """Whether it counts now."""
        return self.undone_at is None and not self.overruled

    @property
    def place(self) -> str:
        """Where it stands in the list of all."""
        return f"{self.moment}.{self.id}"

    @classmethod
    def of(cls, row: MergeRow) -> Merge:
        """A decision as a value."""
        return cls(
            id=row.id,
            kind=MergeKind.APART if row.apart else MergeKind.MERGED,
            one=row.one,
            other=row.other,
            at=row.created_at,
            moment=row.moment,
            by_name=row.by_name,
            reason=row.reason,
            undone_by_name=row.undone_by_name,
            undone_at=row.undone_at,
        )


@dataclass(frozen=True, slots=True)
class Merges:
    """What is said of addresses, the latest first; of one person also their addresses, in order."""

    addresses: tuple[str, ...]
    merges: tuple[Merge, ...]
    hidden: int = 0
    """How many more addresses of the person are told by sources that the reader may not see."""
    older: str = ""
    """Behind what the next page begins; empty on the last one."""
