from __future__ import annotations

import io
import subprocess
import sys
import textwrap
import zipfile
from typing import Any

import pytest

from bilan.rendering import archives
from bilan.rendering.tables import rows_within
from bilan.rendering.workbook import book as books
from bilan.rendering.workbook.names import SheetNames
from bilan.rendering.xlsx_format import XLSX
from bilan.sdk.document import (
    Cell,
    Chart,
    ChartKind,
    Document,
    Mark,
    Paragraph,
    Part,
    Section,
    Series,
    Table,
    TableColumn,
)
from bilan.sdk.messages import messages
from bilan.sdk.rendering import RenderContext
from bilan.sdk.units import Unit
from fixtures.documents import Contexts, campaigns_table, line_chart, report
from support.sheets import Entry, Sheet, read

_ = messages("bilan")[0]


def rendered(document: Document, context: RenderContext) -> dict[str, Sheet]:
    out = io.BytesIO()
    XLSX.render(document, context, rows_within, out)
    return read(out.getvalue())


def one_sheet(table: Table, context: RenderContext) -> Sheet:
    return list(rendered(report(blocks=(table,)), context).values())[1]


def of_unit(unit: Unit, *values: Any) -> Table:
    rows = [[value] for value in values]
    return Table(key="t", title="T", columns=(TableColumn(key="c", label="C", unit=unit),), rows=rows)


@pytest.mark.requirement("DC-22")
def test_there_is_a_summary_a_sheet_for_each_table_and_chart_and_one_of_definitions(
    contexts: Contexts,
) -> None:
    assert list(rendered(report(), contexts())) == [
        "Summary", "Opens and clicks by day", "Campaigns", "Posts", "Definitions",
    ]  # fmt: skip


@pytest.mark.requirement("DC-22")
def test_cells_are_typed_and_instants_are_in_the_zone_that_the_head_states(contexts: Contexts) -> None:
    sheet = one_sheet(campaigns_table(), contexts(zone="Asia/Kathmandu"))

    assert sheet.values[0] == [
        "Campaign", "Sends", "Sends (basis)", "Open rate", "Open rate (basis)", "Sent at (Asia/Kathmandu)",
        "Tags",
    ]  # fmt: skip
    summer = [one for one in sheet.rows[1] if one]
    assert summer[:3] == [Entry("Summer sale"), Entry(12450, "#,##0"), Entry(0.4231, "0.0%")]
    assert (summer[3].shown_as, summer[3].moment) == (
        "yyyy-mm-dd hh:mm:ss",
        "2026-07-03T13:45:00.000",
    )
    assert summer[4] == Entry("summer; sale")
    assert sheet.values[2][3:5] == [0.0052, "needs attention"]
    assert sheet.values[3] == ["Newsletter; July", 880, "as reported", None, None, None, "letter"]
    assert sheet.values[4] == ["Total", 16530, None, 0.342, None, None, None]


@pytest.mark.parametrize(
    ("unit", "value", "expected"),
    [
        (Unit.COUNT, 0, Entry(0, "#,##0")),
        (Unit.NUMBER, 1.5, Entry(1.5, "#,##0.00")),
        (Unit.PROPORTION, 0.38513513513513514, Entry(0.38513513513513514, "0.0%")),
        (Unit.SECONDS, 90, Entry(90 / 86_400, "[h]:mm:ss")),
        (Unit.BYTES, 10**12, Entry(10**12, "#,##0")),
        (Unit.BOOLEAN, True, Entry(True)),
        (Unit.TEXT, "007", Entry("007")),
        (Unit.TEXTS, ["a", "b"], Entry("a; b")),
        (Unit.DATE, "2026-07-14", Entry(46_217, "yyyy-mm-dd")),
        (Unit.DATE, "1850-01-01", Entry("1850-01-01", "yyyy-mm-dd")),
        (Unit.DATE, "Tuesday", Entry("Tuesday", "yyyy-mm-dd")),
        (Unit.INSTANT, "0001-01-01T00:00Z", Entry("0001-01-01T00:00Z", "yyyy-mm-dd hh:mm:ss")),
        (Unit.COUNT, 2**53 + 1, Entry("9007199254740993", "#,##0")),
        (Unit.NUMBER, float("nan"), None),
        (Unit.NUMBER, None, None),
        (Unit.TEXT, Cell(_("Total")), Entry("Total")),
    ],
)  # fmt: skip
def test_a_value_is_written_as_what_it_is(
    contexts: Contexts, unit: Unit, value: Any, expected: Entry | None
) -> None:
    assert one_sheet(of_unit(unit, value), contexts("en", "America/New_York")).rows[1][0] == expected


