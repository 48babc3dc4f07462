"""Files that are larger than they look. Each is refused with a sentence, before it is in memory."""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from bilan.sdk import (
    Invalid,
    Message,
    UnreadableRow,
    csv_tables,
    json_pieces,
    json_tables,
    open_table,
    parquet_tables,
    read_text,
    table_batches,
    workbook_process,
    workbooks,
)
from bilan.sdk import containers as module
from bilan.sdk.json_pieces import decode_json

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


def in_every_row(rows: int, text: str) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array([text]))


def test_a_text_that_stands_in_every_row_is_in_memory_once(tmp_path: Path) -> None:
    # Ten thousand times 50 kB, which the file holds once.
    same = in_every_row(10_000, "x" * 50_000)
    content = parquet(same)
    (tmp_path / "file").write_bytes(content)
    before = pa.total_allocated_bytes()

    (batch,) = open_table(tmp_path / "file").batches()

    column = batch.column("text")
    assert (len(content) < 100_000, len(column.dictionary), len(column)) == (True, 1, 10_000)
    assert pa.total_allocated_bytes() - before < 50 * MEGABYTE


def test_a_text_of_parquet_has_a_bound(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(parquet(pa.array(["x" * (MEGABYTE + 1)])))
    (batch,) = open_table(tmp_path / "file").batches()
    with pytest.raises(Invalid, match="text has a text of more than 1 MB"):
        batch.column("text")


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.binary(), pa.large_binary()], ids=str)
def test_rows_that_hold_a_long_text_share_it_whatever_its_type(tmp_path: Path, kind: Any) -> None:
    # As parts of rows, too, of which each that is refused is kept for people to look at.
    texts = pa.array(["x" * 200_000], pa.string()).cast(kind)
    same = pa.DictionaryArray.from_arrays(pa.array([0] * 1_000, pa.int32()), texts)
    plain = pa.table({"text": same}).cast(pa.schema([("text", kind)]))
    pq.write_table(plain, tmp_path / "file")

    (batch,) = open_table(tmp_path / "file").batches()
    rows = batch.pick(range(1_000))
    assert len({id(row["text"]) for row in rows}) == 1

    refused = dict.fromkeys(range(1_000), Message("No."))
    rejects = batch.rejects(refused, lambda row: str(row["text"]))
    assert sum(len(reject.raw) for reject in rejects) <= 32 * MEGABYTE


def test_texts_in_lists_whose_copies_would_fill_the_memory_are_refused(tmp_path: Path) -> None:
    lists = pa.ListArray.from_arrays(
        pa.array(range(0, 60_001, 20), pa.int32()), in_every_row(60_000, "x" * 10_000)
    )
    (tmp_path / "file").write_bytes(parquet(lists))
    (batch,) = open_table(tmp_path / "file").batches()
    assert len(batch.pick([0])[0]["text"]) == 20
    with pytest.raises(Invalid, match=r"3000 rows of the Parquet file hold 600 MB of texts; at most 512 MB"):
        batch.column("text")


def test_texts_that_stand_in_every_row_of_many_columns_are_refused_before_they_are_copied(
    tmp_path: Path,
) -> None:
    # Each is short enough by itself, and the file has 90 kB.
    columns = {f"c{number}": in_every_row(10_000, "x" * 9_000) for number in range(30)}
    pq.write_table(pa.table(columns), tmp_path / "file")
    before = pa.total_allocated_bytes()
    (batch,) = open_table(tmp_path / "file").batches()
    for number in range(5):
        assert len(batch.column(f"c{number}").dictionary) == 1
    with pytest.raises(Invalid, match=r"10000 rows of the Parquet file hold 540 MB of texts"):
        [batch.column(f"c{number}") for number in range(30)]
    assert pa.total_allocated_bytes() - before < 100 * MEGABYTE


def test_a_row_group_of_parquet_has_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_tables, "ROW_GROUP_LIMIT", 2_000_000)
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


