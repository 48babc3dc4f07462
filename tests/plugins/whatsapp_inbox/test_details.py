"""The details: a row for each conversation with the columns agreed, for those who may see persons."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from bilan.files import Stored
from bilan.registry.declared import Registry
from bilan.reports import parts
from bilan.sdk import Document, tables_of
from bilan.testing.harness import PluginHarness
from bilan_whatsapp_inbox.reports import details
from support.document_blocks import csv_files, followed, table
from support.whatsapp_week import BO, CY, HOUR, kpis, tiles_of

Build = Callable[..., Document]
pytestmark = pytest.mark.requirement("AC-17")


@pytest.mark.requirement("AC-18", "DC-20")
def test_a_conversation_is_a_row_with_the_columns_agreed(report_of_the_week: Build) -> None:
    found = table(report_of_the_week("details"), "conversations")

    assert [column.key for column in found.columns] == [
        "started_at", "first_reply_at", "closed_at", "contact_phone", "contact_name", "contact_tags",
        "conversation_tags", "agents", "status", "direction", "conversation_source", "messages_in",
        "messages_out", "first_response_seconds", "duration_seconds", "rating",
    ]  # fmt: skip
    assert found.rows[3] == [
        "2026-03-03T09:00:00Z", "2026-03-03T11:00:00Z", "2026-03-03T13:00:00Z", "33600000002", "Di", [],
        ["sales", "urgent"], [BO, CY], "closed", "inbound", "inbound", 1, 2, 2 * HOUR, 4 * HOUR, 2.0,
    ]  # fmt: skip


def test_the_newest_conversation_comes_first_from_whatever_source(report_of_the_week: Build) -> None:
    found = table(report_of_the_week("details"), "conversations")

    days = [str(line[0])[8:10] for line in found.rows]
    assert (days, [line[10] for line in found.rows]) == (
        ["08", "05", "04", "03", "02"],
        ["inbound", "flow", "inbound", "inbound", "inbound"],
    )


@pytest.mark.requirement("AD-01", "AD-06")
def test_the_leading_figures_are_compared_and_lead_to_their_conversations(
    report_of_the_week: Build, inbox_of_a_week: PluginHarness
) -> None:
    document = report_of_the_week("details")
    led = followed(inbox_of_a_week, document)

    assert (kpis(document).tiles[0].value, kpis(document).tiles[0].previous) == (5, 1)
    assert str(kpis(document).headline) == "There are 5 conversations."
    assert [one for one in led if not one.agrees] == []


@pytest.mark.requirement("AC-04")
@pytest.mark.parametrize(
    ("values", "days"),
    [
        ({"agents": [CY]}, ["08", "04", "03"]),
        ({"conversation_tags": ["urgent", "support"]}, ["04", "03"]),
        ({"contact_tags": ["vip"]}, ["04", "02"]),
        ({"period": "2026-03-05..2026-03-06"}, ["05"]),
    ],
    ids=["agent", "tags", "contact's tag", "dates"],
)
def test_the_rows_are_narrowed_by_the_filter(
    report_of_the_week: Build, values: dict[str, Any], days: list[str]
) -> None:
    document = report_of_the_week("details", **values)

    assert [str(line[0])[8:10] for line in table(document, "conversations").rows] == days
    assert tiles_of(document)["all_conversations"] == len(days)


@pytest.mark.requirement("AC-05")
def test_the_rows_are_a_csv_file(report_of_the_week: Build, inbox_of_a_week: PluginHarness) -> None:
    header, *lines = csv_files(inbox_of_a_week, report_of_the_week("details"))["conversations.csv"]

    assert header == (
        "Started,First reply,Closed,Contact's phone number,Contact's name,Contact tags,Conversation tags,"
        "Agents,Status,Direction,Source of the conversation,Messages received,Messages sent,"
        "First response time,Duration,Rating"
    )
    assert len(lines) == 5


@pytest.mark.requirement("DC-03")
def test_of_the_reports_the_details_alone_show_persons_and_say_so(
    bilan_registry: Registry, report_of_the_week: Build
) -> None:
    kinds = ("summary", "by_agent", "by_tag", "details")
    personal = {
        kind: any(
            column.personal for one in tables_of(report_of_the_week(kind).blocks) for column in one.columns
        )
        for kind in kinds
    }

    assert personal == {"summary": False, "by_agent": False, "by_tag": False, "details": True}
    assert {kind: bilan_registry.reports[f"whatsapp.{kind}"].personal for kind in kinds} == personal


@dataclass
class ManyConversations:
    """A building whose rows are made while they are read."""

    count: int
    span: None = None

    def rows(self, *_asked: Any, **_narrowed: Any) -> Iterator[dict[str, Any]]:
        start = datetime(2026, 1, 1, tzinfo=UTC)
        for number in range(self.count):
            yield {
                "started_at": start + timedelta(minutes=number), "first_reply_at": None, "closed_at": None,
                "contact_phone": f"336{number:08}", "contact_name": "Ana", "contact_tags": ["vip"],
                "conversation_tags": ["sales"], "agents": [BO], "status": "open", "direction": "inbound",
                "conversation_source": "inbound", "messages_in": 1, "messages_out": 0,
                "first_response_seconds": None, "duration_seconds": None, "rating": None,
            }  # fmt: skip

    def keep(self, table: Any, rows: Iterable[list[Any]]) -> Any:
        return parts.keep(table, rows, put)


def put(chunks: Iterable[bytes]) -> Stored:
    """A file store that keeps nothing."""
    size, found = 0, sha256()
    for chunk in chunks:
        size += len(chunk)
        found.update(chunk)
    return Stored(found.hexdigest(), size)


def test_rows_are_written_while_they_are_read_and_never_in_memory_together() -> None:
    building: Any = ManyConversations(25_000)
    tracemalloc.start()
    try:
        (found,) = details.conversations(building, ())
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert found.part is not None
    assert found.part.rows == 25_000
    assert most < 5 * 1024**2  # all of them together take 40 MB
