"""Any table of actions or of members of lists, through a mapping that a person may correct."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bilan.sdk import (
    BilanError,
    ColumnMapping,
    Conventions,
    Fact,
    ImportFile,
    Mapped,
    Message,
    Reject,
    RowFacts,
    Settings,
    TableRow,
    Unreadable,
    digest,
    open_table,
    read_rows,
    read_text,
)
from bilan_contacts.entries import Action, ListEntry
from bilan_contacts.list_changes import LEFT
from bilan_contacts.textdomain import _
from bilan_contacts.values import contact_name
from bilan_contacts.vocabulary import ACTIONS, LIST_LOG, Area, Kind, Status

Words = Mapping[str, tuple[str, ...]]
CONTACT = (
    "contact", "contact id", "email", "e mail", "email address", "e mail address", "address", "subscriber",
    "adresse e mail", "adresse email", "courriel", "adresse mail", "contact email",
)  # fmt: skip
TIME = (
    "occurred at", "timestamp", "time", "date", "created at", "event time", "date et heure", "horodatage",
)  # fmt: skip
ACTION_WORDS: Words = {
    "occurred_at": TIME,
    "contact": CONTACT,
    "action": ("action", "event", "event type", "activity", "evenement", "activite"),
    "area": ("area", "domaine"),
    "object": ("object", "subject", "campaign", "campaign name", "objet", "campagne", "nom de la campagne"),
    "channel": ("channel", "canal"),
    "category": ("category", "categorie"),
    "subcategory": ("subcategory", "sous categorie"),
    "origin": ("origin", "source", "origine"),
    "actor": ("actor", "done by", "auteur", "fait par"),
    "detail": ("detail", "details", "description", "detail de l action"),
    "fact_id": ("id", "event id", "uuid"),
}
LEFT_AT: Mapping[str, Status] = {
    **dict.fromkeys(("unsub time", "unsubscribed at", "desinscrit le", "desabonne le"), Status.UNSUBSCRIBED),
    **dict.fromkeys(("clean time", "cleaned at"), Status.BLACKLISTED),
}
"""How who has a time in such a column stands, where none says it: Mailchimp exports who left apart."""
MEMBER_WORDS: Words = {
    "occurred_at": (
        "last changed", "updated at", "changed at", "last updated", "date de modification", "modifie le",
        *LEFT_AT, *TIME,
    ),
    "contact": CONTACT,
    "status": ("status", "subscription status", "state", "member status", "statut", "etat"),
    "audience": ("list", "list name", "audience", "segment", "liste", "nom de la liste"),
    "signed_up_at": ("signed up at", "optin time", "signup date", "sign up date", "date d inscription"),
    "added_at": (
        "added at", "subscribed at", "confirm time", "confirmed at", "subscribe date", "date added",
        "create date",
        "ajoute le", "inscrit le", "confirme le", "date d ajout",
    ),
    "origin": ("origin", "source", "signup source", "origine", "source d inscription"),
    "language": ("language", "lang", "locale", "langue"),
    "country": ("country", "country code", "cc", "pays"),
    "reason": ("reason", "unsub reason", "unsub campaign reason", "motif", "raison"),
    "detail": ("detail", "details", "notes"),
}  # fmt: skip
"""Names of columns, in English and French, by the column that they are put to use for."""
STATUS_WORDS: Mapping[Status, tuple[str, ...]] = {
    Status.MEMBER: ("member", "subscribed", "active", "confirmed", "abonne", "inscrit", "actif"),
    Status.UNSUBSCRIBED: ("unsubscribed", "opted out", "opt out", "desabonne", "desinscrit"),
    Status.BLACKLISTED: (
        "blacklisted", "cleaned", "bounced", "complained", "blocked", "spam", "liste noire", "bloque",
    ),
    Status.REMOVED: (
        "removed", "deleted", "archived", "inactive", "supprime", "retire", "archive", "inactif",
    ),
    Status.PENDING: ("pending", "unconfirmed", "en attente", "non confirme"),
}  # fmt: skip
STATUSES = {word: status for status, words in STATUS_WORDS.items() for word in words}
AREAS = frozenset(area.value for area in Area)


@dataclass(frozen=True, slots=True)
class MappedTable:
    """Implements :class:`bilan.sdk.Reader` for tables whose rows become facts of one dataset."""

    key: str
    label: Message
    dataset: str
    words: Words
    marks: frozenset[str]
    """Uses of columns of which a table of this kind has one, beside its contact."""
    read_row: Callable[[Cells], Fact]

    def recognises(self, file: ImportFile) -> float:
        """By a column of contacts and one that marks the kind."""
        try:
            used = {self._target(column) for column in open_table(file.path).columns}
        except BilanError:
            return 0.0
        if "contact" not in used or not used & self.marks:
            return 0.1
        return 0.5 + 0.1 * len(used & self.marks)

    def propose(self, file: ImportFile, settings: Settings) -> ColumnMapping | None:
        """Each use goes to the first column whose name says it."""
        del settings
        table = open_table(file.path)
        rows, taken = table.sample(), set[str]()
        mapped, left_at = list[Mapped](), self._left_at(table.columns)
        for column in table.columns:
            target = self._target(column)
            target = (
                ""
                if target in taken or (left_at and target == "occurred_at" and column != left_at)
                else target
            )
            taken.add(target)
            sample = next((text for row in rows if (text := read_text(row.get(column)))), "")
            mapped.append(Mapped(column, target, sample[:100]))
        return ColumnMapping(self.dataset, tuple(mapped))

    def read(
        self, file: ImportFile, settings: Settings, mapping: ColumnMapping | None
    ) -> Iterator[RowFacts | Reject]:
        """One fact a row."""
        table = open_table(file.path)
        mapping = mapping or self.propose(file, settings) or ColumnMapping(self.dataset, ())
        uses = {one.target: one.column for one in mapping.columns if one.target}
        conventions = Conventions(table, mapping, settings)

        def read(row: TableRow) -> Iterator[Fact]:
            yield self.read_row(Cells(row, uses, mapping.constants, conventions))

        return read_rows(table.numbered(), read)

    def _left_at(self, columns: Sequence[str]) -> str:
        """The column of when members left, where no other says how they stand: it goes before other times."""
        if "status" not in self.words or "status" in map(self._target, columns):
            return ""
        return next((column for column in columns if plain(column) in LEFT_AT), "")

    def _target(self, column: str) -> str:
        name = plain(column)
        return next((target for target, words in self.words.items() if name in words), "")


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a row by what they are put to use for."""

    row: TableRow
    uses: Mapping[str, str]
    constants: Mapping[str, str]
    conventions: Conventions

    def text(self, target: str) -> str:
        """The text of a cell, or the constant where no column holds it."""
        column = self.uses.get(target)
        found = self.constants.get(target, "") if column is None else read_text(self.row.get(column))
        return found.strip()

    def instant(self, target: str) -> datetime | None:
        """The moment in a cell, in UTC."""
        column = self.uses.get(target)
        cell: Any = self.constants.get(target) if column is None else self.row.get(column)
        return self.conventions.instant(target, cell)

    def contact(self) -> str:
        """Who the row is about. Raises ``Unreadable`` where it does not say."""
        if found := contact_name(self.text("contact")):
            return found
        raise Unreadable(_("This row names no contact."))