def sheet(path: Path, rows: list[list[Any]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        written = book.add_worksheet()
        for place, row in enumerate(rows):
            written.write_row(place, 0, row)
    return path


@pytest.fixture
def small_workbooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of workbooks 100 cells or 1,000 bytes are read, 300 of a row."""
    script = Path(workbook_process.__file__).read_text(encoding="utf-8")
    small = script.replace("5_000_000", "100").replace("512 * 1024**2", "1_000")
    small = small.replace("4 * 1024**2", "300")
    (tmp_path / "process.py").write_text(small, encoding="utf-8")
    monkeypatch.setattr(workbook_process, "__file__", str(tmp_path / "process.py"))
    monkeypatch.setattr(workbook_process, "CELLS_LIMIT", 100)


@pytest.mark.integration
@pytest.mark.usefixtures("small_workbooks")
def test_a_sheet_has_so_many_cells_the_empty_ones_between_others_too(tmp_path: Path) -> None:
    assert len(list(open_table(sheet(tmp_path / "fits.xlsx", [["a", "b"]] * 50)).rows())) == 49
    apart = sheet(tmp_path / "apart.xlsx", [["a", "b"], *[[]] * 49, [1, 2]])
    with pytest.raises(
        Invalid, match=r"The sheet has 102 cells, .* at most 100 are read. Save its table as CSV\."
    ):
        open_table(apart)


@pytest.mark.integration
@pytest.mark.usefixtures("small_workbooks")
def test_a_text_that_stands_in_every_cell_is_not_written_out(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="The texts of the sheet take more than"):
        open_table(sheet(tmp_path / "book.xlsx", [["a", "b"], *[["x" * 100, "x" * 100]] * 10]))


@pytest.mark.integration
@pytest.mark.usefixtures("small_workbooks")
def test_a_row_of_a_workbook_has_a_bound(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="A row of the sheet takes more than"):
        open_table(sheet(tmp_path / "book.xlsx", [["a", "b"], ["x" * 200, "x" * 200]]))


@pytest.mark.parametrize("made", ["csv", "quoted csv", "json"])
def test_rows_that_are_long_are_read_some_at_a_time(
    tmp_path: Path, made: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_batches, "BATCH_CHARACTERS", 20_000)
    monkeypatch.setattr(csv_tables, "CHUNK_CHARACTERS", 5_000)
    text = "x" * 1_000
    row = {"csv": f"click,{text}", "quoted csv": f'click,"{text}\n{text}"'}
    head, line = ("", json.dumps({"kind": text})) if made == "json" else ("kind,text\n", row[made])
    (tmp_path / "file").write_text(head + f"{line}\n" * 200)

    table = open_table(tmp_path / "file")
    sizes = [len(batch.numbers) for batch in table.batches()]

    assert sum(sizes) == 200
    assert max(sizes) <= 25
    lines = [number for number, _row in table.numbered()]
    first, step = (1, 1) if made == "json" else (2, 1 + (made == "quoted csv"))
    assert lines == [first + step * number for number in range(200)]


@pytest.mark.integration
def test_rows_of_a_workbook_are_decoded_as_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = 0
    loads = json.loads

    def counted(*given: Any, **named: Any) -> Any:
        nonlocal decoded
        decoded += 1
        return loads(*given, **named)

    monkeypatch.setattr(workbooks.json, "loads", counted)
    table = open_table(sheet(tmp_path / "book.xlsx", [["a", "b"], *[[1, 2]] * 3_000]))
    rows = table.batches(500)

    assert (len(next(rows).numbers), decoded) == (500, 100 + 501)
    assert sum(len(one.numbers) for one in rows) == 2_500


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (-24, r"Reading the workbook takes longer than 60 seconds; save its table as CSV\."),
        (-6, r"Reading the workbook takes more than the \d+ MB of memory that are allowed; save its table"),
    ],
    ids=["time", "memory"],
)
def test_a_workbook_takes_so_much_time_and_memory(code: int, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        raise workbooks._refused(code, "")


def test_a_workbook_that_fills_the_disk_is_no_mistake_of_its_own() -> None:
    with pytest.raises(OSError, match="No space left on device") as raised:
        raise workbooks._refused(workbook_process.FULL, "")
    assert raised.value.errno == errno.ENOSPC


def test_an_archive_of_too_many_files_is_refused_before_one_of_them_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, small = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(6_000):
            archive.writestr(f"{number}", b"")
    with zipfile.ZipFile(small, "w") as archive:
        archive.writestr("events.csv", b"a,b\n1,2\n")
    looked_at = list[str]()

    class Counted(zipfile.ZipInfo):
        def __init__(self, *given: Any) -> None:
            looked_at.append(given[0])
            super().__init__(*given)

    monkeypatch.setattr(zipfile, "ZipInfo", Counted)
    with pytest.raises(Invalid, match="a ZIP archive of too many files"):
        read(tmp_path, out.getvalue())
    assert looked_at == []
    assert (read(tmp_path, small.getvalue()), {*looked_at}) == (1, {"events.csv"})


def test_of_a_parquet_file_of_thousands_of_columns_no_schema_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def schema(_file: pq.ParquetFile) -> None:
        raise AssertionError("the schema was made")

    monkeypatch.setattr(pq.ParquetFile, "schema_arrow", property(schema))
    with pytest.raises(Invalid, match=r"The table has 6000 columns; at most 500 are read\."):
        read(tmp_path, wide_parquet(6_000))


class Decoded:
    """The decoder of JSON, which notes how much of a text each call goes through."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.most = 0
        self._decode = json_pieces._decode
        monkeypatch.setattr(json_pieces, "_decode", self)

    def __call__(self, text: str, place: int) -> tuple[Any, int]:
        self.most = max(self.most, len(text) - place)
        return self._decode(text, place)


@pytest.mark.parametrize(
    "made",
    [
        lambda: [{"event": "click", "number": number} for number in range(20_000)],
        lambda: {f"key {number}": number for number in range(60_000)},
        lambda: {"data": {"items": [{"number": number, "tags": ["a", "b"]} for number in range(20_000)]}},
    ],
    ids=["a list", "an object of many keys", "an envelope"],
)
def test_json_is_decoded_a_piece_at_a_time(made: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    value = made()
    text = json.dumps(value)
    decoded = Decoded(monkeypatch)

    assert decode_json(text) == value
    assert len(text) > 2 * json_pieces.PIECE
    assert 0 < decoded.most <= json_pieces.PIECE


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=6), inner, max_size=6),
    max_leaves=40,
)


