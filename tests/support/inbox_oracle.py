"""What conversations are, written once more from the requirement: slowly, row by row and minute by minute.

Shares nothing with the plugin but the names of columns and kinds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Row = Mapping[str, Any]
MINUTE = timedelta(minutes=1)
FREELY_WRITTEN = ("", "service", "user_initiated", "referral_conversion")


@dataclass(frozen=True)
class Week:
    """Business hours: by weekday from which minute after midnight to which, and the days without any."""

    zone: str
    minutes: Mapping[int, Sequence[tuple[int, int]]]
    holidays: frozenset[date] = frozenset()

    def is_open(self, at: datetime) -> bool:
        """Whether the clock on the wall shows an hour in which somebody is there."""
        wall = at.astimezone(ZoneInfo(self.zone))
        shown = wall.hour * 60 + wall.minute
        hours = () if wall.date() in self.holidays else self.minutes.get(wall.weekday(), ())
        return any(opens <= shown < closes for opens, closes in hours)

    def seconds(self, start: datetime, end: datetime) -> int:
        """The open seconds between two moments, both on whole minutes."""
        count = max(0, (end - start) // MINUTE)
        return 60 * sum(self.is_open(start + number * MINUTE) for number in range(count))

    @property
    def written(self) -> str:
        """As the setting has it."""
        names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
        return ", ".join(
            f"{names[day]} {opens // 60}:{opens % 60:02}-{closes // 60}:{closes % 60:02}"
            for day, hours in self.minutes.items()
            for opens, closes in hours
        )


@dataclass(frozen=True)
class Said:
    """A message: when, which way, whether by a machine, its id and its type."""

    row: Row
    inbound: bool
    automated: bool
    ident: str
    type: str

    @property
    def at(self) -> datetime:
        return self.row["occurred_at"]

    @property
    def by_person(self) -> bool:
        return not self.inbound and not self.automated


def conversations(rows: Iterable[Row], silence: timedelta, week: Week | None = None) -> list[dict[str, Any]]:
    """The conversations that the rows of any contacts and inboxes tell of."""
    copies: dict[str, Row] = {}
    for row in rows:
        copies.setdefault(row["fact_id"], row)
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(copies.values(), key=_order):
        if row["conversation"]:
            groups.setdefault(("named", row["conversation"]), []).append(row)
        elif row["contact_phone"]:
            groups.setdefault(("contact", row["contact_phone"]), []).append(row)
    found = list[dict[str, Any]]()
    for (sort, _name), group in groups.items():
        parts = [_named(group)] if sort == "named" else _unnamed(group, silence)
        found += [_counted(part, said, closed_at, week) for part, said, closed_at in parts if part]
    return sorted(found, key=lambda one: (one["started_at"], one["thread"], one["conversation_id"]))


def _order(row: Row) -> tuple[Any, ...]:
    """By time; at one moment a question, then what answers it, then what the inbox says, and a close last."""
    kind, last = row["kind"], row["kind"] == "closed"
    written = kind in ("message", "status")
    return row["occurred_at"], last, not written, written and row["direction"] != "in", row["fact_id"]


def _messages(rows: Sequence[Row]) -> list[Said]:
    itself = {row["message_id"] or row["fact_id"] for row in rows if row["kind"] == "message"}
    found: dict[str, Said] = {}
    for row in rows:
        ident, kind = row["message_id"] or row["fact_id"], row["subtype"] or row["type"]
        if row["kind"] == "message" and row["type"] != "system":
            said = Said(row, row["direction"] == "in", row["automated"], ident, kind)
        elif row["kind"] == "status" and row["status"] == "sent" and ident not in itself:
            billed = row["pricing_category"] or row["window_origin"]
            said = Said(row, False, billed not in FREELY_WRITTEN, ident, kind)
        else:
            continue
        found.setdefault(ident, said)
    return list(found.values())


Part = tuple[list[Row], list[Said], datetime | None]


def _named(rows: list[Row]) -> Part:
    """All that the inbox says of its own conversation, if it says that there is one."""
    said = _messages(rows)
    if not said and not any(row["kind"] == "opened" or row["opened_at"] for row in rows):
        return [], [], None
    ends: list[datetime | None] = [None]
    for row in rows:
        reopens = row["kind"] == "message" and not (row["automated"] and row["direction"] == "out")
        if row["kind"] == "closed":
            ends.append(row["closed_at"] or ends[-1] or row["occurred_at"])
        elif row["kind"] == "opened":
            ends.append(None)
        elif reopens or row["closed_at"]:
            ends.append(row["closed_at"])
    return rows, said, ends[-1]


def _unnamed(rows: list[Row], silence: timedelta) -> list[Part]:
    """Each message begins a conversation unless the one before is near and nothing was closed since."""
    said, parts = _messages(rows), list[Part]()
    place = {id(row): number for number, row in enumerate(rows)}
    closes = [number for number, row in enumerate(rows) if row["kind"] == "closed"]
    begun = [
        number
        for number, one in enumerate(said)
        if number == 0 or _end(said[number - 1], closes, rows, place, silence) <= _key(one, place)
    ]
    for number, first in enumerate(begun):
        after = begun[number + 1] if number + 1 < len(begun) else len(said)
        until = place[id(said[after].row)] if after < len(said) else len(rows)
        of_it = rows[place[id(said[first].row)] : until]
        end = _end(said[after - 1], closes, rows, place, silence)
        parts.append((of_it, said[first:after], end[0]))
    return parts


def _key(one: Said, place: Mapping[int, int]) -> tuple[datetime, int]:
    return one.at, place[id(one.row)]


def _end(
    last: Said, closes: list[int], rows: Sequence[Row], place: Mapping[int, int], silence: timedelta
) -> tuple[datetime, int]:
    """When a conversation with this last message is over: by the first close after it, or by silence."""
    over = last.at + silence
    told = [(rows[number]["occurred_at"], number) for number in closes if number > place[id(last.row)]]
    return min([*(one for one in told if one[0] < over), (over, -1)])


def _counted(
    rows: list[Row], said: list[Said], closed_at: datetime | None, week: Week | None
) -> dict[str, Any]:
    named = rows[0]["conversation"]
    opened = [row["opened_at"] for row in rows if named and row["opened_at"]]
    opened_at = min(opened) if opened else None
    started_at = min([rows[0]["occurred_at"], *opened]) if named else said[0].at
    asked_at = opened_at or next((one.at for one in said if one.inbound), None)
    since = 0 if opened else next((n for n, one in enumerate(said) if one.inbound), len(said))
    replied_at = next((one.at for one in said[since:] if one.by_person), None)
    inbound = bool(opened) or not said or said[0].inbound
    answered = asked_at is not None and replied_at is not None
    wait = int((replied_at - asked_at).total_seconds()) if asked_at and replied_at else None
    business = week.seconds(asked_at, replied_at) if week and asked_at and replied_at else wait
    stating = [row for row in rows if row["tags"] or row["kind"] in ("tagged", "updated")]
    ratings = [row["rating"] for row in rows if row["rating"] is not None]
    agents = [row["agent"] for row in rows if row["agent"]]

    def last(column: str, empty: Any) -> Any:
        values = [row[column] for row in rows if row[column]]
        return values[-1] if values else empty

    return {
        "thread": named or rows[0]["contact_phone"],
        "conversation": named,
        "conversation_id": named or said[0].ident,
        "reference": next((row["reference"] for row in rows if row["reference"]), ""),
        "started_at": started_at,
        "first_reply_at": replied_at,
        "closed_at": closed_at,
        "contact_phone": last("contact_phone", ""),
        "contact_name": last("contact_name", ""),
        "contact_tags": last("contact_tags", []),
        "conversation_tags": list(stating[-1]["tags"]) if stating else [],
        "agents": [one for number, one in enumerate(agents) if one not in agents[:number]],
        "status": "open" if closed_at is None else "closed",
        "direction": "inbound" if inbound else "outbound",
        "conversation_source": _source(said, inbound=inbound),
        "messages_in": len([one for one in said if one.inbound]),
        "messages_out": len([one for one in said if not one.inbound]),
        "first_response_seconds": wait if answered else None,
        "first_response_business_seconds": business if answered else None,
        "duration_seconds": closed_at and int((closed_at - (opened_at or started_at)).total_seconds()),
        "rating": ratings[-1] if ratings else None,
        "number": last("number", ""),
    }


def _source(said: list[Said], *, inbound: bool) -> str:
    if said and said[0].inbound and said[0].type == "nfm_reply":
        return "flow"
    if inbound:
        return "inbound"
    return "flow" if said[0].automated else "inbox"


def as_seen(one: Mapping[str, Any], moment: datetime) -> dict[str, Any]:
    """A conversation as it is at a moment: not closed before its close."""
    if one["closed_at"] is not None and one["closed_at"] > moment.astimezone(UTC):
        return {**one, "closed_at": None, "status": "open", "duration_seconds": None}
    return dict(one)