@pytest.mark.requirement("DC-22")
@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("x")', "+1", "-2", "@SUM(A1)", "{=1}", "12,5", "1e5", "https://a.example/",
        "mailto:a@b.c", "internal:A1", "<r><t>x</t></r>", "<b>&amp;</b>", "a\nb", " padded ", "_x0041_",
        "\x01\x1b", "\ufffe", "🙂", "مرحبا",
    ],
)  # fmt: skip
def test_a_text_is_never_more_than_a_text(contexts: Contexts, text: str) -> None:
    sheet = one_sheet(of_unit(Unit.TEXT, text), contexts())
    assert sheet.values[1] == [text]
    assert sheet.formulas == 0


def test_a_text_longer_than_a_cell_ends_in_an_ellipsis(contexts: Contexts) -> None:
    (value,) = one_sheet(of_unit(Unit.TEXT, "🙂" * 20_000), contexts()).values[1]
    assert value == "🙂" * 16_383 + "…"


def test_heads_stay_in_sight_and_rows_can_be_filtered_without_the_totals(contexts: Contexts) -> None:
    sheet = one_sheet(campaigns_table(), contexts())
    assert (sheet.frozen, sheet.filtered, len(sheet.rows)) == ("A2", "A1:G4", 5)
    narrow, wide = (
        one_sheet(of_unit(Unit.TEXT, text), contexts()).widths[0]
        for text in ("a", "A campaign with a long name")
    )
    assert 10 < narrow < 14 < 28 < wide < 34


def test_the_summary_holds_the_figures_with_their_changes(contexts: Contexts) -> None:
    summary = rendered(report(), contexts())["Summary"]
    values = [[one for one in row if one is not None] for row in summary.values]
    assert values[:2] == [["Acme"], ["E-mail performance <July>"]]
    dates = [entry for entry in summary.rows[3] if entry][1:]
    assert [one.moment for one in dates] == ["2026-07-01T00:00:00.000", "2026-07-31T00:00:00.000"]
    assert ["Sends", 16530, (16530 - 15000) / 15000, 15000] in values
    assert ["Open rate", 0.342, (0.342 - 0.361) * 100, 0.361] in values
    assert ["Bounces", 120, 0.2, 100, "as reported"] in values
    assert ["First reply"] in values
    rate = next(row for row in summary.rows if len(row) > 1 and row[1] == Entry("Open rate"))
    assert [one.shown_as for one in rate[2:5] if one] == [
        "0.0%", '+#,##0.0" pt";-#,##0.0" pt";0.0" pt"', "0.0%",
    ]  # fmt: skip
    assert ["Figures of <SendGrid> may still change."] in values
    assert ["By day", "Days are cut in Europe/Paris."] in values
    assert ["Campaigns", "Campaigns", 3] in values
    assert next(row for row in values if row[:1] == ["Newsletter"])[:3] == [
        "Newsletter",
        "email.events",
        123456,
    ]
    assert ["Tags", "sale, summer"] in values


def test_the_last_sheet_says_what_the_figures_mean(contexts: Contexts) -> None:
    assert rendered(report(), contexts())["Definitions"].values == [
        ["Figure", "Meaning", "Formula", "Version", "Key"],
        ["Open rate", "Who opened.", "unique opens divided by delivered", 2, "email.open_rate"],
    ]


