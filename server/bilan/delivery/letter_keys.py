"""Which recipients of a sending get the very same letter, in one language."""

from __future__ import annotations

from datetime import datetime

from bilan.work.idempotency import request_hash

HALF = 16


def letter_key(
    *,
    zone: str | None = None,
    formats: tuple[str, ...] | None = None,
    external: bool = False,
    confirms: bool = False,
    until: datetime | None = None,
) -> str:
    """The same for letters that are the same but for their language; empty for what most get.

    ``zone`` and ``formats`` are a recipient's own. ``external`` recipients
    are led to no page that takes an account, ``confirms`` asks for a
    confirmation, and ``until`` is when links end that were released later.
    """
    files = request_hash(zone, formats)[:HALF] if zone or formats is not None else ""
    rest = request_hash(external, confirms, until)[:HALF] if external or confirms or until else ""
    return f"{files}/{rest}" if files or rest else ""


def same_files(one: str, other: str) -> bool:
    """Whether the letters of these keys come with the same files, if they are in one language."""
    return one.partition("/")[0] == other.partition("/")[0]
