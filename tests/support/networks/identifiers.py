"""Identifiers as each network makes them: they sort by time where its documentation says so."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime

BASE32 = "234567abcdefghijklmnopqrstuvwxyz"
"""The sortable alphabet of TIDs (https://atproto.com/specs/tid)."""


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970."""
    return round(at.timestamp() * 1000)


def snowflake(at: datetime, number: int) -> str:
    """A Mastodon id: "cast from an integer", greater for what is later."""
    return str((milliseconds(at) << 16) + number)


def tid(at: datetime, number: int) -> str:
    """A timestamp identifier of 13 characters (https://atproto.com/specs/tid)."""
    value = (milliseconds(at) * 1000 << 10) + number % 1024
    return "".join(BASE32[value >> shift & 31] for shift in range(60, -1, -5))


def cid(*parts: str) -> str:
    """A content identifier as AT Protocol writes it."""
    digest = hashlib.sha256("\n".join(parts).encode()).digest()
    return "bafyrei" + base64.b32encode(digest).decode().lower().rstrip("=")


def video(seed: str, number: int) -> str:
    """Eleven characters, in no order, as of YouTube."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"{seed} {number}".encode()).digest()).decode()[:11]


def opaque(*parts: str) -> str:
    """A cursor: nothing that a client should read."""
    return base64.urlsafe_b64encode("\n".join(parts).encode()).decode()


def said(cursor: str) -> list[str]:
    """What an opaque cursor was made of. Raises ``ValueError`` where it is none of ours."""
    return base64.urlsafe_b64decode(cursor.encode()).decode().split("\n")


def zulu(at: datetime) -> str:
    """A moment as Mastodon, Bluesky and YouTube write it: ``2019-12-08T03:48:33.901Z``."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def graph_time(at: datetime) -> str:
    """A moment as Meta writes it: ``2019-04-05T07:56:32+0000``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