def test_behind_a_chart_are_its_figures_and_beside_them_a_chart_that_can_be_changed(
    contexts: Contexts,
) -> None:
    before = (Series("opens", _("Opens"), [5.0]),)
    sheet = rendered(report(blocks=(line_chart(previous=before),)), contexts())["Opens and clicks by day"]
    assert sheet.values[0] == ["Date", "Opens", "Clicks", "Opens, previous period"]
    assert sheet.values[1] == [46_204, 240, 60, 5.0]
    assert sheet.values[12][1:] == [240 + (11 * 37) % 90 + 44, None, None]
    assert (len(sheet.rows), sheet.pictures) == (31, 1)


@pytest.mark.parametrize("kind", list(ChartKind))
def test_every_kind_of_chart_can_be_rendered_even_with_nothing_in_it(
    contexts: Contexts, kind: ChartKind
) -> None:
    empty = Chart(key="e", kind=kind, title="E", description=_("Nothing."), categories=[], series=())
    unknown = line_chart(kind=kind, title="U", series=(Series("n", "N", [None] * 30),))
    full = line_chart(kind=kind, title="F")
    sheets = list(rendered(report(blocks=(empty, unknown, full)), contexts()).values())
    assert [len(sheet.rows) for sheet in sheets[1:4]] == [2, 32, 31]
    # Excel has no heat map of its own: there the figures are shaded.
    assert [sheet.pictures for sheet in sheets[1:4]] == [0, 0, 0 if kind is ChartKind.HEATMAP else 1]
    assert [sheet.values[-1][0] for sheet in sheets[1:3]] == ["No figures in this period"] * 2


def test_names_of_sheets_are_valid_and_differ(contexts: Contexts) -> None:
    names = SheetNames()
    assert [
        names.take("Rates: [a]/b?"),
        names.take("rates a b"),
        names.take("Rates a b", "Push"),
        names.take("History"),
        names.take("'" * 5),
        names.take("x" * 40),
        names.take("x" * 40),
        names.take("🙂" * 20),
    ] == [
        "Rates a b", "rates a b (2)", "Push Rates a b", "History_", "Sheet", "x" * 31, "x" * 27 + " (2)",
        "🙂" * 15,
    ]  # fmt: skip
    tables = (campaigns_table(title="Summary"), campaigns_table(title="Summary"))
    assert list(rendered(report(blocks=(Section("s", "Mail", tables),)), contexts())) == [
        "Summary", "Mail Summary", "Mail Summary (2)", "Definitions",
    ]  # fmt: skip


def test_what_does_not_fit_on_a_sheet_goes_on_on_the_next(
    contexts: Contexts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books, "LAST_ROW", 4)
    table = Table(
        key="t", title="T", columns=(TableColumn(key="n", label="N", unit=Unit.COUNT),),
        rows=[[n] for n in range(7)], totals=[21],
    )  # fmt: skip
    sheets = rendered(report(blocks=(table,), definitions=()), contexts())
    assert {name: sheet.values for name, sheet in sheets.items() if name != "Summary"} == {
        "T": [["N"], [0], [1], [2]],
        "T (2)": [["N"], [3], [4], [5]],
        "T (3)": [["N"], [6], [21]],
    }


def test_a_sheet_is_written_from_right_to_left_where_the_language_is(contexts: Contexts) -> None:
    assert all(sheet.rtl for sheet in rendered(report(), contexts("ar")).values())
    assert not any(sheet.rtl for sheet in rendered(report(), contexts("en")).values())


def test_a_note_of_a_cell_stands_beside_it(contexts: Contexts) -> None:
    table = of_unit(Unit.COUNT, Cell(1, Mark.MIXED, _("Cut short by the period's end.")))
    sheet = one_sheet(table, contexts())
    assert sheet.values == [
        ["C", "C (basis)", "C (note)"],
        [1, "partly reported", "Cut short by the period's end."],
    ]


