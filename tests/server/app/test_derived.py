"""Talks derived from notes in a whole server: posted, imported, asked, exported, told of at the source."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bilan.accounts import Principal, WorkspaceRole
from bilan.accounts.models import Person, Workspace
from bilan.accounts.principals import principal_for
from bilan.accounts.values import OperatorPrincipal
from bilan.app import Bilan
from bilan.delivery.plugin import DELIVERY
from bilan.graphql.context import Context
from bilan.graphql.schema import build_schema
from bilan.i18n import formatter_for
from bilan.ingest import NewUpload, UploadState
from bilan.registry.gather import load
from bilan.rendering.plugin import RENDERING
from bilan.sdk.sources import WebhookRequest
from bilan.settings import Settings
from bilan.sources import Source
from bilan.warehouse import Format
from bilan.work.models import StepRow
from support.chat import TALKS, plugin
from support.people import add_person

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
REGISTRY = load([("rendering", RENDERING), ("delivery", DELIVERY), ("chat", plugin())], installed=False)


@pytest.fixture
async def bilan(
    warehouse_settings: Settings, _migrated_sqlite: Path, tmp_path: Path
) -> AsyncGenerator[Bilan]:
    """A server with the chat."""
    shutil.copy(_migrated_sqlite, tmp_path / "catalog.sqlite")
    async with Bilan.open(warehouse_settings, registry=REGISTRY, local=True) as opened:
        yield opened


@pytest.fixture
async def room(bilan: Bilan) -> Source:
    """A source of notes."""
    await add_person(bilan.services, "o@example.org", "Olga", WorkspaceRole.OWNER)
    workspace = await Workspace.get()
    return await bilan.services.sources.add(
        OperatorPrincipal(workspace=workspace.id), plugin="chat", kind="room", name="Room",
        settings={"secret": "s"},
    )  # fmt: skip


@pytest.fixture
async def owner(room: Source) -> Principal:
    """The workspace's owner, and an admin of the room."""
    actor = await principal_for((await Person.get(email="o@example.org")).id)
    assert actor is not None
    return actor


def said(name: str, hours: int, contact: str) -> dict[str, str]:
    at = (MONDAY + timedelta(hours=hours)).isoformat()
    return {"note": name, "said_at": at, "contact": contact, "kind": "said"}


async def post(bilan: Bilan, room: Source, *notes: dict[str, str]) -> None:
    body = json.dumps(notes).encode()
    request = WebhookRequest(body, {}, {}, "application/json", datetime.now(UTC))
    await bilan.services.inbox.accept(room.id, request)
    await bilan.appender.drain()


async def read(bilan: Bilan, owner: Principal, room: Source, *notes: dict[str, str]) -> None:
    """Import a file of notes."""
    names = list(notes[0])
    lines = [",".join(names), *(",".join(row[name] for name in names) for row in notes)]
    new = NewUpload("notes.csv", "\n".join(lines).encode())
    upload = await bilan.services.imports.upload(owner, room.id, new)
    started = await bilan.services.imports.start(owner, upload.id)
    await bilan.engine.work((await StepRow.get(job_id=started.job)).id)
    assert (await bilan.services.imports.get(owner, upload.id)).state is UploadState.DONE


async def ask(bilan: Bilan, owner: Principal, query: str) -> Any:
    formatter = formatter_for(bilan.services.translator, "en", "UTC")
    result = await build_schema(REGISTRY).execute(
        query, context_value=Context(bilan.services, owner, formatter)
    )
    assert result.errors is None, result.errors
    return result.data


def exported(bilan: Bilan, room: Source) -> list[tuple[Any, ...]]:
    columns = ("talk", "contact", "notes")
    lines = b"".join(
        bilan.services.warehouse.export(TALKS, {room.id: "Room"}, format=Format.JSONL, columns=columns)
    )
    return [tuple(json.loads(line).values()) for line in lines.splitlines()]


async def test_posted_notes_are_talks_and_late_ones_join_them(
    bilan: Bilan, owner: Principal, room: Source
) -> None:
    await post(bilan, room, said("A", 0, "ada"), said("C", 40, "ada"), said("X", 1, "bob"))
    assert exported(bilan, room) == [("A", "ada", 1), ("X", "bob", 1), ("C", "ada", 1)]

    await post(bilan, room, said("B", 20, "ada"), said("C", 40, "ada"))

    assert exported(bilan, room) == [("A", "ada", 3), ("X", "bob", 1)]
    assert b'"over_at":"2026-03-05T01:00:00.000000Z","state":"over"' in b"".join(
        bilan.services.warehouse.export(TALKS, {room.id: "Room"}, format=Format.JSONL)
    )
    found = await ask(bilan, owner, "{ chat { talks { totals { count notesOfTalks } } } }")
    assert found == {"chat": {"talks": {"totals": {"count": 2, "notesOfTalks": 4}}}}


async def test_imported_notes_are_talks_when_the_import_is_done(
    bilan: Bilan, owner: Principal, room: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bilan.ingest.importing.CHUNK_ROWS", 2)
    monkeypatch.setattr("bilan.ingest.importing.CHUNKS_AT_ONCE", 1)
    notes = [said(f"{number:02}", 7 * number % 60, "ada") for number in range(20)]

    await read(bilan, owner, room, *notes)

    assert exported(bilan, room) == [("00", "ada", 20)]
    query = f'{{ source(id: "{room.id}") {{ derived {{ dataset complete progress failure }} }} }}'
    (state,) = (await ask(bilan, owner, query))["source"]["derived"]
    assert state == {"dataset": "chat.talks", "complete": True, "progress": None, "failure": None}


async def test_another_setting_makes_other_talks_by_the_next_sweep(
    bilan: Bilan, owner: Principal, room: Source
) -> None:
    await post(bilan, room, said("A", 0, "ada"), said("B", 20, "ada"))
    await bilan.services.sources.change(owner, room.id, settings={"silence": 12})

    assert await bilan.services.derivations.sweep() == 1

    assert exported(bilan, room) == [("A", "ada", 1), ("B", "ada", 1)]
