"""Which recipients of a sending get the very same letter, in one language."""

from __future__ import annotations

from datetime import datetime

from bilan.delivery.models import DeliveryRow
from bilan.work.idempotency import request_hash

HALF = 16


def letter_key(
    *,
    zone: str | None = None,
    formats: tuple[str, ...] | None = None,
    external: bool = False,
    confirms: bool = False,
    until: datetime | None = None,
    undated: bool = False,
) -> str:
    """The same for letters that are the same but for their language; empty for what most get.

    ``zone`` and ``formats`` are a recipient's own. ``external`` recipients
    are led to no page that takes an account, ``confirms`` asks for a
    confirmation, and ``until`` is when links end that were released later.
    ``undated`` letters say for how many days their links last, and no date:
    they are approved before anybody knows when they leave.
    """
    files = request_hash(zone, formats)[:HALF] if zone or formats is not None else ""
    rest = request_hash(external, confirms, until)[:HALF] if external or confirms or until else ""
    if undated:
        rest = request_hash("undated", external, confirms)[:HALF]
    return f"{files}/{rest}" if files or rest else ""


def is_undated(row: DeliveryRow) -> bool:
    """Whether its letter says for how many days its links last, and not until when.

    See docs/decisions/119.
    """
    return row.letter == letter_key(
        zone=row.zone, formats=row.formats, external=row.external, confirms=row.confirms, undated=True
    )


def same_files(one: str, other: str) -> bool:
    """Whether the letters of these keys come with the same files, if they are in one language."""
    return one.partition("/")[0] == other.partition("/")[0]
