"""Rows of the ledger without the reports that they are of."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

from bilan.accounts.models import Workspace
from bilan.delivery.models import DeliveryRow, SendingRow
from bilan.delivery.values import DeliveryState

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


async def new_workspace(name: str = "Acme") -> UUID:
    """A workspace without people."""
    row = await Workspace.create(name=name, zone="UTC", first_weekday=0, language="en", created_at=NOON)
    return row.id


async def new_deliveries(workspace: UUID, count: int = 1, **more: object) -> list[UUID]:
    """Rows of one sending, claimed by the first attempt; their ids."""
    sending = await SendingRow.create(
        workspace=workspace, idempotency_key=uuid4().hex, request_hash="", run=uuid4(), job=uuid4(),
        mode="link", formats=[], days=7, message="", sent_by_name="Olga", created_at=NOON,
    )  # fmt: skip
    about = {
        "channel": "email", "address": "zoe@example.org", "name": "Zoe", "language": "en", "attempt": 1,
        "state": DeliveryState.CLAIMED, "step": uuid4(), "claimed_at": NOON, "created_at": NOON,
    }  # fmt: skip
    rows = [DeliveryRow(sending=sending, recipient=uuid4(), **{**about, **more}) for _number in range(count)]
    await DeliveryRow.bulk_create(rows)
    return [row.id for row in rows]