def plain(name: str) -> str:
    """A word without case, accents and marks."""
    spaced = "".join(one if one.isalnum() else " " for one in unicodedata.normalize("NFKD", name.casefold())
                     if not unicodedata.combining(one))  # fmt: skip
    return " ".join(spaced.split())


def _action(cells: Cells) -> Fact:
    contact, action, occurred_at = cells.contact(), cells.text("action"), cells.instant("occurred_at")
    if not action:
        raise Unreadable(_("This row does not say what the contact did."))
    if occurred_at is None:
        raise Unreadable(_("This row does not say when it happened."))
    area = cells.text("area").lower() or cells.conventions.setting("area") or Area.PROFILE.value
    if area not in AREAS:
        raise Unreadable(
            _("“{value}” is no area; there are {choices}.",
              value=area[:80], choices=", ".join(sorted(AREAS)))
        )  # fmt: skip
    others = {
        name: cells.text(name)
        for name in ("object", "channel", "category", "subcategory", "origin", "actor", "detail")
    }
    said = [contact, action, occurred_at.isoformat(), others]
    return Action(
        fact_id=digest(cells.text("fact_id") or said), occurred_at=occurred_at, contact=contact,
        action=action, area=area, **others,
    ).fact()  # fmt: skip


def _left(cells: Cells) -> Status | None:
    """How who left stands, as the name of the column says that has the time of it."""
    return LEFT_AT.get(plain(cells.uses.get("occurred_at", ""))) if cells.text("occurred_at") else None


def _member(cells: Cells) -> Fact:
    contact, written = cells.contact(), cells.text("status")
    status = STATUSES.get(plain(written)) if written else _left(cells) or Status.MEMBER
    if status is None:
        raise Unreadable(
            _("“{value}” is no status of a member; there are {choices}.",
              value=written[:80], choices=", ".join(Status))
        )  # fmt: skip
    signed_up_at, added_at = cells.instant("signed_up_at"), cells.instant("added_at")
    changed_at = cells.instant("occurred_at")
    occurred_at = changed_at or added_at or signed_up_at
    if occurred_at is None:
        raise Unreadable(_("This row does not say when the member was added or changed."))
    if changed_at is None and status in LEFT:
        raise Unreadable(_("This row does not say when the member left."))
    if status is not Status.PENDING:
        added_at = added_at or signed_up_at
    names = ("audience", "origin", "language", "country", "reason", "detail")
    return ListEntry(
        occurred_at=max(filter(None, (occurred_at, added_at))), kind=Kind.MEMBER, contact=contact,
        status=status, signed_up_at=signed_up_at if signed_up_at != added_at else None, added_at=added_at,
        **{name: cells.text(name) for name in names},
    ).fact()  # fmt: skip


ACTION_TABLE = MappedTable(
    "actions-table", _("Table of actions"), ACTIONS, ACTION_WORDS, frozenset({"action"}), _action
)
MEMBER_TABLE = MappedTable(
    "members-table", _("Table of members of lists"), LIST_LOG, MEMBER_WORDS,
    frozenset({"status", "added_at", "signed_up_at"}), _member,
)  # fmt: skip