@given(
    value=values,
    indent=st.sampled_from([None, 0, 3]),
    cut=st.integers(0, 400),
    more=st.sampled_from(["", "x"]),
)
def test_json_in_pieces_is_what_it_is_in_one(value: Any, indent: int | None, cut: int, more: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_pieces, "PIECE", 7)
        whole = json.dumps(value, indent=indent)
        for text in (whole, whole[:cut] + more, f" {whole}{more}"):
            try:
                expected: Any = json.loads(text)
            except ValueError:
                with pytest.raises(ValueError):  # noqa: PT011 - its sentence may name another place
                    decode_json(text)
            else:
                assert decode_json(text) == expected


def test_lists_within_each_other_are_taken_apart_on_so_many_levels_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # On each level some of what is longer than a piece is decoded once more: here it would be 400 times.
    text = "[" * 400 + json.dumps("x" * 2 * json_pieces.PIECE) + "]" * 400
    looked_at, decode = list[int](), json_pieces._decode

    def counted(text: str, place: int) -> tuple[Any, int]:
        looked_at.append(len(text) - place)
        return decode(text, place)

    monkeypatch.setattr(json_pieces, "_decode", counted)
    assert decode_json(text) == json.loads(text)
    assert sum(looked_at) < 10 * len(text)


def test_a_number_of_thousands_of_digits_takes_nothing_with_it() -> None:
    digits = "9" * 5_000
    for more in ("", " " * json_pieces.PIECE):
        found = decode_json(f'[{{"id": {digits}}}, 7{more}]')
        assert (read_text(found[0]["id"]), found[1]) == (digits, 7)
        with pytest.raises(ValueError, match="Expecting"):
            decode_json(f"[{digits}, 7{more}")


