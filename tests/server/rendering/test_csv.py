from __future__ import annotations

import csv
import gzip
import io
import re
import tarfile
import tracemalloc
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bilan.rendering.csv_format import CSV, DELIMITERS
from bilan.rendering.guard import guarded
from bilan.rendering.tables import rows_within
from bilan.sdk.document import Cell, Document, Mark, ParameterValue, Part, Table, TableColumn, decode, encode
from bilan.sdk.errors import Invalid
from bilan.sdk.messages import messages
from bilan.sdk.rendering import RenderContext
from bilan.sdk.units import Unit
from fixtures.documents import Contexts, campaigns_table, report

_ = messages("bilan")[0]


def rendered(document: Document, context: RenderContext) -> bytes:
    out = io.BytesIO()
    CSV.render(document, context, rows_within, out)
    return out.getvalue()


def two_files() -> Document:
    flows = campaigns_table(key="flows", file="canvases", hidden=True)
    return report(blocks=(campaigns_table(), flows))


def one_file(table: Table, context: RenderContext) -> str:
    return rendered(report(blocks=(table,)), context).decode("utf-8")


def test_a_table_for_people_has_labels_iso_instants_and_full_ratios(contexts: Contexts) -> None:
    assert one_file(campaigns_table(), contexts(compression="none")) == (
        "\ufeffCampaign,Sends,Sends (basis),Open rate,Open rate (basis),Sent at,Tags\r\n"
        "Summer sale,12450,,0.4231,,2026-07-03T08:00:00+00:00,summer; sale\r\n"
        '"\'=HYPERLINK(""x"")",3200,,0.0052,needs attention,2026-07-10T08:00:00+00:00,\r\n'
        "Newsletter; July,880,as reported,,,,letter\r\n"
    )


def test_a_file_for_programs_is_raw(contexts: Contexts) -> None:
    assert one_file(campaigns_table(), contexts(compression="none", machine=True)) == (
        "campaign,sends,sends_basis,open_rate,open_rate_basis,sent_at,tags\r\n"
        'Summer sale,12450,,0.4231,,2026-07-03T08:00:00+00:00,"[""summer"",""sale""]"\r\n'
        '"=HYPERLINK(""x"")",3200,,0.0052,red_flag,2026-07-10T08:00:00+00:00,[]\r\n'
        'Newsletter; July,880,reported,,,,"[""letter""]"\r\n'
    )


def test_a_note_stands_in_a_column_of_its_own(contexts: Contexts) -> None:
    table = Table(
        key="t", title="t", file="t", columns=(TableColumn(key="week", label=_("Week")),),
        rows=[[Cell("2026-07-27", note=_("Cut short by the period's end."))]],
    )  # fmt: skip
    assert one_file(table, contexts(compression="none", bom=False)) == (
        "Week,Week (note)\r\n2026-07-27,Cut short by the period's end.\r\n"
    )


@pytest.mark.requirement("BZ-20", "DC-13")
@pytest.mark.parametrize(
    ("name", "character"),
    [("comma", ","), ("semicolon", ";"), ("colon", ":"), ("pipe", "|"), ("tab", "\t")],
)
def test_the_delimiter_is_the_one_that_was_chosen(contexts: Contexts, name: str, character: str) -> None:
    text = one_file(campaigns_table(), contexts(compression="none", delimiter=name, bom=False))
    assert text.startswith(character.join(["Campaign", "Sends", "Sends (basis)"]))
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=character))
    assert [len(row) for row in rows] == [7, 7, 7, 7]
    assert rows[3][0] == "Newsletter; July"


@pytest.mark.requirement("BZ-20", "DC-13")
@pytest.mark.parametrize(
    ("compression", "several", "extension", "media_type"),
    [
        ("zip", False, "zip", "application/zip"),
        ("zip", True, "zip", "application/zip"),
        ("gzip", False, "csv.gz", "application/gzip"),
        ("gzip", True, "tar.gz", "application/gzip"),
        ("none", False, "csv", "text/csv; charset=utf-8"),
        ("none", True, "zip", "application/zip"),
    ],
)
def test_whatever_the_compression_the_artifact_is_one_file_that_says_what_it_is(
    contexts: Contexts, compression: str, several: bool, extension: str, media_type: str
) -> None:
    document = two_files() if several else report()
    context = contexts(compression=compression)
    assert (CSV.extension(document, context), CSV.media_type(document, context)) == (extension, media_type)
    members = opened(rendered(document, context), extension)
    assert list(members) == (["campaigns.csv", "canvases.csv"] if several else ["campaigns.csv"])
    assert set(members.values()) == {rendered(report(), contexts(compression="none"))}


def opened(data: bytes, extension: str) -> dict[str, bytes]:
    match extension:
        case "zip":
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                assert archive.testzip() is None
                return {name: archive.read(name) for name in archive.namelist()}
        case "tar.gz":
            with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
                return {m.name: extracted(archive, m) for m in archive.getmembers()}
        case "csv.gz":
            return {"campaigns.csv": gzip.decompress(data)}
        case _:
            return {"campaigns.csv": data}


