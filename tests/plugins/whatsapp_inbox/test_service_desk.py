"""The log of a service desk: its changes make the conversations that were counted from it elsewhere."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bilan.sdk import Fact, ImportFile, Reject, Row
from bilan.sdk.columns import row_by_row
from bilan_whatsapp_inbox.conversations import conversations
from bilan_whatsapp_inbox.datasets import LOG_DATASET
from bilan_whatsapp_inbox.readers.service_desk import ServiceDeskReader
from bilan_whatsapp_inbox.sample import DATA
from bilan_whatsapp_inbox.webhooks.inbox_events import InboxEvents
from support.whatsapp import read

(LOG,) = (DATA / "service_desk_log").glob("*.csv.gz")
EXPECTED = json.loads((DATA / "service_desk_log" / "expected_totals.json").read_text())
NOTHING: dict[str, Any] = {"texts": [], "boolean": False}
EMPTY: dict[str, Any] = {
    column.name: None if column.nullable else NOTHING.get(column.type.value, "")
    for column in LOG_DATASET.columns
}
"""A row of the log that says nothing."""


def logged(path: Path, **settings: str) -> tuple[list[Row], list[Reject]]:
    """The rows of the log, complete as the warehouse gives them back, and the rejects."""
    found = list(row_by_row(ServiceDeskReader().read(ImportFile(path, path.name), settings, None)))
    rows = [{**EMPTY, **one.row} for one in found if isinstance(one, Fact)]
    return rows, [one for one in found if isinstance(one, Reject)]


def made(rows: list[Row]) -> list[Row]:
    threads = defaultdict[str, list[Row]](list)
    for row in rows:
        threads[row["thread"]].append(row)
    return [one for thread in threads.values() for one in conversations(thread, {})]


def changes() -> list[dict[str, str]]:
    with gzip.open(LOG, "rt", newline="") as file:
        return list(csv.DictReader(file))


def written(folder: Path, *rows: dict[str, str]) -> Path:
    path, text = folder / "log.csv", io.StringIO()
    table = csv.DictWriter(text, list(rows[0]))
    table.writeheader()
    table.writerows(rows)
    path.write_text(text.getvalue())
    return path


@pytest.mark.requirement("AC-10")
def test_the_means_of_each_day_are_those_that_were_counted_elsewhere() -> None:
    rows, rejects = logged(LOG)
    assert rejects == []
    days = defaultdict[str, list[Row]](list)
    for one in made(rows):
        days[one["started_at"].date().isoformat()].append(one)

    def mean(day: str, column: str, unit: int) -> tuple[int, float]:
        values = [one[column] / unit for one in days[day] if one[column] is not None]
        return len(values), round(sum(values) / len(values), 3)

    found: dict[str, dict[str, float]] = {}
    for day in EXPECTED["per_day_means"]:
        (replied, response), (closed, duration) = (
            mean(day, "first_response_seconds", 60), mean(day, "duration_seconds", 3600)
        )  # fmt: skip
        found[day] = {
            "conversations": len(days[day]),
            "with_first_response": replied,
            "mean_first_response_min": response,
            "with_duration": closed,
            "mean_duration_h": duration,
        }
    assert found == EXPECTED["per_day_means"]


def test_an_incident_is_one_conversation_with_its_agent_and_its_reasons() -> None:
    one = next(one for one in made(logged(LOG)[0]) if one["conversation_id"] == "INC0000045")

    assert {
        name: one[name] for name in one if name not in ("number", "contact_name", "rating", "reference")
    } == {
        "started_at": datetime(2016, 2, 29, 1, 16, tzinfo=UTC),
        "first_reply_at": datetime(2016, 2, 29, 8, 53, tzinfo=UTC),
        "closed_at": datetime(2016, 2, 29, 11, 29, tzinfo=UTC),
        "contact_phone": "Caller 2403",
        "contact_tags": [],
        "conversation_tags": ["Category 55", "Subcategory 170"],
        "agents": ["Resolved by 149"],
        "status": "closed",
        "direction": "inbound",
        "conversation_source": "inbound",
        "messages_in": 1,
        "messages_out": 3,
        "first_response_seconds": 457 * 60,
        "duration_seconds": 613 * 60,
        "first_response_business_seconds": 457 * 60,
        "conversation": "INC0000045",
        "conversation_id": "INC0000045",
    }


def test_each_change_is_one_row_of_the_log_with_an_identity_of_its_own() -> None:
    rows, _rejects = logged(LOG)

    assert len(rows) == len({row["fact_id"] for row in rows}) == len(changes())


def test_times_are_read_in_the_zone_of_the_source(tmp_path: Path) -> None:
    (row,), _rejects = logged(written(tmp_path, changes()[0]), zone="Europe/Paris")

    assert row["opened_at"] == datetime(2016, 2, 29, 0, 16, tzinfo=UTC)


def test_another_month_with_fewer_columns_is_read_too(tmp_path: Path) -> None:
    names = ("number", "incident_state", "sys_mod_count", "caller_id", "opened_at", "sys_updated_at")
    first = {name: changes()[0][name] for name in names}
    path = written(tmp_path, {**first, "opened_at": "1/7/2016 09:00", "sys_updated_at": "1/7/2016 09:05"})

    assert ServiceDeskReader().recognises(ImportFile(path, path.name)) == 1.0
    (row,), rejects = logged(path)
    assert (row["opened_at"], row["agent"], row["tags"], rejects) == (
        datetime(2016, 7, 1, 9, tzinfo=UTC), "", [], [],
    )  # fmt: skip


def test_rows_without_an_incident_or_a_time_are_rejects(tmp_path: Path) -> None:
    good = changes()[0]
    path = written(tmp_path, {**good, "number": "?"}, good, {**good, "sys_updated_at": "?"},
                   {**good, "opened_at": "yesterday"})  # fmt: skip

    rows, rejects = logged(path)

    assert len(rows) == 1
    assert [(one.number, str(one.reason)) for one in rejects] == [
        (2, "This row names no incident (“number”)."),
        (4, "This row does not say when the incident changed (“sys_updated_at”)."),
        (5, "“yesterday” is no moment; write it as 2026-01-31T08:00:00Z."),
    ]


@pytest.mark.requirement("DC-20")
def test_the_log_posted_as_events_in_shuffled_pieces_makes_the_same_conversations() -> None:
    rows = logged(LOG)[0][:2000]
    names = ("direction", "type", "conversation", "agent", "tags")
    events = [
        {
            "event": "message", "id": row["fact_id"], "occurred_at": row["occurred_at"].isoformat(),
            "contact": row["contact_phone"], **{name: row[name] for name in names},
            **{name: row[name].isoformat() if row[name] else None for name in ("opened_at", "closed_at")},
        }
        for row in rows
    ]  # fmt: skip
    random.Random(7).shuffle(events)
    posted = [read(InboxEvents(), events[start : start + 100]) for start in range(0, len(events), 100)]

    assert [reject for _rows, rejects in posted for reject in rejects] == []
    again = {one["conversation_id"]: one for one in made([row for found, _no in posted for row in found])}
    assert again == {one["conversation_id"]: one for one in made(rows)}


@pytest.mark.parametrize("copy", ["01/03/2016 09:05", "2016-03-01 09:05", "2016-03-01T09:05:00"])
def test_a_copy_that_writes_its_dates_in_another_way_has_the_same_rows(tmp_path: Path, copy: str) -> None:
    row = changes()[0] | {"sys_updated_at": "1/3/2016 9:05"}

    (first, again), rejects = logged(written(tmp_path, row, row | {"sys_updated_at": copy}))

    assert rejects == []
    assert again["fact_id"] == first["fact_id"]


def test_a_date_that_no_calendar_has_is_quoted_as_the_file_writes_it(tmp_path: Path) -> None:
    _rows, (reject,) = logged(written(tmp_path, changes()[0] | {"sys_updated_at": "31/2/2016 01:00"}))

    assert str(reject.reason) == "“31/2/2016 01:00” is no moment; write it as 2026-01-31T08:00:00Z."
