"""Conversations as they are exported: a row each with the columns of the details, however they came in."""

from __future__ import annotations

import csv
import gzip
import json
import random
import shutil
from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bilan.accounts import Principal, WorkspaceRole
from bilan.accounts.models import Person, Workspace
from bilan.accounts.principals import principal_for
from bilan.accounts.values import OperatorPrincipal
from bilan.app import Bilan
from bilan.graphql.context import Context
from bilan.graphql.schema import build_schema
from bilan.i18n import formatter_for
from bilan.ingest import NewUpload
from bilan.sdk import Fact, ImportFile, Row, WebhookRequest, row_by_row
from bilan.settings import Settings
from bilan.sources import Source
from bilan.warehouse import Format
from bilan.work.models import StepRow
from bilan_whatsapp_inbox.datasets import CONVERSATION_DATASET
from bilan_whatsapp_inbox.readers.service_desk import ServiceDeskReader
from bilan_whatsapp_inbox.sample import DATA
from fixtures.commands import Commands
from support.people import add_person

pytestmark = pytest.mark.requirement("DC-20")

(LOG,) = (DATA / "service_desk_log").glob("*.csv.gz")
COLUMNS = [
    "started_at", "first_reply_at", "closed_at", "contact_phone", "contact_name", "contact_tags",
    "conversation_tags", "agents", "status", "direction", "conversation_source", "messages_in",
    "messages_out", "first_response_seconds", "duration_seconds", "rating",
]  # fmt: skip
"""Those of the details, in their order."""


def lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.read_text().splitlines()]