def extracted(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    assert file is not None
    return file.read()


@pytest.mark.requirement("DC-13")
def test_zip_and_comma_are_the_defaults(contexts: Contexts) -> None:
    assert CSV.extension(report(), contexts()) == "zip"
    text = opened(rendered(report(), contexts()), "zip")["campaigns.csv"].decode()
    assert text.startswith("\ufeffCampaign,Sends")
    assert [(one.key, one.default) for one in CSV.options[:2]] == [
        ("compression", "zip"),
        ("delimiter", "comma"),
    ]


def test_nothing_compressed_means_stored_even_in_an_archive(contexts: Contexts) -> None:
    with zipfile.ZipFile(io.BytesIO(rendered(two_files(), contexts(compression="none")))) as archive:
        assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_STORED}
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.requirement("BZ-20")
def test_what_the_report_chose_holds_unless_the_look_says_otherwise(contexts: Contexts) -> None:
    chosen = report(
        parameters=tuple(
            ParameterValue(key=key, label=_("Option"), value=value)
            for key, value in (("delimiter", "pipe"), ("compression", "none"))
        )
    )
    assert rendered(chosen, contexts()).startswith("\ufeffCampaign|Sends".encode())
    assert rendered(chosen, contexts(delimiter="tab")).startswith("\ufeffCampaign\tSends".encode())


@pytest.mark.requirement("DC-13")
def test_an_empty_table_is_left_out_unless_there_is_no_other(contexts: Contexts) -> None:
    empty = campaigns_table(key="flows", file="canvases", rows=[])
    some = opened(rendered(report(blocks=(empty, campaigns_table())), contexts()), "zip")
    none = opened(rendered(report(blocks=(empty,)), contexts()), "zip")
    assert list(some) == ["campaigns.csv"]
    assert none == {"canvases.csv": "\ufeffCampaign,Sends,Open rate,Sent at,Tags\r\n".encode()}


def test_only_named_tables_are_exported_and_a_report_without_one_says_so(contexts: Contexts) -> None:
    unnamed = campaigns_table(file=None)
    assert list(opened(rendered(report(blocks=(unnamed, campaigns_table())), contexts()), "zip")) == [
        "campaigns.csv"
    ]
    with pytest.raises(Invalid, match="no table to export"):
        rendered(report(blocks=(unnamed,)), contexts())


def test_two_tables_of_one_name_become_two_files_inside_the_archive(contexts: Contexts) -> None:
    twice = report(blocks=(campaigns_table(file="../a b"), campaigns_table(file="../a b")))
    assert list(opened(rendered(twice, contexts()), "zip")) == ["a-b.csv", "a-b-2.csv"]


def test_an_unknown_delimiter_is_refused_by_name(contexts: Contexts) -> None:
    with pytest.raises(Invalid, match="hash is not a delimiter; choose one of comma, semicolon") as refused:
        rendered(report(), contexts(delimiter="hash"))
    assert refused.value.path == ("delimiter",)


