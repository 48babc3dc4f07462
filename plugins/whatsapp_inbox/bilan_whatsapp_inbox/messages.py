"""Messages out of the log: each once, with the furthest that became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bilan.sdk import Row, Settings
from bilan_whatsapp_inbox.vocabulary import SYSTEM, Direction, Kind

STATUSES = {"sent": 1, "failed": 2, "delivered": 3, "read": 4, "played": 5}
"""From the nearest to the furthest: what was delivered after it had failed once has not failed."""
RECEIVED = "received"


def messages(rows: Iterable[Row], settings: Settings) -> Iterator[Row]:
    """One row for each message of a contact that the rows tell of, in any order, by time and id.

    A message that the service tells of by its statuses alone stands at its
    ``sent``, else at its first status. Notices of the system are none.
    """
    del settings
    told = dict[str, list[Row]]()
    for row in rows:
        if row["kind"] in (Kind.MESSAGE, Kind.STATUS) and row["type"] != SYSTEM:
            told.setdefault(row["message_id"] or row["fact_id"], []).append(row)
    found = [_message(ident, [*of_one]) for ident, of_one in told.items()]
    yield from sorted(found, key=lambda one: (one["occurred_at"], one["message_id"]))


def _message(ident: str, rows: list[Row]) -> Row:
    rows.sort(key=lambda row: (row["occurred_at"], row["fact_id"]))
    statuses = [row for row in rows if row["kind"] == Kind.STATUS]
    itself = next((row for row in rows if row["kind"] == Kind.MESSAGE), None)
    first = itself or next(
        (row for row in statuses if row["status"] == "sent"), statuses[0] if statuses else rows[0]
    )
    furthest = max(statuses, key=lambda row: STATUSES.get(row["status"], 0), default=None)
    if furthest is not None:
        status = furthest["status"]
    else:
        status = RECEIVED if first["direction"] == Direction.IN else ""
    codes = dict.fromkeys(code for row in rows for code in row["error_codes"])
    return {
        "message_id": ident,
        "occurred_at": first["occurred_at"],
        "direction": first["direction"] or Direction.OUT.value,
        "contact_phone": first["contact_phone"],
        "contact_name": next((row["contact_name"] for row in rows if row["contact_name"]), ""),
        "type": first["type"] if itself else "",
        "status": status,
        "number": next((row["number"] for row in rows if row["number"]), ""),
        "error_codes": sorted(codes),
        "category": next(filter(None, map(_category, rows)), ""),
    }


def _category(row: Row) -> str:
    """What WhatsApp bills the message as, where the row says it."""
    return row["pricing_category"] or row["window_origin"]
