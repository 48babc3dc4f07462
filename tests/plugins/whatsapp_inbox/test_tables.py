"""Tables of Intercom, and tables of any maker through the mapping."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest

from bilan.sdk import Fact, ImportFile, Reader, Reject, Row, Settings
from bilan.sdk.columns import row_by_row
from bilan_whatsapp_inbox.conversations import conversations
from bilan_whatsapp_inbox.datasets import LOG_DATASET
from bilan_whatsapp_inbox.readers.intercom import IntercomReader
from bilan_whatsapp_inbox.readers.tables import WORDS, TablesReader
from bilan_whatsapp_inbox.sample import DATA

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def imported(
    reader: Reader, file: ImportFile, settings: Settings | None = None
) -> tuple[list[Row], list[Reject]]:
    mapping = reader.propose(file, settings or {})
    found = list(row_by_row(reader.read(file, settings or {}, mapping)))
    rows = [one.row for one in found if isinstance(one, Fact)]
    return rows, [one for one in found if isinstance(one, Reject)]


def intercom() -> ImportFile:
    paths = {path.name: path for path in (DATA / "intercom_connector").glob("*.csv")}
    return ImportFile(paths.pop("conversation_history_data.csv"), "conversation_history_data.csv", paths)


def table(folder: Path, *lines: str) -> ImportFile:
    path = folder / "inbox.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return ImportFile(path, path.name)


def test_the_versions_of_a_conversation_are_one() -> None:
    rows, rejects = imported(IntercomReader(), intercom())
    assert rejects == []
    (one,) = conversations([row for row in rows if row["conversation"] == "156643300001311"], {})

    assert (one["started_at"], one["closed_at"], one["agents"], one["direction"]) == (
        datetime(2020, 10, 28, 23, 59, 37, tzinfo=UTC), datetime(2020, 11, 2, 14, 17, 59, tzinfo=UTC),
        ["4077639"], "inbound",
    )  # fmt: skip


def test_an_archive_of_the_tables_has_the_rows_of_its_files(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "tables.zip", "w") as archive:
        for path in (DATA / "intercom_connector").glob("*.csv"):
            archive.write(path, path.name)
    file = ImportFile(tmp_path / "tables.zip", "tables.zip")

    assert IntercomReader().recognises(file) == 1.0
    assert imported(IntercomReader(), file) == imported(IntercomReader(), intercom())


def test_tags_and_parts_stand_under_the_conversations_they_name() -> None:
    rows, _rejects = imported(IntercomReader(), intercom())

    tagged = {row["conversation"]: row["tags"] for row in rows if row["kind"] == "tagged"}
    assert tagged["156643300000372"] == ["fat fingered dhis taeg"]
    (note,) = [row for row in rows if row["fact_id"] == "6862013567"]
    (close,) = [row for row in rows if row["fact_id"] == "5579078364"]
    assert (note["kind"], note["type"], close["kind"], close["conversation"]) == (
        "other",
        "note",
        "closed",
        "11",
    )


def test_a_table_of_messages_is_read_by_the_names_of_its_columns(tmp_path: Path) -> None:
    file = table(
        tmp_path,
        "Date et heure;Numéro de téléphone;Sens;Agent;Étiquettes",
        "2026-03-02T09:00:00Z;+33 6 12 34 56 78;in;;",
        "2026-03-02T09:10:00Z;+33 6 12 34 56 78;out;bo@example.org;sales, billing",
    )

    assert TablesReader().recognises(file) == 0.6
    rows, rejects = imported(TablesReader(), file)
    assert rejects == []
    (one,) = conversations(rows, {})
    assert (one["contact_phone"], one["first_response_seconds"], one["agents"], one["conversation_tags"]) == (
        "33612345678", 600, ["bo@example.org"], ["sales", "billing"],
    )  # fmt: skip


def test_a_table_of_conversations_is_read_too(tmp_path: Path) -> None:
    file = table(
        tmp_path,
        "conversation_id,started_at,first_reply_at,closed_at,contact,agent,rating",
        "7,2026-03-02T09:00:00Z,2026-03-02T09:05:00Z,2026-03-02T10:00:00Z,33612345678,bo@example.org,4.5",
        "8,2026-03-02T09:00:00Z,,,33612345678,,",
    )

    rows, rejects = imported(TablesReader(), file)

    assert rejects == []
    closed, still_open = conversations(rows, {})
    assert (closed["closed_at"], closed["first_response_seconds"], closed["rating"], closed["agents"]) == (
        AT + timedelta(hours=1), 300, 4.5, ["bo@example.org"],
    )  # fmt: skip
    assert (still_open["started_at"], still_open["closed_at"], still_open["status"]) == (AT, None, "open")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2026-03-02T09:00:00Z,,in", "This event names neither a “contact” nor a “conversation”."),
        (",33612345678,in", "This event does not say when it happened (“occurred_at”)."),
        ("2026-03-02T09:00:00Z,33612345678,", "The direction of a message is “in” or “out”, not “”."),
        ("soon,33612345678,in", "“soon” is no moment; write it as 2026-01-31T08:00:00Z."),
    ],
)
def test_a_row_of_which_too_little_can_be_read_is_a_reject(tmp_path: Path, line: str, reason: str) -> None:
    file = table(tmp_path, "occurred_at,contact,direction", line, "2026-03-02T09:00:00Z,33612345678,in")

    rows, (reject,) = imported(TablesReader(), file)

    assert (len(rows), reject.number, str(reject.reason)) == (1, 2, reason)


def test_whatever_a_table_is_put_to_use_for_is_a_column_of_the_log() -> None:
    assert set(WORDS) <= LOG_DATASET.by_name.keys()


def test_a_table_of_something_else_is_hardly_recognised(tmp_path: Path) -> None:
    assert TablesReader().recognises(table(tmp_path, "campaign,opens", "a,1")) == 0.1