def damaged(name: str) -> bytes:
    """A Parquet file with a byte that is another: of its rows, or of the head of its page."""
    out = io.BytesIO()
    rows = pa.table({"number": [1_000_000 + number for number in range(1_000)]})
    pq.write_table(rows, out, compression="none", use_dictionary=False, write_page_checksum=True)
    content = bytearray(out.getvalue())
    place = content.index((1_000_500).to_bytes(8, "little")) if name == "rows" else 4
    content[place] ^= 0x7F
    return bytes(content)


@pytest.mark.parametrize("name", ["rows", "head"])
def test_a_damaged_parquet_file_is_refused_and_no_row_of_it_read_wrong(tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid, match="The Parquet file cannot be read: "):
        read(tmp_path, damaged(name))


@pytest.mark.parametrize("large", [False, True])
def test_a_text_of_parquet_that_is_no_utf_8_takes_no_other_with_it(tmp_path: Path, large: bool) -> None:
    given = pa.array([b"Ann", b"Andr\xe9", None], pa.large_binary() if large else pa.binary())
    texts = given.view(pa.large_string() if large else pa.string())
    (tmp_path / "file").write_bytes(parquet(texts))
    (batch,) = open_table(tmp_path / "file").batches()
    for values in (batch.column("text").values(), [row["text"] for row in batch.pick([0, 1, 2])]):
        assert [read_text(value) for value in values] == ["Ann", "416e6472e9", ""]


@pytest.mark.parametrize("content", [b'[{"kind": "open", "email\\ud800": "a"}]', b"kind,em\x00ail\nopen,a\n"])
def test_a_column_whose_name_cannot_be_kept_is_refused_and_not_lost(tmp_path: Path, content: bytes) -> None:
    sentence = (
        "The name of the column “em\N{REPLACEMENT CHARACTER}?ail\N{REPLACEMENT CHARACTER}?” holds a character"
    )
    with pytest.raises(Invalid, match=sentence):
        read(tmp_path, content)


@pytest.mark.parametrize(
    "column",
    [
        pa.array([[("a", "b")], None, []], pa.map_(pa.string(), pa.string())),
        pa.array([[("a", ["b"])], None, []], pa.map_(pa.string(), pa.list_(pa.string()))),
        pa.array([["a", "b"], None, ["c", "d"]], pa.list_(pa.string(), 2)),
        pa.array([["a"], None, ["b"]], pa.large_list(pa.string())),
        pa.array([["a"], None, ["b"]], pa.list_view(pa.string())),
        pa.array([{"a": ["x"], "b": b"y"}, None, {"a": [], "b": None}]),
        pa.array([[["a"]], None, [[], ["b"]]]),
        pa.array(['{"a": 1}', None, "[1]"], pa.json_()),
    ],
    ids=lambda column: str(column.type),
)
@pytest.mark.parametrize("room", [0, 25_000], ids=["as dictionaries", "as they are"])
def test_whatever_is_made_of_texts_is_read(
    tmp_path: Path, column: Any, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_tables, "ROW_TEXTS", room)
    (tmp_path / "file").write_bytes(parquet(column))
    table = open_table(tmp_path / "file")
    expected = column.to_pylist()
    assert [row["text"] for row in table.rows() if not isinstance(row, UnreadableRow)] == expected
    # One row at a time, too, of which each is a part of those that are read together.
    assert [batch.column("text").values()[0] for batch in table.batches(1)] == expected
