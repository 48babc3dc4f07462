"""Files that are larger than they look. Each is refused with a sentence, before it is in memory."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from bilan.sdk import Invalid, json_tables, open_table, tables
from bilan.sdk import containers as module

MEGABYTE = 1024**2


def zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("events.csv", content)
    return out.getvalue()


def read(folder: Path, content: bytes) -> int:
    """How many rows there are."""
    path = folder / "file"
    path.write_bytes(content)
    return len(list(open_table(path).rows()))


@pytest.mark.parametrize(
    "pack", [gzip.compress, bz2.compress, lzma.compress, zipped], ids=["gzip", "bzip2", "xz", "zip"]
)
def test_a_file_unpacks_to_so_many_times_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setattr(module, "UNPACKED_ANYWAY", MEGABYTE)
    monkeypatch.setattr(module, "UNPACKED_TIMES", 1)
    rows = b"event,email\n" + b"click,anna@example.com\n" * 40_000

    assert read(tmp_path, pack(rows)) == 40_000
    with pytest.raises(Invalid, match="holds more than 1 MB once it is unpacked"):
        read(tmp_path, pack(rows * 2))


def test_a_line_without_an_end_is_not_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked = 0
    inner = module._Unpacked.readinto

    def counted(self: module._Unpacked, buffer: memoryview) -> int:
        nonlocal unpacked
        unpacked += (size := inner(self, buffer))
        return size

    monkeypatch.setattr(module._Unpacked, "readinto", counted)
    packed = gzip.compress(b"x" * MEGABYTE) * 60

    with pytest.raises(Invalid, match="A line of the file is longer than 1 MB"):
        read(tmp_path, packed)
    # Once to its end, in pieces, to find out its encoding; then no further than a line may be.
    assert unpacked < 63 * MEGABYTE


def test_a_line_of_many_cells_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, b"a,b\n" + b"x" * 500_000 + b"," + b"y" * 500_000 + b"\n") == 1


def test_json_in_one_piece_has_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_tables, "JSON_BYTES", 100_000)
    event = b'{"event": "click"}'

    assert read(tmp_path, b"[" + b",".join([event] * 4_000) + b"]") == 4_000
    with pytest.raises(Invalid, match="JSON of more than 0 MB in one piece"):
        read(tmp_path, b"[" + b",".join([event] * 8_000) + b"]")
    with pytest.raises(Invalid, match="JSON of more than 0 MB in one piece; write one object a line"):
        read(tmp_path, b"[[\n" + b",\n".join([event.replace(b" ", b"\n")] * 8_000) + b"\n]]")
    # One a line, any number is read.
    assert read(tmp_path, b"\n".join([event] * 20_000)) == 20_000


def wide_csv(columns: int) -> bytes:
    return (
        ",".join(f"c{number}" for number in range(columns)).encode() + b"\n" + b"1," * (columns - 1) + b"1\n"
    )


def wide_json(columns: int) -> bytes:
    return ("{" + ",".join(f'"c{number}": 1' for number in range(columns)) + "}\n").encode() * 2


def wide_parquet(columns: int) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({f"c{number}": [1] for number in range(columns)}), out)
    return out.getvalue()


@pytest.mark.parametrize("wide", [wide_csv, wide_json, wide_parquet], ids=["csv", "json", "parquet"])
def test_a_table_has_so_many_columns(tmp_path: Path, wide: Callable[[int], bytes]) -> None:
    assert read(tmp_path, wide(500)) >= 1
    with pytest.raises(Invalid, match=r"The table has 501 columns; at most 500 are read\."):
        read(tmp_path, wide(501))


def parquet(column: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"text": column, "number": range(len(column))}), out)
    return out.getvalue()


def test_a_text_that_stands_in_every_row_is_in_memory_once(tmp_path: Path) -> None:
    # Ten thousand times 200 kB, which the file holds once.
    same = pa.DictionaryArray.from_arrays(pa.array([0] * 10_000, pa.int32()), pa.array(["x" * 200_000]))
    content = parquet(same)
    (tmp_path / "file").write_bytes(content)
    before = pa.total_allocated_bytes()

    (batch,) = open_table(tmp_path / "file").batches()

    column = batch.column("text")
    assert (len(content) < 300_000, len(column.dictionary), len(column)) == (True, 1, 10_000)
    assert pa.total_allocated_bytes() - before < 50 * MEGABYTE


def test_a_text_of_parquet_has_a_bound(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(parquet(pa.array(["x" * (MEGABYTE + 1)])))
    (batch,) = open_table(tmp_path / "file").batches()
    with pytest.raises(Invalid, match="text has a text of more than 1 MB"):
        batch.column("text")


def test_a_row_group_of_parquet_has_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "ROW_GROUP_LIMIT", 2_000_000)
    rows = pa.array([f"{number:032d}" for number in range(100_000)])
    with pytest.raises(Invalid, match=r"A row group of the Parquet file takes [3-5] MB"):
        read(tmp_path, parquet(rows))


def corners(path: Path) -> None:
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "event")
        sheet.write(1_048_575, 16_383, "click")


@pytest.mark.integration
def test_a_workbook_of_two_cells_in_opposite_corners_ends_a_process_that_is_not_this(tmp_path: Path) -> None:
    corners(tmp_path / "book.xlsx")
    with pytest.raises(Invalid, match="takes more than the 2048 MB of memory that are allowed"):
        open_table(tmp_path / "book.xlsx")
