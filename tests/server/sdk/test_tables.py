"""Tables in every container and dialect: written at random and read back, or refused by what they are."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import json
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import example, given
from hypothesis import strategies as st

from bilan.sdk import Invalid, TableFile, UnreadableRow, open_table

FILES = Path(__file__).parents[2] / "plugins" / "email_campaigns" / "cases" / "files"
CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\x1f"), max_size=8).map(str.strip)
TABLES = st.integers(2, 5).flatmap(
    lambda wide: st.lists(
        st.lists(CELLS, min_size=wide, max_size=wide).map(lambda row: ["x", *row]), min_size=1, max_size=8
    )
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
Pack = Callable[[bytes], bytes]


def zipped(method: int) -> Pack:
    def pack(content: bytes) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as archive:
            archive.writestr("report/table.csv", content)
            archive.writestr("__MACOSX/report/._table.csv", b"\x00\x05")
        return out.getvalue()

    return pack


PACKINGS: dict[str, Pack] = {
    "plain": lambda content: content,
    "gzip": gzip.compress,
    "zip": zipped(zipfile.ZIP_DEFLATED),
    "stored zip": zipped(zipfile.ZIP_STORED),
}


def table(folder: Path, content: bytes, name: str = "table.csv") -> TableFile:
    path = folder / name
    path.write_bytes(content)
    return open_table(path)


def cells(found: TableFile) -> list[list[Any]]:
    assert not any(isinstance(row, UnreadableRow) for row in found.rows())
    return [list(row.values()) for row in found.rows() if not isinstance(row, UnreadableRow)]


def csv_of(rows: Sequence[Sequence[str]], delimiter: str, quoting: int, ends: str) -> str:
    out = io.StringIO(newline="")
    kind = csv.QUOTE_ALL if quoting == 0 else csv.QUOTE_MINIMAL
    csv.writer(out, delimiter=delimiter, quoting=kind, lineterminator=ends).writerows(rows)
    return out.getvalue()


@pytest.mark.requirement("DC-26")
@pytest.mark.parametrize("packing", PACKINGS)
@given(
    rows=TABLES,
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.integers(0, 1),
    ends=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(ENCODINGS),
    before=st.sampled_from(["", "sep", "titles"]),
)
def test_a_table_is_read_back_from_any_dialect(
    tmp_path_factory: pytest.TempPathFactory,
    packing: str,
    rows: list[list[str]],
    delimiter: str,
    quoting: int,
    ends: str,
    encoding: str,
    before: str,
) -> None:
    header = [f"Column {place} of all" for place in range(len(rows[0]))]
    first = {
        "": "",
        "sep": f"sep={delimiter}{ends}",
        "titles": f"Campaign report{ends}Made{delimiter}2026-01-06{ends}{ends}",
    }[before]
    written = first + csv_of([header, *rows], delimiter, quoting, ends)
    if before == "titles" and any(not row[-1] for row in rows):
        return  # where most rows end in empty cells, nobody can tell a title from a narrow header
    content = PACKINGS[packing](written.encode(encoding))

    found = table(tmp_path_factory.mktemp("files"), content)

    assert list(found.columns) == header
    assert cells(found) == rows


@pytest.mark.requirement("DC-26")
def test_rows_have_the_numbers_of_their_lines(tmp_path: Path) -> None:
    found = table(tmp_path, b'Report\n\na,b\n1,2\n\n"two\nlines",4\n5,6\n7\n')
    assert [number for number, _row in found.numbered()] == [4, 6, 8, 9]
    assert found.skipped == ("Report",)
    lines = table(tmp_path, b'{"a": 1}\n\n{"a": 2}\nnonsense\n{"a": 3}{"a": 4}\n', "lines.jsonl")
    assert [number for number, _row in lines.numbered()] == [1, 3, 4, 5, 6]


@pytest.mark.requirement("DC-26")
@given(rows=TABLES, place=st.integers(0, 7), delimiter=st.sampled_from(",;"))
@example(rows=[["x", ""], ["x", ""], ["x", ";0"]], place=0, delimiter=";")
@example(rows=[["x", ""], ["x", ""], ["x", ";0"]], place=2, delimiter=";")
def test_a_forgotten_quote_costs_the_row_that_it_stands_in_and_no_other(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], place: int, delimiter: str
) -> None:
    rows = [[cell.replace("\n", " ").replace('"', " ").strip() for cell in row] for row in rows]
    place %= len(rows)
    lines = csv_of([["a one"] * len(rows[0]), *rows], delimiter, 1, "\n").split("\n")
    lines[place + 1] = f'"{lines[place + 1]}'.replace('"x"', "x")

    found = list(table(tmp_path_factory.mktemp("files"), "\n".join(lines).encode()).numbered())

    assert [number for number, row in found if isinstance(row, UnreadableRow)] == [place + 2]
    assert [list(row.values()) for _number, row in found if not isinstance(row, UnreadableRow)] == [
        row for number, row in enumerate(rows) if number != place
    ]


def test_23_unclosed_loses_one_row_to_its_forgotten_quote() -> None:
    (number, lost), *others = open_table(FILES / "23-unclosed.csv").numbered()
    assert isinstance(lost, UnreadableRow)
    assert (number, str(lost.reason)) == (2, "This row opens a quote that is not closed.")
    assert [number for number, _row in others] == [3, 4, 5]


def test_a_file_of_forgotten_quotes_is_read_in_time_that_grows_with_its_length(tmp_path: Path) -> None:
    found = list(table(tmp_path, b"a,b\n" + b'"x,y\nq,"z\n' * 3_000).numbered())
    assert len(found) == 6_000


CAMPAIGN = {"Campaign": "Winter", "Recipients": "1000", "Unique Opens": "300"}


@pytest.mark.parametrize(
    "name",
    ["01-sep.csv", "02-preamble.csv", "04-utf16le-nobom.csv", "18b-zip-stored.zip", "18c-zip-deflated.zip"],
)
def test_cases_of_containers_hold_the_campaign_of_winter(name: str) -> None:
    first = next(open_table(FILES / name).rows())
    assert not isinstance(first, UnreadableRow)
    assert {key: first[key] for key in CAMPAIGN} == CAMPAIGN


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("26-wrapped.json", [{"event": "opened", "recipient": "a@example.com", "timestamp": 1767600000}]),
        (
            "27-concat.json",
            [
                {"event": "open", "email": "a@example.com", "timestamp": 1767600000},
                {"event": "click", "email": "a@example.com", "timestamp": 1767600001},
            ],
        ),
        pytest.param(
            "19-book.xlsx",
            [{"Campaign": "W", "Recipients": 10, "Delivered": 9}],
            marks=pytest.mark.integration,  # workbooks are read in a process of their own
        ),
    ],
)
def test_cases_of_envelopes_and_workbooks_hold_their_rows(name: str, rows: list[dict[str, Any]]) -> None:
    assert list(open_table(FILES / name).rows()) == rows


ROWS = [{"a": 1, "tags": ["x"]}, {"a": 2, "tags": []}]
ONE, TWO = map(json.dumps, ROWS)


@pytest.mark.parametrize(
    "content",
    [
        f"[{ONE}, {TWO}]",
        json.dumps(ROWS, indent=2),
        f"{ONE}\n{TWO}\n",
        f"{ONE}{TWO}",
        f"{ONE} {TWO}\n",
        "\n".join(json.dumps(row, indent=2) for row in ROWS),
        f"\x1e{ONE}\n\x1e{TWO}\n",
        f'{{"results": [{ONE}, {TWO}], "next": null, "total": 2}}',
        f'{{"data": {{"items": [{ONE}, {TWO}]}}, "ok": true}}',
        f'{{"deliveries": [{ONE}, {TWO}]}}',
        f'{{"events": [{ONE}]}}\n{{"events": [{TWO}]}}\n',
        f"[{ONE}]\n[{TWO}]\n",
    ],
)
def test_objects_are_rows_in_whatever_stands_around_them(tmp_path: Path, content: str) -> None:
    assert list(table(tmp_path, content.encode(), "rows.json").rows()) == ROWS


def test_an_object_that_holds_a_list_is_a_row_of_its_own(tmp_path: Path) -> None:
    row = {"event": "open", "links": [{"url": "u"}], "campaign": "c"}
    assert list(table(tmp_path, json.dumps(row).encode()).rows()) == [row]


def book(path: Path, *sheets: tuple[str, Sequence[Sequence[Any]]]) -> Path:
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd hh:mm"}) as written:
        for name, rows in sheets:
            sheet = written.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    return path


@pytest.mark.integration
def test_a_sheet_is_a_table_with_its_dates_and_numbers(tmp_path: Path) -> None:
    at = datetime(2026, 1, 5, 8)  # noqa: DTZ001 - workbooks know no zones
    rows = [["Campaign report"], [], ["Campaign", "Sent", "Opens"], ["Winter", at, 300], ["Spring", "", 2.5]]
    found = open_table(book(tmp_path / "book.xlsx", ("Data", rows), ("Empty", [])))
    assert list(found.numbered()) == [
        (4, {"Campaign": "Winter", "Sent": at, "Opens": 300}),
        (5, {"Campaign": "Spring", "Sent": "", "Opens": 2.5}),
    ]
    assert found.skipped == ("Campaign report",)


@pytest.mark.integration
def test_a_workbook_of_several_sheets_is_asked_about(tmp_path: Path) -> None:
    path = book(tmp_path / "book.xlsx", ("May", [["a", "b"], [1, 2]]), ("June", [["a", "b"], [3, 4]]))
    with pytest.raises(Invalid, match="several sheets; say which one to read: May, June") as refused:
        open_table(path)
    assert refused.value.path == ("sheet",)
    assert list(open_table(path, "June").rows()) == [{"a": 3, "b": 4}]
    with pytest.raises(Invalid, match="May, June"):
        open_table(path, "July")


def two_members() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("may.csv", "a,b\n1,2\n")
        archive.writestr("june.csv", "a,b\n3,4\n")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html><body><table><tr><td>a</td></tr></table></body></html>", "is HTML, not a table"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html>\n<p>Sign in</p>", "is HTML, not a table"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "is XML"),
        (b"%PDF-1.7\n1 0 obj\n", "is PDF"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "is PNG"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "is 7Z"),
        (b"Rar!\x1a\x07\x00\x00", "is RAR"),
        (b"SQLite format 3\x00" + b"\x00" * 90, "is SQLITE"),
        (b"Obj\x01\x04\x16avro.schema", "is Avro"),
        (two_members(), r"ZIP archive of 2 files \(may.csv, june.csv\)"),
        (zipped(0)(gzip.compress(b"a,b\n")), "which is no text"),
        (zipped(8)(b"a,b\n1,2\n")[:60], "cannot be unpacked"),
        (gzip.compress(b"a,b\n1,2\n" * 99)[:-9], "cannot be unpacked"),
        pytest.param(
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 90,
            "workbook cannot be read",
            marks=pytest.mark.integration,
        ),
        (b"", "is empty"),
        (b" \r\n", "is empty"),
    ],
    # Packed bytes hold the time of day; the tests have the same names all day.
    ids=itertools.count(),
)
def test_what_is_no_table_is_refused_by_what_it_is(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        table(tmp_path, content, "report.xls")


def test_a_table_between_colons_is_read(tmp_path: Path) -> None:
    assert cells(table(tmp_path, b"campaign:recipients\nWinter:10\nSpring:20\n")) == [
        ["Winter", "10"], ["Spring", "20"],
    ]  # fmt: skip
