"""Long tables leave their document, and come back row by row."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.files import Files, Stored
from bilan.reports.parts import IN_DOCUMENT, keep, read, rows_of
from bilan.sdk.document import Cell, Mark, Table, TableColumn, Value

TABLE = Table(
    key="t", title="T", columns=(TableColumn(key="a", label="A"), TableColumn(key="b", label="B")), file="t"
)

cells: st.SearchStrategy[Value] = st.one_of(
    st.none(), st.integers(-(2**53), 2**53), st.text(max_size=5), st.booleans(), st.just(Cell(3, Mark.MIXED))
)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(f"file://{tmp_path / 'files'}")


def refuse(chunks: Iterable[bytes]) -> Stored:
    raise AssertionError("nothing should be stored")


def numbered(count: int) -> Iterator[list[Any]]:
    return ([number, f"row {number}"] for number in range(count))


def test_a_table_of_up_to_a_thousand_rows_stays_in_the_document() -> None:
    kept = keep(TABLE, numbered(IN_DOCUMENT), refuse)

    assert IN_DOCUMENT == 1000
    assert kept.part is None
    assert kept.rows == list(numbered(1000))


def test_with_one_row_more_all_rows_move_to_a_part(files: Files) -> None:
    kept = keep(TABLE, numbered(1001), files.put_blocking)

    assert kept.rows == []
    assert kept.part is not None
    assert kept.part.rows == 1001
    assert list(rows_of(files)(kept)) == list(numbered(1001))


def test_a_part_is_gzip_without_a_time_holding_a_json_row_a_line(files: Files) -> None:
    kept = keep(TABLE, numbered(1500), files.put_blocking)
    assert kept.part is not None

    data = b"".join(files.open(kept.part.sha256))

    assert kept.part.size == len(data)
    assert data[4:8] == b"\0\0\0\0"
    lines = gzip.decompress(data).splitlines()
    assert [json.loads(line) for line in lines] == list(numbered(1500))


def test_the_same_rows_give_the_same_part(files: Files) -> None:
    first = keep(TABLE, numbered(2000), files.put_blocking)
    again = keep(TABLE, numbered(2000), files.put_blocking)

    assert first.part == again.part


def test_rows_in_the_document_are_read_alike(files: Files) -> None:
    assert list(rows_of(files)(keep(TABLE, numbered(3), refuse))) == list(numbered(3))


@given(
    st.lists(st.lists(cells, max_size=3), min_size=1, max_size=20),
    st.integers(1, 64),
)
def test_marked_cells_and_empty_ones_come_back_as_they_were(rows: list[list[Value]], chunk: int) -> None:
    stored = bytearray()

    def remember(chunks: Iterable[bytes]) -> Stored:
        stored.clear()
        stored.extend(b"".join(chunks))
        return Stored("0" * 64, len(stored))

    many = rows * (IN_DOCUMENT // len(rows) + 1)
    keep(TABLE, many, remember)

    pieces = (bytes(stored[at : at + chunk]) for at in range(0, len(stored), chunk))
    assert list(read(pieces)) == many


def test_a_long_table_is_never_in_memory_as_a_whole(files: Files) -> None:
    wide = ([number, "x" * 500] for number in range(200_000))

    tracemalloc.start()
    kept = keep(TABLE, wide, files.put_blocking)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert kept.part is not None
    assert kept.part.rows == 200_000
    assert peak < 16 * 1024**2
