"""Time zones as they are written behind a time: honoured, or refused with a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from bilan.sdk.textdomain import _
from bilan.sdk.unreadable import Unreadable

HOURS: Mapping[str, float] = {
    "z": 0, "utc": 0, "ut": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2, "mez": 1,
    "mesz": 2, "met": 1, "mest": 2, "eet": 2, "eest": 3, "msk": 3, "sast": 2, "wat": 1, "cat": 2, "eat": 3,
    "est": -5, "edt": -4, "cdt": -5, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9, "akdt": -8,
    "hst": -10, "nst": -3.5, "ndt": -2.5, "adt": -3, "jst": 9, "kst": 9, "hkt": 8, "sgt": 8, "pkt": 5,
    "wib": 7, "wita": 8, "wit": 9, "awst": 8, "acst": 9.5, "acdt": 10.5, "aest": 10, "aedt": 11,
    "nzst": 12, "nzdt": 13,
}  # fmt: skip
"""Abbreviations that stand for one offset to UTC, in hours."""
SEVERAL = frozenset({"ist", "cst", "ast", "mst", "sst", "gst", "amt", "art", "bt", "ect", "pht", "wst"})
"""Abbreviations that stand for several, such as China's and America's CST; the source's zone may tell."""
OFFSET = r"(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?"
WRITTEN = re.compile(
    rf"(?:(?:utc|gmt)? ?{OFFSET})?(?: ?\[(?P<bracketed>[^\[\]]+)\])?(?: ?(?P<name>[a-z][a-z0-9_+\-/]*))?"
    r"(?: m=[+-][\d.]+)?(?: ?\((?P<comment>[^()]*)\))?",
    re.ASCII,
)


def in_zone(moment: datetime, zone: str, default: tzinfo, written: str) -> datetime:
    """The moment in the zone that is written behind it, in lower case.

    ``default`` is the source's zone. A zone's name in brackets and an offset
    must agree; a name in parentheses behind an offset only explains it.
    Raises ``Unreadable`` for a zone that is not known.
    """
    parts = WRITTEN.fullmatch(zone)
    if parts is None:
        raise _unknown(written, zone)
    offset, named = _offset(parts), parts["bracketed"] or parts["name"] or ""
    if offset is None:
        return _named(moment, named or parts["comment"] or "", default, written)
    placed = moment.replace(tzinfo=offset)
    if known := zones().get(named) if "/" in named else None:
        there = placed.astimezone(ZoneInfo(known)).utcoffset()
        if there != offset.utcoffset(None):
            raise Unreadable(
                _("“{value}” names two time zones that do not agree; write one of them.", value=written)
            )
    elif parts["bracketed"] and parts["bracketed"] not in HOURS:
        raise _unknown(written, named)
    return placed


def _offset(parts: re.Match[str]) -> timezone | None:
    if parts["sign"] is None:
        return None
    size = timedelta(hours=int(parts["hours"]), minutes=int(parts["minutes"] or 0))
    if int(parts["minutes"] or 0) > 59:
        raise ValueError(parts["minutes"])
    return timezone(-size if parts["sign"] == "-" else size)


def _named(moment: datetime, name: str, default: tzinfo, written: str) -> datetime:
    if name in HOURS:
        return moment.replace(tzinfo=timezone(timedelta(hours=HOURS[name])) if HOURS[name] else UTC)
    own = moment.replace(tzinfo=default)
    if name and (own.tzname() or "").casefold() == name:
        return own
    if name in SEVERAL:
        raise Unreadable(
            _(
                "“{value}” names the time zone {zone}, which stands for several; write an offset such as "
                "+01:00.",
                value=written, zone=name.upper(),
            )
        )  # fmt: skip
    if known := zones().get(name):
        return moment.replace(tzinfo=ZoneInfo(known))
    raise _unknown(written, name)


def _unknown(written: str, zone: str) -> Unreadable:
    return Unreadable(
        _(
            "“{value}” names the time zone “{zone}”, which is not known; write an offset such as +01:00.",
            value=written, zone=zone.strip()[:40],
        )
    )  # fmt: skip


@lru_cache(1)
def zones() -> Mapping[str, str]:
    """The zones of the tz database by their names in lower case. Its abbreviations are left out."""
    return {name.casefold(): name for name in available_timezones() if "/" in name}
