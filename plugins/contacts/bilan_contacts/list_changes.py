"""Changes of lists, made of what sources tell of a contact: each once, however often it is told.

A table says how a member stands now and a webhook what happened, and a source
may have both. So what counts is whether the contact's standing with the list
changed. See docs/decisions/108.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bilan.sdk import Row
from bilan_contacts.vocabulary import Kind, ListChange, Status

IN_ORDER = (
    Kind.CREATED, Kind.SIGNED_UP, Kind.MOVED_FROM, Kind.ADDED, Kind.UNSUBSCRIBED, Kind.BLACKLISTED,
    Kind.REMOVED, Kind.MOVED_TO, Kind.STATUS, Kind.MEMBER, Kind.PROFILE_UPDATED, Kind.OTHER,
)  # fmt: skip
"""How what is told of one moment came about."""
RANK = {kind.value: rank for rank, kind in enumerate(IN_ORDER)}
LEFT = {
    Status.UNSUBSCRIBED.value: ListChange.UNSUBSCRIBED,
    Status.BLACKLISTED.value: ListChange.BLACKLISTED,
    Status.REMOVED.value: ListChange.REMOVED,
}
"""Standings of those who are not on the list any more, with how that is called."""
CARRIED = ("origin", "language", "country")
"""What is told of a member once and holds until something else is told."""
MOMENT = timedelta(minutes=1)
"""A table and a webhook do not say the same second of one change of a profile."""
AFTER = {
    Kind.SIGNED_UP.value: Status.PENDING.value,
    Kind.ADDED.value: Status.MEMBER.value,
    **{status: status for status in LEFT},
}
"""How a contact stands after what is told, where that follows from its kind."""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that a row of the log tells, at its own moment."""

    occurred_at: datetime
    kind: str
    row: Row

    @property
    def order(self) -> tuple[datetime, int, str]:
        return self.occurred_at, RANK[self.kind], self.row["fact_id"]


@dataclass(slots=True)
class Standing:
    """How a contact stands with one list: ``status`` is empty while nothing is known of it."""

    status: str = ""
    changed_at: datetime | None = None
    known: dict[str, str] = field(default_factory=lambda: dict.fromkeys(CARRIED, ""))


def list_changes(rows: Sequence[Row], _settings: Mapping[str, Any]) -> Iterable[Row]:
    """The changes of one contact's standings, by when they came about."""
    found = dict[tuple[str, str], Row]()
    contact = _Contact()
    for told in sorted(_all_told(rows), key=lambda one: one.order):
        if (change := contact.change(told)) is None:
            continue
        if change["growth"] and (change["audience"], change["change_id"]) in found:
            # Sources that contradict each other: who came and went at one moment may do so again at it.
            change["change_id"] += f" {told.row['fact_id']}"
        found.setdefault((change["audience"], change["change_id"]), change)
    return found.values()


def _all_told(rows: Sequence[Row]) -> Iterator[Told]:
    """What the rows tell: a table's row also when the member signed up and was added.

    A table gives an address that took another's place the times of that other one.
    """
    moved = dict[str, datetime]()
    for row in rows:
        if row["kind"] == Kind.MOVED_FROM:
            moved[row["audience"]] = min(row["occurred_at"], moved.get(row["audience"], row["occurred_at"]))
    for row in rows:
        yield Told(row["occurred_at"], row["kind"], row)
        for kind, at in ((Kind.SIGNED_UP, row["signed_up_at"]), (Kind.ADDED, row["added_at"])):
            if at is not None and at >= moved.get(row["audience"], at):
                yield Told(at, kind.value, row)


class _Contact:
    """What is known of a contact so far: how they stand with each list."""

    def __init__(self) -> None:
        self._known = False
        self._standings = dict[str, Standing]()

    def change(self, told: Told) -> Row | None:
        """What one thing more changes."""
        if told.kind == Kind.OTHER:
            return None
        if told.kind == Kind.CREATED:
            change, self._known = _row(told, ListChange.CREATED, Standing(), new=not self._known), True
            return change
        standing = self._standings.setdefault(told.row["audience"], Standing())
        standing.known |= {name: told.row[name] for name in CARRIED if told.row[name]}
        found = self._changed(told, standing)
        self._known = self._known or standing.status not in ("", Status.PENDING)
        return found

    def _changed(self, told: Told, standing: Standing) -> Row | None:
        if told.kind in (Kind.MOVED_TO, Kind.MOVED_FROM):
            # The person neither came nor left: they go on under the other address.
            standing.status = str(Status.REMOVED if told.kind == Kind.MOVED_TO else Status.MEMBER)
            return _row(told, ListChange.ADDRESS_CHANGED, standing)
        if told.kind == Kind.PROFILE_UPDATED:
            return _updated(told, standing)
        listed = told.kind in (Kind.MEMBER, Kind.STATUS)
        status = told.row["status"] if listed else AFTER[told.kind]
        before, known = standing.status, self._known
        if status == before:
            return _updated(told, standing) if told.kind == Kind.MEMBER else None
        if not status or (status == Status.PENDING and (listed or before == Status.MEMBER)):
            return None
        standing.status = status
        if status == Status.PENDING:
            return _row(told, ListChange.SIGNED_UP, standing)
        if status == Status.MEMBER:
            if listed and not before:
                # Of a member whom a table lists without saying since when, nobody knows when they came.
                standing.changed_at = told.occurred_at
                return None
            return _row(told, ListChange.ADDED, standing, growth=1, new=not known)
        # Who is away already, or never confirmed, does not leave.
        return _row(told, LEFT[status], standing, growth=-1 if before in ("", Status.MEMBER) else 0)


def _updated(told: Told, standing: Standing) -> Row | None:
    if standing.changed_at is not None and told.occurred_at - standing.changed_at < MOMENT:
        return None
    return _row(told, ListChange.PROFILE_UPDATED, standing)


def _row(told: Told, change: ListChange, standing: Standing, *, growth: int = 0, new: bool = False) -> Row:
    standing.changed_at = told.occurred_at
    row = told.row
    known = {name: row[name] or standing.known[name] for name in CARRIED}
    return {
        "occurred_at": told.occurred_at,
        "audience": row["audience"],
        "change": change.value,
        "growth": growth,
        "new_contact": new,
        **known,
        "reason": row["reason"],
        "detail": row["other_address"] or row["detail"],
        "change_id": f"{change.value} {told.occurred_at.isoformat()}",
    }
