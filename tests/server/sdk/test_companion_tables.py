"""Tables that a connector hands over as several files, and facts or a reject of each row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from bilan.sdk import CompanionTables, Fact, ImportFile, Reject, RowFacts, TableRow, Unreadable
from bilan.sdk.messages import messages

_ = messages("bilan")[0]


@pytest.fixture
def tables(tmp_path: Path) -> CompanionTables:
    (tmp_path / "a").write_text("id,agent\n1,7\n2,8\n3\n")
    (tmp_path / "b").write_text("id,name,mail\n7,Bo,bo@example.org\n")
    file = ImportFile(tmp_path / "a", "Talks.csv.gz", {"AGENTS.csv": tmp_path / "b", "x.csv": tmp_path / "b"})
    return CompanionTables.of(file, {"talks", "agents", "tags"})


def test_known_tables_are_found_by_their_names_without_endings(tables: CompanionTables) -> None:
    assert sorted(tables.paths) == ["agents", "talks"]
    assert list(tables.rows("tags")) == []


def test_the_tables_may_stand_in_one_archive(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("copy/talks.csv", "id,agent\n1,7\n")
        archive.writestr("copy/Agents.csv", "id,name\n7,Bo\n")
        archive.writestr("__MACOSX/copy/._talks.csv", "litter")
    tables = CompanionTables.of(ImportFile(tmp_path / "export.zip", "export.zip"), {"talks", "agents"})

    assert tables.lookup("talks", "id", "agent") == {"1": ("7",)}
    assert tables.lookup("agents", "id", "name") == {"7": ("Bo",)}


def test_columns_that_a_copy_writes_in_capitals_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "talks").write_text("ID;Agent\n1;7\n2\n", encoding="utf-16")
    tables = CompanionTables.of(ImportFile(tmp_path / "talks", "TALKS.csv"), {"talks"})

    assert tables.lookup("talks", "id", "agent") == {"1": ("7",)}
    assert [number for number, _row in tables.rows("talks")] == [2, 3]
    assert next(tables.rows("talks")) == (2, {"id": "1", "agent": "7"})


def test_one_table_says_what_the_ids_of_another_mean(tables: CompanionTables) -> None:
    assert tables.lookup("agents", "id", "name", "mail") == {"7": ("Bo", "bo@example.org")}
    assert tables.lookup("tags", "id", "name") == {}


def test_each_row_gives_its_facts_together_or_a_reject_that_names_its_table(tables: CompanionTables) -> None:
    agents = tables.lookup("agents", "id", "name")

    def read(row: TableRow) -> Iterator[Fact]:
        yield Fact("t", {"id": row["id"]})
        if row["agent"] not in agents:
            raise Unreadable(_("Nobody is agent {agent}.", agent=row["agent"]))
        yield Fact("t", {"agent": agents[row["agent"]][0]})

    first, second, third = tables.read("talks", read)

    assert isinstance(first, RowFacts)
    assert [fact.row for fact in first.facts] == [{"id": "1"}, {"agent": "Bo"}]
    assert isinstance(second, Reject)
    assert (second.number, str(second.reason)) == (3, "In talks: Nobody is agent 8.")
    assert isinstance(third, Reject)
    assert str(third.reason).startswith("In talks: ")
