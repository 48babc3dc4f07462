"""The chain of the ledger: an entry for each end that a delivery came to, hashed with the one before it.

An entry is never changed: what becomes known later is a further entry. It
covers hashes of files and of words about a recipient, never the words
themselves, so that the chain still holds once those are erased. See docs/decisions/103.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC
from itertools import groupby
from typing import Any
from uuid import UUID

from bilan.catalog import Catalog
from bilan.catalog.statements import instant_of, rows
from bilan.delivery.models import LedgerEntryRow
from bilan.runs.models import ArtifactRow

VERSION = 1
FIRST = "0" * 64
"""What stands for the hash before the first entry."""
PERSONAL = ("address", "name", "answer", "reason")
"""The columns that are covered by one salted hash, since they go with whoever is erased."""
COLUMNS = """
  delivery.id AS delivery, delivery.sending_id AS sending, sending.workspace AS workspace, sending.run AS run,
  delivery.channel AS channel, delivery.recipient AS recipient, delivery.state AS state,
  delivery.attempt AS attempt, delivery.attached AS attached, delivery.claimed_at AS claimed_at,
  delivery.settled_at AS settled_at, delivery.address AS address, delivery.name AS name,
  delivery.answer AS answer, delivery.reason AS reason, letter.sha256 AS letter, letter.artifacts AS artifacts
"""
"""What is read of a delivery for its entry."""
JOINS = """
  JOIN sending ON sending.id = delivery.sending_id
  LEFT JOIN letter ON letter.sending_id = delivery.sending_id AND letter.channel = delivery.channel
    AND letter.language = delivery.language AND letter.letter = delivery.letter
"""


async def append_entries(catalog: Catalog, deliveries: Collection[UUID]) -> None:
    """Append an entry for each of these deliveries, as the last thing that their transaction does.

    Whoever else settles something of the workspace waits until it is committed, so the chain never forks.
    """
    marks = ", ".join("?" * len(deliveries))
    settled = await rows(
        f"SELECT {COLUMNS} FROM delivery {JOINS} WHERE delivery.id IN ({marks})",  # noqa: S608
        *map(str, deliveries),
    )
    hashes = await _artifact_hashes(settled)
    # Everybody takes the workspaces in one order.
    by_workspace = sorted(settled, key=lambda row: (str(row["workspace"]), str(row["delivery"])))
    for workspace, found in groupby(by_workspace, key=lambda row: str(row["workspace"])):
        await catalog.advisory_lock(f"ledger:{workspace}")
        last = await LedgerEntryRow.filter(workspace=workspace).order_by("-sequence").first()
        sequence, before = (last.sequence, last.hash) if last else (0, FIRST)
        entries: list[LedgerEntryRow] = []
        for row in found:
            salt = secrets.token_hex(16)
            content = content_of(row, [hashes[one] for one in artifacts_of(row) if one in hashes], salt)
            sequence, before = sequence + 1, hash_of(before, content)
            entries.append(
                LedgerEntryRow(
                    workspace=workspace,
                    sequence=sequence,
                    delivery=row["delivery"],
                    content=content,
                    salt=salt,
                    hash=before,
                )
            )
        await LedgerEntryRow.bulk_create(entries)


def content_of(row: Mapping[str, Any], artifacts: Sequence[str], salt: str) -> str:
    """What an entry covers, in one form for either database. ``row`` holds what ``COLUMNS`` read."""
    return _canonical(
        {
            "version": VERSION,
            **{key: str(row[key]) for key in ("delivery", "sending", "workspace", "recipient")},
            "run": str(row["run"]) if row["run"] else None,
            "channel": row["channel"],
            "letter": row["letter"],
            "artifacts": list(artifacts),
            "attached": bool(row["attached"]),
            "state": row["state"],
            "attempt": row["attempt"],
            "claimed_at": _instant(row["claimed_at"]),
            "settled_at": _instant(row["settled_at"]),
            "personal": _personal(row, salt),
        }
    )


def hash_of(before: str, content: str) -> str:
    """The hash of an entry that follows the one with the hash ``before``."""
    return hashlib.sha256(f"{before}\n{content}".encode()).hexdigest()


def artifacts_of(row: Mapping[str, Any]) -> list[str]:
    """The ids of the files that a row's letter leads to."""
    return _decoded(row["artifacts"]) or []


async def _artifact_hashes(settled: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    idents = {ident for row in settled for ident in artifacts_of(row)}
    found = await ArtifactRow.filter(id__in=list(idents)).only("id", "sha256") if idents else ()
    return {str(one.id): one.sha256 for one in found}


def _personal(row: Mapping[str, Any], salt: str) -> str:
    words = {key: row[key] for key in PERSONAL} | {"reason": _decoded(row["reason"])}
    return hashlib.sha256(f"{salt}\n{_canonical(words)}".encode()).hexdigest()


def _instant(value: Any) -> str | None:
    instant = instant_of(value)
    return instant.astimezone(UTC).isoformat(timespec="microseconds") if instant else None


def _decoded(stored: Any) -> Any:
    """JSON as either database gives it."""
    return json.loads(stored) if isinstance(stored, str) else stored


def _canonical(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
