"""Reading single values that senders write in their own ways."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from email.utils import parseaddr
from typing import Any
from zoneinfo import ZoneInfo

from bilan.sdk.messages import Message, messages
from bilan.sdk.sources import Settings
from bilan_email_campaigns.vocabulary import NAMESPACE

_, n_ = messages(NAMESPACE)

Item = Mapping[str, Any]

MILLISECONDS = Decimal(10) ** 11
"""From here on a count since 1970 is read as milliseconds: as seconds it would lie past the year 5000."""
MICROSECONDS = Decimal(10) ** 14
DATE_LIKE = re.compile(
    r"(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4})"
    r"(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([ap]m)?)?",
    re.IGNORECASE,
)
TRUE = frozenset({"true", "1", "yes", "y", "t", "on", "oui", "vrai"})
GROUPED = re.compile(r"[+-]?\d{1,3}(?:[ .,'’\u00a0\u202f]\d{3})+")


class Unreadable(Exception):
    """A value that cannot be read; the row or item it stands in becomes a reject."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


def zone_of(settings: Settings) -> ZoneInfo:
    """The zone in which the source's times without a zone are read."""
    return ZoneInfo(settings.get("zone") or "UTC")


def text(value: Any) -> str:
    """Text as it is; numbers as text; nothing for anything else. Never holds half a character."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, str | int | float | Decimal):
        return str(value).encode("utf-8", "replace").decode("utf-8")
    return ""


def address(value: Any) -> str:
    """A recipient in lower case and without what stands around it."""
    written = text(value).strip()
    if "<" in written:
        written = parseaddr(written)[1] or written
    return written.lower()


def domain(recipient: str) -> str:
    """What follows the @, or nothing."""
    return recipient.rpartition("@")[2] if "@" in recipient else ""


def truth(value: Any) -> bool:
    """Whether a flag is set, written as a boolean, a number or a word."""
    return value if isinstance(value, bool) else text(value).strip().lower() in TRUE


def texts(*values: Any) -> list[str]:
    """The short texts in a value: a list, a list in a list, a list written as JSON, or one text."""
    found: list[str] = []
    for value in values:
        if isinstance(value, list | tuple):
            found += texts(*value)
        elif (written := text(value).strip()).startswith("["):
            found += _listed(written)
        elif written:
            found.append(written)
    return list(dict.fromkeys(found))


def _listed(written: str) -> list[str]:
    try:
        inner = json.loads(written)
    except ValueError:
        return [written]
    return texts(inner) if isinstance(inner, list) else [written]


def mapping(value: Any) -> Item:
    """An object, also one written as JSON inside a text; empty for anything else."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


def named(value: Any) -> str:
    """The sender's name for what happened. Raises ``Unreadable`` where there is none."""
    if name := text(value).strip():
        return name
    raise Unreadable(_("This item does not say what happened."))


def first(values: Iterable[Any]) -> Any:
    """The first value that is neither missing nor empty."""
    return next((value for value in values if value not in (None, "", [], {})), None)


def instant(value: Any, zone: ZoneInfo, *, month_first: bool = False) -> datetime | None:
    """A moment in UTC: a count since 1970 in seconds, milli- or microseconds, or a written date.

    A written one without a zone is read in ``zone``. ``None`` for an empty
    value; raises ``Unreadable`` for one that is no moment.
    """
    if value is None or value == "":
        return None
    try:
        return _instant(value, zone, month_first)
    except (ValueError, OverflowError, InvalidOperation, OSError):
        raise Unreadable(
            _("“{value}” is no moment; write it as 2026-01-31T08:00:00Z.", value=str(value)[:80])
        ) from None


def _instant(value: Any, zone: ZoneInfo, month_first: bool) -> datetime | None:
    if isinstance(value, datetime):
        return _placed(value, zone)
    if isinstance(value, date):
        return _placed(datetime(value.year, value.month, value.day), zone)  # noqa: DTZ001 - placed in its zone
    if isinstance(value, bool):
        raise ValueError(value)
    written = str(value).strip()
    if not written:
        return None
    try:
        count = Decimal(written)
    except InvalidOperation:
        return _placed(_written(written, month_first), zone)
    return _counted(count)


def _counted(count: Decimal) -> datetime:
    if not count.is_finite():
        raise ValueError(count)
    scale = 1_000_000 if abs(count) < MILLISECONDS else 1_000 if abs(count) < MICROSECONDS else 1
    microseconds = int(count * scale)
    whole, rest = divmod(microseconds, 1_000_000)
    return datetime.fromtimestamp(whole, UTC).replace(microsecond=rest)


def _written(written: str, month_first: bool) -> datetime:
    candidate = written.removesuffix(" UTC") + "Z" if written.endswith(" UTC") else written
    try:
        return datetime.fromisoformat(candidate)
    except ValueError:
        match = DATE_LIKE.fullmatch(written)
        if match is None:
            raise
    one, two, three, hour, minute, second, half = match.groups()
    if len(one) == 4:
        year, month, day = int(one), int(two), int(three)
    elif month_first:
        year, month, day = int(three), int(one), int(two)
    else:
        year, month, day = int(three), int(two), int(one)
    if len(three) == 3 or (len(one) < 4 and len(three) == 1):
        raise ValueError(written)
    year += 2000 if year < 100 else 0
    return datetime(year, month, day, _hour(hour, half), int(minute or 0), int(second or 0))  # noqa: DTZ001 - placed


def _hour(hour: str | None, half: str | None) -> int:
    if half is None:
        return int(hour or 0)
    return int(hour or 0) % 12 + (12 if half.lower() == "pm" else 0)


def _placed(moment: datetime, zone: ZoneInfo) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def whole(value: Any) -> int | None:
    """A whole number, also one with thousands grouped; ``None`` for an empty value."""
    written = text(value).strip()
    if not written or written in {"-", "–", "—"} or written.lower() in {"n/a", "null", "none", "nan"}:
        return None
    if GROUPED.fullmatch(written):
        written = re.sub(r"[^\d+-]", "", written)
    try:
        number = Decimal(written)
        if number == number.to_integral_value():
            return int(number)
    except (InvalidOperation, OverflowError, ValueError):
        pass
    raise Unreadable(_("“{value}” is no whole number.", value=written[:80]))


def digest(value: Any) -> str:
    """The hash of a value's canonical form: the same for two copies, whatever the order of their fields."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]