@pytest.mark.requirement("GO-03")
def test_the_same_document_gives_the_same_bytes_whatever_the_clock_says(
    contexts: Contexts, monkeypatch: pytest.MonkeyPatch
) -> None:
    files: list[bytes] = []
    for _turn in range(2):
        out = io.BytesIO()
        XLSX.render(report(), contexts(), rows_within, out)
        files.append(out.getvalue())
        # Whatever reads the clock from here on would read another one.
        monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert files[0] == files[1]
    with zipfile.ZipFile(io.BytesIO(files[0])) as archive:
        assert {one.date_time[:3] for one in archive.infolist()} == {(*archives.EPOCH[:2], 31)}
        assert b"2026-08-01T06:00:00Z" in archive.read("docProps/core.xml")


def test_a_document_of_sentences_alone_is_a_summary(contexts: Contexts) -> None:
    document = report(blocks=(Paragraph("All is well."),), definitions=())
    summary = rendered(document, contexts())
    assert list(summary) == ["Summary"]
    assert [None, "All is well."] in summary["Summary"].values


FLAT = textwrap.dedent(
    """
    import re, sys
    from pathlib import Path
    from bilan.i18n import LocaleFormatter, Translator
    from bilan.rendering.{module} import {name} as renderer
    from bilan.sdk.document import Document, Part, Table, TableColumn
    from bilan.sdk.rendering import RenderContext
    from bilan.sdk.units import Unit

    columns = tuple(
        TableColumn(key=f"c{{n}}", label=f"C{{n}}", unit=unit)
        for n, unit in enumerate(
            (Unit.TEXT, Unit.DATE, Unit.INSTANT, Unit.COUNT, Unit.PROPORTION, Unit.TEXTS)
        )
    )

    def rows(table):
        for n in range(table.part.rows):
            yield [f"Campaign {{n}}", "2026-07-01", "2026-07-01T08:00:00+00:00", n, n / 7, ["a", "b"]]

    def render(count):
        table = Table(key="t", title="T", columns=columns, part=Part("", count, 0), file="t")
        document = Document(
            kind="k", title="T", as_of="2026-08-01T06:00:00+00:00", zone="UTC", blocks=(table,)
        )
        context = RenderContext(LocaleFormatter(Translator.of(), "en", "UTC"), "")
        with open(sys.argv[1], "wb") as out:
            renderer.render(document, context, rows, out)
        # Unlike ru_maxrss this peak is not handed down by the process that started this one.
        return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

    small = render(10_000)
    print(small, render(100_000))
    """
)


@pytest.mark.slow
@pytest.mark.requirement("GO-10")
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(("module", "name"), [("xlsx_format", "XLSX"), ("csv_format", "CSV")])
@pytest.mark.integration
def test_a_hundred_thousand_rows_take_no_more_memory_than_ten_thousand(
    tmp_path: Any, module: str, name: str
) -> None:
    program = FLAT.format(module=module, name=name)
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "file")], capture_output=True, text=True, check=True
    )
    small, large = map(int, done.stdout.split())
    assert large - small < 6 * 1024, f"{small} KB for 10,000 rows, {large} KB for 100,000"
    assert large < 100 * 1024


def test_a_part_is_read_twice_and_never_held(contexts: Contexts) -> None:
    """Rows kept outside of the document come from an iterator each time."""
    asked: list[int] = []

    def rows(_table: Table) -> Any:
        asked.append(1)
        return iter([[1], [2]])

    table = Table(
        key="t", title="T", columns=(TableColumn(key="n", label="N", unit=Unit.COUNT),), part=Part("", 2, 0)
    )
    out = io.BytesIO()
    XLSX.render(report(blocks=(table,)), contexts(), rows, out)
    assert (read(out.getvalue())["T"].values, len(asked)) == ([["N"], [1], [2]], 2)


def test_a_note_of_a_total_alone_stands_beside_it_too(contexts: Contexts) -> None:
    table = Table(
        key="t", title="T", columns=(TableColumn(key="n", label="N", unit=Unit.PROPORTION),),
        rows=[[0.5]], totals=[Cell(None, note=_("Cut short by the period's end."))],
    )  # fmt: skip
    assert one_sheet(table, contexts()).values == [
        ["N", "N (note)"], [0.5, None], [None, "Cut short by the period's end."],
    ]  # fmt: skip