@pytest.mark.requirement("GO-03")
@pytest.mark.parametrize("compression", ["zip", "gzip", "none"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_same_document_gives_the_same_bytes_also_after_it_was_stored(
    contexts: Contexts, compression: str, language: str
) -> None:
    context = contexts(language, compression=compression)
    first = rendered(two_files(), context)
    assert rendered(decode(encode(two_files())), context) == first
    assert rendered(two_files(), contexts(language, compression=compression)) == first


@pytest.mark.requirement("GO-03")
def test_a_pipe_gets_the_same_bytes_as_a_file(contexts: Contexts, tmp_path: Any) -> None:
    path = tmp_path / "out.zip"
    with path.open("wb") as out:
        CSV.render(two_files(), contexts(), rows_within, out)
    assert path.read_bytes() == rendered(two_files(), contexts())


def test_a_long_table_passes_through_little_memory(contexts: Contexts) -> None:
    columns = tuple(TableColumn(key=f"c{i}", label=f"c{i}", unit=Unit.COUNT) for i in range(10))
    table = Table(key="t", title="t", file="t", columns=columns, part=Part("0" * 64, 20_000, 1))

    def rows(_table: Table) -> Iterator[list[Any]]:
        return ([n, *range(9)] for n in range(20_000))

    class Sink(io.RawIOBase):
        written = 0

        def writable(self) -> bool:
            return True

        def write(self, data: Any, /) -> int:
            Sink.written += len(data)
            return len(data)

    tracemalloc.start()
    CSV.render(report(blocks=(table,)), contexts(compression="none"), rows, Sink())  # type: ignore[arg-type]
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert Sink.written > 400_000
    assert peak < 300_000


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SIMPLE = st.one_of(st.none(), st.integers(), st.booleans(), ANY_TEXT, st.floats(allow_nan=False))


@given(
    st.lists(st.lists(SIMPLE, min_size=3, max_size=3), min_size=1, max_size=8),
    st.sampled_from(["comma", "semicolon", "colon", "pipe", "tab"]),
)
def test_every_value_comes_back_through_a_csv_reader(
    contexts: Contexts, rows: list[list[Any]], delimiter: str
) -> None:
    columns = tuple(TableColumn(key=f"c{i}", label=f"c{i}") for i in range(3))
    table = Table(key="t", title="t", file="t", columns=columns, rows=rows)
    text = one_file(table, contexts(compression="none", machine=True, delimiter=delimiter))
    sign = {"comma": ",", "semicolon": ";", "colon": ":", "pipe": "|", "tab": "\t"}[delimiter]
    read = list(csv.reader(io.StringIO(text, newline=""), delimiter=sign))
    assert read[0] == ["c0", "c1", "c2"]
    for line, row in zip(read[1:], rows, strict=True):
        for written, value in zip(line, row, strict=True):
            match value:
                case None:
                    assert written == ""
                case bool():
                    assert written == str(value).lower()
                case float():
                    assert float(written) == value
                case _:
                    assert written == str(value)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "  =1+1", "+A1", "-1+1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1+1", "＠x", "-", "\u00a0-cmd"],
)
def test_what_could_be_a_formula_is_made_text(text: str) -> None:
    expected = text if text == "-" else "'" + text
    assert guarded(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "+",
        "-12",
        "-12,4 %",
        "+33612345678",
        "-1\u202f234,5",
        "+33 6 12 34 56 78",
        "a=1",
        "https://a.org/?a=1&b=-1",
        "Re: 5 % off",
        "Re: -5%",
        "Sale; -20 %; only today",
        "1-2",
        "'=1",
    ],
)
def test_plain_numbers_and_plain_text_are_left_alone(text: str) -> None:
    assert guarded(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Promo;=1+1", "Promo;'=1+1"),
        ("=1;=2", "'=1;'=2"),
        ("Promo|  @SUM(A1)", "Promo|  '@SUM(A1)"),
        ('Promo;"=1+1"', 'Promo;"\'=1+1"'),
        ("\t=1", "'\t'=1"),
        ("a\r\n＝1", "a\r\n'＝1"),
        ("a:,\u00a0+A1", "a:,\u00a0'+A1"),
        # The cell could go on in the next column, or stop being a number before the text ends.
        ("Promo;-5", "Promo;'-5"),
        ("Promo;-5%,A1", "Promo;'-5%,A1"),
    ],
)
def test_what_could_be_a_formula_behind_a_delimiter_is_made_text(text: str, expected: str) -> None:
    assert guarded(text) == expected


CUTTING = st.text(st.sampled_from(";,\t|:\r\n =+-@＝\"'15%a\u00a0"), max_size=12)
CUTS = st.sampled_from(sorted(DELIMITERS.values()))
NUMBER = re.compile("[+-]([0-9][0-9.,'’ \u00a0\u202f]*%?)?")


@given(st.lists(CUTTING | ANY_TEXT, min_size=1, max_size=3), CUTS, CUTS)
@example(["Promo;=1+1"], ",", ";")
def test_no_cell_starts_a_formula_whatever_a_spreadsheet_cuts_at(
    texts: list[str], delimiter: str, cut: str
) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator="\r\n").writerow(["first", *map(guarded, texts)])
    read = csv.reader(io.StringIO(file.getvalue(), newline=""), delimiter=cut)
    cells = [cell for row in read for cell in row]
    if cut != delimiter:
        # Some take quotes inside a cell as they come.
        cells += [cell.lstrip('"') for cell in re.split(f"[\r\n{re.escape(cut)}]", file.getvalue())]
    for cell in cells:
        start = cell.lstrip(" \u00a0\u202f\u3000\ufeff")
        if start[:1] in tuple("=+-@＝＋－＠"):
            assert NUMBER.fullmatch(start.split(delimiter)[0].rstrip('" \u00a0\u202f')), cell


@given(ANY_TEXT)
def test_no_guarded_text_starts_a_formula(text: str) -> None:
    start = guarded(text).lstrip(" \u00a0\u202f\u3000\ufeff")
    if start and start[0] in "=+-@\t\r\n＝＋－＠":
        assert not set(start[1:]) - set("0123456789.,'’ %\u00a0\u202f")
        assert start[0] in "+-"


def test_headers_are_guarded_like_cells(contexts: Contexts) -> None:
    table = Table(
        key="t",
        title="t",
        file="t",
        columns=(TableColumn(key="c", label="=cmd"),),
        rows=[[Cell(1, Mark.MIXED)]],
    )
    assert (
        one_file(table, contexts(compression="none", bom=False))
        == "'=cmd,'=cmd (basis)\r\n1,partly reported\r\n"
    )
