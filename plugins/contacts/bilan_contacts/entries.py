"""Rows on their way into the plugin's datasets, whoever tells them. Moments are in UTC."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from bilan.sdk import Fact, Row, digest
from bilan_contacts.vocabulary import ACTIONS, LIST_LOG, Area, Kind, Status


@dataclass(slots=True, kw_only=True)
class Action:
    """The columns of ``contacts.actions``; what a source does not say stays empty."""

    fact_id: str
    occurred_at: datetime
    contact: str
    action: str
    area: Area | str
    object: str = ""
    channel: str = ""
    category: str = ""
    subcategory: str = ""
    origin: str = ""
    actor: str = ""
    detail: str = ""

    def fact(self) -> Fact:
        """The action as a row of the dataset."""
        return Fact(ACTIONS, {**asdict(self), "area": str(self.area)})


@dataclass(slots=True, kw_only=True)
class ListEntry:
    """The columns of ``contacts.list_log``; what a source does not say stays empty.

    Without ``fact_id`` two rows that say the same are one.
    """

    occurred_at: datetime
    kind: Kind
    contact: str
    audience: str = ""
    status: Status | str = ""
    signed_up_at: datetime | None = None
    added_at: datetime | None = None
    origin: str = ""
    language: str = ""
    country: str = ""
    reason: str = ""
    other_address: str = ""
    detail: str = ""
    fact_id: str = ""

    def fact(self) -> Fact:
        """The entry as a row of the dataset."""
        row: Row = {**asdict(self), "kind": str(self.kind), "status": str(self.status)}
        row["fact_id"] = self.fact_id or digest(row)
        return Fact(LIST_LOG, row)
