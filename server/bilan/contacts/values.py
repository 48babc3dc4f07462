"""What is known of an erasure, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from bilan.contacts.models import ErasureRow


class Reimport(StrEnum):
    """What becomes of facts about an erased contact that come later."""

    ANONYMISE = "anonymise"
    """They are counted, with a pseudonym in the place of the address and without personal columns."""
    REFUSE = "refuse"
    """They are refused with a sentence, and nothing of them is kept."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """That a contact was erased, when and for whom, and what was changed or removed. Moments are in UTC.

    ``pseudonym`` stands where the address stood. ``counts`` say of each kind of
    thing how many there were: ``facts``, ``rejects``, ``posts``, ``files``, ``reports``, ``e_mails`` and
    ``texts``. Backups made before ``completed_at`` hold the contact still.
    """

    id: UUID
    workspace: UUID
    pseudonym: str
    counts: Mapping[str, int]
    job: UUID | None
    asked_by_name: str
    created_at: datetime
    completed_at: datetime | None
    also: tuple[str, ...] = ()
    """What stands in the place of the same person's other addresses, which were erased with it."""

    @classmethod
    def of(cls, row: ErasureRow) -> Erasure:
        """The row as a value."""
        return cls(
            id=row.id,
            workspace=row.workspace,
            pseudonym=row.pseudonym,
            counts=row.counts,
            job=row.job,
            asked_by_name=row.asked_by_name,
            created_at=row.created_at,
            completed_at=row.completed_at,
            also=tuple(row.also or ()),
        )