def minutes_waited(changes: list[dict[str, str]]) -> list[int]:
    """From an incident's opening to its first change to another state than new, as the log's totals say."""

    def read(written: str) -> datetime:
        return datetime.strptime(written, "%d/%m/%Y %H:%M").replace(tzinfo=UTC)

    first: dict[str, datetime] = {}
    opened = {one["number"]: read(one["opened_at"]) for one in changes}
    for one in changes:
        if one["incident_state"] != "New":
            at = read(one["sys_updated_at"])
            first[one["number"]] = min(at, first.get(one["number"], at))
    return [(at - opened[number]) // timedelta(minutes=1) for number, at in first.items()]


def test_the_log_that_is_imported_by_commands_is_exported_as_a_row_a_conversation(
    alone: Commands, tmp_path: Path
) -> None:
    out, log = tmp_path / "out.jsonl", tmp_path / "log.csv"
    log.write_text(content := _beginning(1_501))
    changes = list(csv.DictReader(content.splitlines()))
    alone("sources", "add", "--plugin", "whatsapp_inbox", "--kind", "service_desk", "--name", "Desk")
    alone("import", "--source", "Desk", str(log))

    def export() -> list[dict[str, Any]]:
        alone("export", "whatsapp.conversations", "--source", "Desk", "--format", "jsonl", "--out", str(out))
        return lines(out)

    found = export()
    assert list(found[0])[2:18] == COLUMNS
    incidents = {one["number"] for one in changes}
    assert len(found) == len(incidents) > 150
    assert {one["conversation_id"] for one in found} == incidents
    waits = [one["first_response_seconds"] for one in found]
    assert sorted(one // 60 for one in waits if one is not None) == sorted(minutes_waited(changes))

    # A later month, as another desk writes it: an incident goes on, and one is new.
    first = changes[0]
    names = ("number", "incident_state", "sys_mod_count", "caller_id", "opened_at", "sys_updated_at")
    later = [
        {**first, "incident_state": "Active", "sys_mod_count": "90", "sys_updated_at": "2/7/2016 10:00"},
        {**first, "number": "INC9", "opened_at": "1/7/2016 09:00", "sys_updated_at": "1/7/2016 09:05"},
    ]
    july = tmp_path / "july.csv"
    rows = "\n".join(",".join(row[name] for name in names) for row in later)
    july.write_text(f"{','.join(names)}\n{rows}\n")
    alone("import", "--source", "Desk", str(july))

    again = {one["conversation_id"]: one for one in export()}
    before = {one["conversation_id"]: one for one in found}
    assert set(again) == {*before, "INC9"}
    was, now = before[first["number"]], again[first["number"]]
    assert (now["messages_out"], now["started_at"]) == (was["messages_out"] + 1, was["started_at"])


@pytest.fixture
async def bilan(
    warehouse_settings: Settings, _migrated_sqlite: Path, tmp_path: Path
) -> AsyncGenerator[Bilan]:
    """A server with the installed plugins."""
    shutil.copy(_migrated_sqlite, tmp_path / "catalog.sqlite")
    async with Bilan.open(warehouse_settings, local=True) as opened:
        await add_person(opened.services, "o@example.org", "Olga", WorkspaceRole.OWNER)
        yield opened


async def added(bilan: Bilan, kind: str, **settings: Any) -> Source:
    workspace = await Workspace.get()
    actor = OperatorPrincipal(workspace=workspace.id)
    return await bilan.services.sources.add(
        actor, plugin="whatsapp_inbox", kind=kind, name=kind, settings=settings
    )


async def post(bilan: Bilan, source: Source, events: list[dict[str, Any]]) -> None:
    body = json.dumps(events).encode()
    request = WebhookRequest(body, {"authorization": "Bearer s"}, {}, "application/json", datetime.now(UTC))
    await bilan.services.inbox.accept(source.id, request)


def exported(bilan: Bilan, source: Source) -> list[dict[str, Any]]:
    columns = (*COLUMNS, "conversation_id")
    pieces = bilan.services.warehouse.export(
        CONVERSATION_DATASET, {source.id: ""}, format=Format.JSONL, columns=columns
    )
    return [json.loads(line) for line in b"".join(pieces).splitlines()]


def as_event(row: Row) -> dict[str, Any]:
    """What an inbox would tell in place of a row of the log."""
    said = {name: row[name] for name in ("direction", "type", "conversation", "agent", "tags")}
    moments = {name: f"{row[name].isoformat()}" for name in ("opened_at", "closed_at") if row[name]}
    at = row["occurred_at"].isoformat()
    return {
        "event": "message", "id": row["fact_id"], "occurred_at": at, "contact": row["contact_phone"],
        **said, **moments,
    }  # fmt: skip


@pytest.mark.requirement("GO-21")
async def test_the_log_that_is_posted_as_events_in_shuffled_pieces_is_exported_as_the_same_rows(
    bilan: Bilan, tmp_path: Path
) -> None:
    rows = list(_facts(content := _beginning(501), tmp_path))
    desk, inbox = await added(bilan, "service_desk"), await added(bilan, "inbox_events", secret="s")
    events = [as_event(row) for row in rows]
    random.Random(3).shuffle(events)

    for start in range(0, len(events), 125):
        await post(bilan, inbox, events[start : start + 140])
        await bilan.appender.drain()
    await _import(bilan, await _owner(), desk, content)

    assert len(events) == 500
    assert len(exported(bilan, desk)) > 50
    assert exported(bilan, inbox) == exported(bilan, desk)


@pytest.mark.requirement("AC-22")
async def test_a_conversation_within_its_silence_is_open_wherever_it_is_looked_at(bilan: Bilan) -> None:
    inbox = await added(bilan, "inbox_events", secret="s")
    owner, now = await _owner(), datetime.now(UTC).replace(microsecond=0)
    for contact, hours in (("336", 30), ("337", 2)):
        at = (now - timedelta(hours=hours)).isoformat()
        event = {"event": "message", "contact": contact, "occurred_at": at, "direction": "in", "id": contact}
        await post(bilan, inbox, [event])
    await bilan.appender.drain()

    query = """{ whatsapp {
        conversations { totals { allConversations closedConversations meanDuration } }
        conversationsFacts { nodes { contactPhone status durationSeconds } }
    } }"""
    context = Context(bilan.services, owner, formatter_for(bilan.services.translator, "en", "UTC"))
    answer = await build_schema(bilan.services.registry).execute(query, context_value=context)

    assert answer.errors is None, answer.errors
    assert answer.data is not None
    found = answer.data["whatsapp"]
    day = 24 * 3600
    assert found["conversations"]["totals"] == {
        "allConversations": 2, "closedConversations": 1, "meanDuration": day,
    }  # fmt: skip
    nodes = json.loads(bytes(found["conversationsFacts"]["nodes"]))
    assert [tuple(one.values()) for one in nodes] == [("336", "closed", day), ("337", "open", None)]
    assert [one["status"] for one in exported(bilan, inbox)] == ["closed", "open"]


def _beginning(lines: int) -> str:
    return "".join(gzip.decompress(LOG.read_bytes()).decode().splitlines(keepends=True)[:lines])


def _facts(content: str, folder: Path) -> Iterator[Row]:
    path = folder / "log.csv"
    path.write_text(content)
    found = row_by_row(ServiceDeskReader().read(ImportFile(path, path.name), {}, None))
    return (one.row for one in found if isinstance(one, Fact))


async def _import(bilan: Bilan, owner: Principal, source: Source, content: str) -> None:
    upload = await bilan.services.imports.upload(owner, source.id, NewUpload("log.csv", content.encode()))
    started = await bilan.services.imports.start(owner, upload.id)
    await bilan.engine.work((await StepRow.get(job_id=started.job)).id)


async def _owner() -> Principal:
    actor = await principal_for((await Person.get(email="o@example.org")).id)
    assert actor is not None
    return actor
