"""Events of any table, column by column: each different value is read once."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import datetime
from functools import reduce
from typing import Any

from bilan.sdk import (
    ColumnMapping,
    Conventions,
    DictionaryColumn,
    FactColumns,
    TableBatch,
    TableRow,
    Unreadable,
    constant,
    digest,
    each,
    each_text,
    encode,
    read_flag,
    refusals,
)
from bilan_email_campaigns.events import event_columns
from bilan_email_campaigns.readers.cells import channel_of, tags_of
from bilan_email_campaigns.readers.synonyms import BOUNCE_CLASSES, KINDS, REJECT_REASONS, plain
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.values import address
from bilan_email_campaigns.vocabulary import EVENTS, Kind, RejectReason

VERBATIM = (
    "campaign", "campaign_name", "canvas", "canvas_name", "variant", "variant_name", "step", "step_name",
    "subject", "category", "audience", "url", "button", "user_agent", "country", "city", "message_id",
)  # fmt: skip
IDENTITY = ("campaign", "canvas", "variant", "step", "message_id", "recipient", "url", "button")
NAMED = ("campaign", "canvas", "variant", "step")
"""What a file may know by name alone, in columns ending in ``_name``."""


class EventCells:
    """The cells of a batch by what they are put to use for."""

    def __init__(self, batch: TableBatch, mapping: ColumnMapping, conventions: Conventions) -> None:
        self.batch = batch
        self._mapping = mapping
        self._conventions = conventions

    def __getitem__(self, target: str) -> DictionaryColumn:
        """The cells put to this use; a constant stands in for an empty one."""
        named = [each.column for each in self._mapping.columns if each.target == target]
        otherwise = constant(self._mapping.constants.get(target), len(self.batch.readable))
        return reduce(_filled, map(self.batch.column, named), otherwise)

    def text(self, target: str) -> DictionaryColumn:
        """The cells as text without space around it."""
        return each_text(self[target])

    def instants(self, target: str) -> DictionaryColumn:
        """The cells as moments in UTC, as far as they hold any."""
        return self._conventions.instants(target, self[target])


def _filled(otherwise: DictionaryColumn, cells: DictionaryColumn) -> DictionaryColumn:
    if otherwise.dictionary == [None]:
        return cells
    return each(_first, otherwise, cells)


def _first(before: Any, cell: Any) -> Any:
    return before if cell in (None, "") else cell


class Repeats:
    """Counts the equal rows of a file whose events have no ids: each of them is an event of its own."""

    def __init__(self) -> None:
        self._seen = dict[str, int]()

    def told_apart(
        self, events: DictionaryColumn, event_ids: DictionaryColumn, refused: Container[int]
    ) -> DictionaryColumn:
        """The facts' ids, those of equal rows told apart by how many there were before.

        A refused row is no event, and counts for none.
        """
        found = list[Any]()
        for place, (fact, event_id) in enumerate(zip(events.values(), event_ids.values(), strict=True)):
            if not event_id and isinstance(fact, str) and place not in refused:
                before = self._seen.get(fact, 0)
                self._seen[fact] = before + 1
                fact = digest([fact, before]) if before else fact
            found.append(fact)
        return encode(found) if all(isinstance(fact, str) for fact in found) else _plain(found)


def _plain(values: list[Any]) -> DictionaryColumn:
    return DictionaryColumn(values, range(len(values)))


def read_events(cells: EventCells, repeats: Repeats) -> FactColumns:
    """One event a row."""
    words = cells.text("kind")
    kinds, moments = each(_kind, words), cells.instants("occurred_at")
    channels = each(channel_of, cells.text("channel"))
    given = {
        **{name: cells.text(name) for name in VERBATIM},
        "event_id": cells.text("event_id"),
        "occurred_at": moments,
        "kind": kinds,
        "channel": channels,
        "send": each(_is_send, kinds),
        "tags": each(tags_of, cells["tags"]),
        "recipient": each(address, cells["recipient"]),
        "machine": each(read_flag, cells["machine"]),
        "bounce_class": each(_bounce_class, kinds, cells.text("bounce_class"), words),
        "reject_reason": each(_reject_reason, cells.text("reject_reason")),
        "reason": each(_reason, cells.text("reason"), kinds, words),
        "test": each(read_flag, cells["test"]),
    }
    refused = refusals(kinds, moments, channels, *_bare(given))
    given["fact_id"] = given["event_id"]
    if "" in given["event_id"].dictionary:
        what = _identity(given)
        events = each(_fact_id, given["event_id"], kinds, words, channels, moments, *what)
        given["fact_id"] = repeats.told_apart(events, given["event_id"], refused)
    rejects = cells.batch.rejects(refused, _written)
    return FactColumns(EVENTS, event_columns(given), cells.batch.readable, rejects)


def _bare(given: Mapping[str, DictionaryColumn]) -> Sequence[DictionaryColumn]:
    """A column of refusals for rows of which only the kind was read, if there can be any."""
    said = [given[name] for name in (*VERBATIM, "event_id", "recipient")]
    moments = given["occurred_at"]
    if None not in moments.dictionary or any("" not in column.dictionary for column in said):
        return ()
    return (each(_says_something, moments, *said),)


def _says_something(at: datetime | None, *said: str) -> bool:
    if at is None and not any(said):
        raise Unreadable(
            _("Of this row only the kind of its event was read, not when it was, whom or what it is about.")
        )
    return True


def _written(row: TableRow) -> str:
    return json.dumps(row, ensure_ascii=False, default=str)


def _kind(word: str) -> str:
    if not word:
        raise Unreadable(_("This row does not say what happened."))
    return str(KINDS.get(plain(word), Kind.OTHER.value))


def _is_send(kind: str) -> bool:
    return kind == Kind.SENT


def _bounce_class(kind: str, word: str, event: str) -> str:
    meaning = BOUNCE_CLASSES.get(plain(word))
    if meaning is None and kind == Kind.BOUNCED:
        meaning = BOUNCE_CLASSES.get(plain(event))
    return str(meaning or "")


def _reject_reason(word: str) -> str:
    return str(REJECT_REASONS.get(plain(word), RejectReason.OTHER.value)) if word else ""


def _reason(said: str, kind: str, word: str) -> str:
    return said or (word if kind == Kind.OTHER else "")


def _identity(given: Mapping[str, DictionaryColumn]) -> Iterator[DictionaryColumn]:
    """What tells events apart beside kind and time: names where there are no ids, and else the subject."""
    known = {name: given[name] for name in IDENTITY}
    known |= {name: each(_first, given[f"{name}_name"], given[name]) for name in NAMED}
    others = (known["canvas"], known["step"], known["message_id"])
    known["campaign"] = each(_subject, known["campaign"], given["subject"], *others)
    yield from known.values()


def _subject(campaign: str, subject: str, *others: str) -> str:
    return campaign or ("" if any(others) else subject)


def _fact_id(event_id: str, kind: str, word: str, channel: str, at: datetime | None, *what: str) -> str:
    moment = at.isoformat() if at else ""
    return event_id or digest([word if kind == Kind.OTHER else kind, channel, moment, *what])
