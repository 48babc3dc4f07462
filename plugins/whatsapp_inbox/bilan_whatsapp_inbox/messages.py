"""Messages out of the log: each once, with the furthest that became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bilan.sdk import Row, Settings
from bilan_whatsapp_inbox.vocabulary import SYSTEM, Direction, Kind

STATUSES = {"sent": 1, "failed": 2, "delivered": 3, "read": 4, "played": 5}
"""From the nearest to the furthest: what was delivered after it had failed once has not failed."""
RECEIVED = "received"
MESSAGE_OR_STATUS = frozenset({Kind.MESSAGE.value, Kind.STATUS.value})


def messages(rows: Iterable[Row], settings: Settings) -> Iterator[Row]:
    """One row for each message of a contact that the rows tell of, in any order, by time and id.

    A message that the service tells of by its statuses alone stands at its
    ``sent``, else at its first status. Notices of the system are none.
    """
    del settings
    told = dict[str, list[Row]]()
    for row in rows:
        if row["kind"] in MESSAGE_OR_STATUS and row["type"] != SYSTEM:
            told.setdefault(row["message_id"] or row["fact_id"], []).append(row)
    found = [_message(ident, of_one) for ident, of_one in told.items()]
    yield from sorted(found, key=lambda one: (one["occurred_at"], one["message_id"]))


def _message(ident: str, rows: list[Row]) -> Row:
    rows.sort(key=lambda row: (row["occurred_at"], row["fact_id"]))
    itself, sent, furthest = None, None, None
    for row in rows:
        if row["kind"] == Kind.MESSAGE:
            itself = itself or row
            continue
        sent = sent or (row if row["status"] == "sent" else None)
        if furthest is None or STATUSES.get(row["status"], 0) > STATUSES.get(furthest["status"], 0):
            furthest = row
    first = itself or sent or rows[0]
    if furthest is not None:
        status = furthest["status"]
    else:
        status = RECEIVED if first["direction"] == Direction.IN else ""
    return {
        "message_id": ident,
        "occurred_at": first["occurred_at"],
        "direction": first["direction"] or Direction.OUT.value,
        "contact_phone": first["contact_phone"],
        "contact_name": _first(rows, "contact_name"),
        "type": first["type"] if itself else "",
        "status": status,
        "number": _first(rows, "number"),
        "error_codes": sorted({code for row in rows for code in row["error_codes"]}),
        "category": next(filter(None, map(_category, rows)), ""),
    }


def _category(row: Row) -> str:
    """What WhatsApp bills the message as, where the row says it."""
    return row["pricing_category"] or row["window_origin"]


def _first(rows: list[Row], column: str) -> str:
    for row in rows:
        if row[column]:
            return row[column]
    return ""
