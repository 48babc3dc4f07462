"""Verification of the ledger: whether its chain holds, and whether its rows say what their entries say."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bilan.accounts.models import Workspace
from bilan.catalog.statements import instant_of, rows
from bilan.delivery.chain import COLUMNS, FIRST, JOINS, content_of, hash_of
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _

A_TIME = 1000
KEPT_APART = frozenset({"artifacts", "letter", "personal"})
"""What of an entry's content is not told by the delivery's row alone."""
ENTRIES = f"""
SELECT entry.sequence AS sequence, entry.delivery AS entry_of, entry.content AS content, entry.salt AS salt,
  entry.hash AS hash, {COLUMNS}, EXISTS (
    SELECT 1 FROM ledger_entry AS later
    WHERE later.delivery = entry.delivery AND later.sequence > entry.sequence
  ) AS superseded
FROM ledger_entry AS entry LEFT JOIN (delivery {JOINS}) ON delivery.id = entry.delivery
WHERE entry.workspace = ? AND entry.sequence > ? ORDER BY entry.sequence LIMIT {A_TIME}
"""  # noqa: S608
UNCHAINED = """
SELECT delivery.settled_at AS settled_at, delivery.id AS id FROM delivery
JOIN sending ON sending.id = delivery.sending_id
WHERE sending.workspace = ? AND delivery.state NOT IN ('planned', 'claimed', 'handed_over', 'withheld')
  AND NOT EXISTS (SELECT 1 FROM ledger_entry WHERE ledger_entry.delivery = delivery.id)
ORDER BY delivery.settled_at, delivery.id LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """What a check of a workspace's chain found.

    ``entries`` are those that hold, and ``head`` the hash of the last of
    them. ``broken`` says what is wrong with the first one that does not
    hold, which is ``at``; of a delivery without an entry there is no such number.
    """

    workspace: str
    entries: int
    head: str
    at: int | None = None
    broken: Message | None = None


async def check_chains() -> tuple[ChainCheck, ...]:
    """A check of each workspace's chain, by name. Reads alone, also beside servers that go on."""
    return tuple([await _check(one.id, one.name) for one in await Workspace.all().order_by("name", "id")])


async def _check(workspace: UUID, name: str) -> ChainCheck:
    sequence, head = 0, FIRST
    async for row in _entries(workspace):
        if broken := _broken(row, sequence + 1, head):
            return ChainCheck(name, sequence, head, sequence + 1, broken)
        sequence, head = row["sequence"], row["hash"]
    for row in await rows(UNCHAINED, str(workspace)):
        reason = _("the delivery {delivery}, settled {at}, has no entry", delivery=str(row["id"]),
                   at=_moment(row["settled_at"]))  # fmt: skip
        return ChainCheck(name, sequence, head, None, reason)
    return ChainCheck(name, sequence, head)


async def _entries(workspace: UUID) -> AsyncGenerator[Mapping[str, Any]]:
    last = 0
    while found := await rows(ENTRIES, str(workspace), last):
        for row in found:
            yield row
        last = found[-1]["sequence"]


def _broken(row: Mapping[str, Any], expected: int, head: str) -> Message | None:
    """What is wrong with an entry, or with what its delivery says now."""
    if row["sequence"] != expected:
        return _("it is missing")
    if row["hash"] != hash_of(head, row["content"]):
        return _("its hash does not follow: it was changed, or the one before it")
    if row["delivery"] is None:
        return _("its delivery {delivery} is not in the ledger any more", delivery=str(row["entry_of"]))
    if not row["superseded"] and (changed := _changed(row, json.loads(row["content"]))):
        return _("its delivery {delivery} was changed since: {columns}", delivery=str(row["delivery"]),
                 columns=", ".join(changed))  # fmt: skip
    return None


def _changed(row: Mapping[str, Any], entry: Mapping[str, Any]) -> list[str]:
    now = json.loads(content_of(row, (), row["salt"] or ""))
    changed = [key for key in entry if key not in KEPT_APART and entry[key] != now[key]]
    if entry["letter"] and now["letter"] not in (None, entry["letter"]):
        changed.append("letter")
    # Whoever was erased left neither address nor salt.
    if row["salt"] and row["address"] and entry["personal"] != now["personal"]:
        changed.append("address, name, answer or reason")
    return sorted(changed)


def _moment(value: Any) -> str:
    instant = instant_of(value)
    return f"{instant:%Y-%m-%d %H:%M} UTC" if instant else "?"
