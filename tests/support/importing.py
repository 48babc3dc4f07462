"""Importing files of orders: runs and steps in the hands of a test, and what a file holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from bilan.accounts import Actor, Permission, SourceRole, WorkspaceRole
from bilan.accounts.values import PersonPrincipal
from bilan.ingest import Upload
from bilan.sdk.errors import Cancelled
from bilan.sdk.messages import Message, messages
from bilan.sources import Source

_ = messages("shop")[0]


class Noted:
    """Runs that are begun and ended by the test."""

    def __init__(self) -> None:
        self.begun: list[UUID] = []
        self.ended = False

    async def begin(self, actor: Actor, source: Source, upload: Upload) -> UUID:
        self.begun.append(upload.id)
        return uuid4()

    async def over(self, run: UUID) -> bool:
        return self.ended


class Watching:
    """A step's context: stops the work after some checks."""

    def __init__(self, upload: UUID, stop_after: int = 1_000) -> None:
        self.arguments: Mapping[str, Any] = {"upload": str(upload)}
        self.checks = stop_after
        self.shares: list[float] = []

    def check(self) -> None:
        self.checks -= 1
        if self.checks < 0:
            raise Cancelled(_("Stopped."))

    def progress(self, share: float, detail: Message | None = None) -> None:
        self.shares.append(share)


def lines(*orders: object) -> bytes:
    return "".join(json.dumps(one) + "\n" for one in orders).encode()


def order(name: str, **more: Any) -> dict[str, Any]:
    return {"occurred_at": "2026-03-09T10:00:00+00:00", "order": name, **more}


def member(workspace: UUID, role: SourceRole | None, source: UUID, *permissions: Permission) -> Actor:
    roles = {} if role is None else {source: role}
    return PersonPrincipal(
        person=uuid4(), workspace=workspace, name="Ann", email="ann@example.org", role=WorkspaceRole.MEMBER,
        permissions=frozenset(permissions), source_roles=roles,
    )  # fmt: skip
