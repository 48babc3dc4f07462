"""Slides, as somebody reads them, edits them, or hears them read."""

from __future__ import annotations

import io
import subprocess
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pptx.enum.dml import MSO_LINE
from pptx.oxml.ns import qn

from bilan.rendering.archives import EPOCH
from bilan.rendering.pptx_format import PPTX
from bilan.rendering.tables import rows_within
from bilan.sdk.document import (
    Chart,
    ChartKind,
    Column,
    Document,
    Kpi,
    Kpis,
    Notice,
    Paragraph,
    Section,
    Series,
    Table,
    decode,
    encode,
)
from bilan.sdk.messages import messages
from bilan.sdk.rendering import Brand, Look
from bilan.sdk.units import Unit
from fixtures.documents import DAYS, Looks, campaigns_table, line_chart, report
from support.sheets import read as read_sheets
from support.slides import Slide, presentation, read, runs

_, _n = messages("bilan")


def drawn(document: Document, look: Look) -> bytes:
    out = io.BytesIO()
    PPTX.render(document, look, rows_within, out)
    return out.getvalue()


def slides(look: Look, *blocks: Any, **changes: Any) -> list[Slide]:
    """The slides of these blocks, without the cover and what closes a deck."""
    fields = {"definitions": (), "parameters": (), "provenance": (), "notes": ()}
    return read(drawn(report(blocks=blocks, **{**fields, **changes}), look))[1:]


def numbers(count: int, columns: int = 2) -> Table:
    """A table of as many rows and columns of figures, behind a name."""
    return Table(
        key="t",
        title="Table",
        file="t",
        columns=(
            Column(key="name", label="Name"),
            *(Column(key=f"n{n}", label=f"Figure number {n}", unit=Unit.COUNT) for n in range(columns)),
        ),
        rows=[[f"Row {row}", *(1000 * row + n for n in range(columns))] for row in range(1, count + 1)],
    )


# ---- the deck -----------------------------------------------------------------------------------


@pytest.mark.requirement("AP-16", "DC-22", "GO-09")
def test_every_slide_has_a_title_of_its_own_that_says_what_it_shows(looks: Looks) -> None:
    found = read(drawn(report(), looks()))
    assert [slide.title for slide in found] == [
        "E-mail performance <July>",
        "Please note",
        "Please note (2)",
        "Sends: 16,530 (+10.2%)",
        "By day",
        "By day: Opens and clicks by day",
        "Campaigns",
        "Posts",
        "What the figures mean",
        "What was asked",
        "Where the figures come from",
    ]
    assert [slide.layout for slide in found[:4]] == ["Cover", "One message", "Section", "One message"]


@pytest.mark.requirement("AP-16", "AD-08")
def test_the_cover_says_whose_report_it_is_what_about_of_when(looks: Looks) -> None:
    (cover, *_rest) = read(drawn(report(subtitle="All campaigns"), looks()))
    formatter = looks().formatter
    assert cover.texts == [
        "All campaigns",
        "Acme",
        (
            f"Period   {formatter.period('2026-07-01', '2026-07-31')}\n"
            f"Compared with   {formatter.period('2026-06-01', '2026-06-30')}\n"
            f"Figures as of   {formatter.value('2026-08-01T06:00:00+00:00', Unit.INSTANT)}\n"
            "Time zone   Europe/Paris"
        ),
    ]


@pytest.mark.requirement("AP-16")
def test_slides_and_layouts_are_widescreen_and_nothing_hangs_off_them(looks: Looks) -> None:
    deck = presentation(drawn(report(blocks=(*report().blocks, numbers(30, 20))), looks()))
    assert (deck.slide_width / deck.slide_height, deck.slide_width) == (16 / 9, 12_192_000)
    assert [layout.name for layout in deck.slide_layouts] == ["Cover", "Section", "One message"]
    for holder in (deck.slide_master, *deck.slide_layouts, *deck.slides):
        for shape in holder.shapes:
            assert shape.left >= 0, shape.name
            assert shape.top >= 0, shape.name
            assert shape.left + shape.width <= deck.slide_width + 2, shape.name
            assert shape.top + shape.height <= deck.slide_height, shape.name


@pytest.mark.requirement("GO-09")
def test_no_placeholder_stays_empty(looks: Looks) -> None:
    deck = presentation(drawn(report(), looks()))
    for slide in deck.slides:
        for place in slide.placeholders:
            assert place.text_frame.text.strip(), (slide.shapes.title.text_frame.text, place.name)


@pytest.mark.requirement("GO-09")
@pytest.mark.parametrize("language", ["en", "ar"])
def test_charts_tables_tiles_and_logos_are_described(looks: Looks, language: str) -> None:
    logo = io.BytesIO()
    Image.new("RGB", (300, 100), "navy").save(logo, "PNG")
    look = replace(looks(language), brand=Brand("#7a1fa2", logo.getvalue(), "image/png"))
    found = read(drawn(report(), look))
    assert [slide.undescribed for slide in found] == [[]] * len(found)
    assert found[0].described == {"Logo": "Acme"}


@pytest.mark.requirement("GO-09")
def test_what_is_described_says_what_is_seen(looks: Looks) -> None:
    found = {slide.title: slide.described for slide in read(drawn(report(), looks()))}
    assert found["By day: Opens and clicks by day"] == {
        "Opens and clicks by day": "Opens and clicks by day. Opens rise through the month; clicks stay level."
    }
    assert found["Campaigns"] == {
        "Campaigns": "Campaigns. Rows 1 to 3 of 3. Columns: Campaign, Sends, Open rate, Sent at, Tags."
    }
    assert found["Sends: 16,530 (+10.2%)"] == {
        "Sends": "Sends: 16,530, up +10.2%, previously 15,000",
        "Open rate": "Open rate: 34.2%, down −1.9\u00a0pt, previously 36.1%",
        "Bounces": "Bounces: 120, up +20.0%, previously 100, as reported",
        "First reply": "First reply: –, no earlier figure",
    }


@pytest.mark.requirement("AP-16", "GO-09")
def test_the_notes_of_every_slide_define_its_figures(looks: Looks) -> None:
    found = read(drawn(report(), looks()))
    assert all(slide.notes for slide in found)
    definition = "Open rate: Who opened. Formula: unique opens divided by delivered."
    assert [definition in slide.notes for slide in found] == [
        slide.title in ("Sends: 16,530 (+10.2%)", "Campaigns", "What the figures mean") for slide in found
    ]
    assert all("Figures as of Aug 1, 2026" in slide.notes for slide in found)


@pytest.mark.requirement("GO-09")
@pytest.mark.parametrize(
    ("language", "tag", "rtl", "side"),
    [("en", "en-US", "0", "l"), ("fr", "fr-FR", "0", "l"), ("ar", "ar-SA", "1", "r")],
)
def test_texts_say_their_language_and_run_in_its_direction(
    looks: Looks, language: str, tag: str, rtl: str, side: str
) -> None:
    data = drawn(report(), looks(language))
    assert {properties.get("lang") for properties in runs(data)} == {tag}
    deck = presentation(data)
    paragraphs = [
        paragraph.find(qn("a:pPr")) for slide in deck.slides for paragraph in slide._element.iter(qn("a:p"))
    ]
    assert {one.get("rtl") for one in paragraphs} == {rtl}
    titles = [slide.shapes.title._element.find(f".//{qn('a:pPr')}").get("algn") for slide in deck.slides]
    assert set(titles) == {side}
    tables = [shape for slide in deck.slides for shape in slide.shapes if shape.has_table]
    assert {table._element.find(f".//{qn('a:tblPr')}").get("rtl", "0") for table in tables} == {rtl}


def test_an_arabic_deck_is_mirrored(looks: Looks) -> None:
    document = report(blocks=(report().blocks[1],))
    left, right = (presentation(drawn(document, looks(language))) for language in ("en", "ar"))
    for one, other in zip(left.slides, right.slides, strict=True):
        for shape, mirrored in zip(one.shapes, other.shapes, strict=True):
            # What has no place of its own has its layout's.
            assert abs(shape.left + shape.width + mirrored.left - left.slide_width) <= 2, shape.name
    charts = presentation(drawn(report(blocks=(line_chart(),)), looks("ar"))).slides[2].shapes
    assert [shape.chart.category_axis.reverse_order for shape in charts if shape.has_chart] == [True]


@pytest.mark.requirement("AD-08")
def test_the_brand_is_in_the_master_and_the_theme(looks: Looks) -> None:
    logo = io.BytesIO()
    Image.new("RGB", (300, 100), "navy").save(logo, "PNG")
    look = replace(looks(), brand=Brand("#ffcc00", logo.getvalue(), "image/png"))
    deck = presentation(drawn(report(), look))
    content = next(layout for layout in deck.slide_layouts if layout.name == "One message")
    picture = next(shape for shape in content.shapes if shape.shape_type == 13)
    assert abs(picture.width / picture.height - 3) < 0.01
    title = next(shape for shape in content.placeholders if shape.name == "Title")
    assert title.left + title.width <= picture.left
    words = [shape.text_frame.text for shape in content.shapes if shape.has_text_frame]
    assert "Acme · E-mail performance <July>" in words
    cover = next(layout for layout in deck.slide_layouts if layout.name == "Cover")
    band = next(shape for shape in cover.shapes if shape.name == "Band")
    # The yellow as it is could not be read on white.
    assert str(band.fill.fore_color.rgb) not in ("FFCC00", "0E6377")


def test_a_logo_that_slides_cannot_show_leaves_the_name(looks: Looks) -> None:
    look = replace(looks(), brand=Brand(None, b"<svg/>", "image/svg+xml"))
    assert "Acme" in read(drawn(report(), look))[0].texts


# ---- what stands on slides ----------------------------------------------------------------------


@pytest.mark.requirement("AP-16")
def test_tiles_show_value_change_and_what_was_before(looks: Looks) -> None:
    (tiles,) = slides(looks(), report().blocks[1])
    assert tiles.texts == [
        "Against the period before: 2 figures up, 1 figure down.",
        "Sends\n16,530\n▲ +10.2%\npreviously 15,000",
        "Open rate\n34.2%\n▼ −1.9\u00a0pt\npreviously 36.1%",
        "Bounces\n120\n▲ +20.0%\npreviously 100\nas reported",
        "First reply\n–\nno earlier figure",
    ]
    deck = presentation(drawn(report(blocks=(report().blocks[1],)), looks()))
    shapes = next(
        slide for slide in deck.slides if slide.shapes.title.text_frame.text.startswith("Sends")
    ).shapes
    colours = {
        shape.name: shape.text_frame.paragraphs[2].runs[0].font.color.rgb
        for shape in shapes
        if shape.name in ("Sends", "Open rate", "Bounces")
    }
    assert {name: str(colour) for name, colour in colours.items()} == {
        "Sends": "0A6E4B", "Open rate": "B3261E", "Bounces": "B3261E",
    }  # fmt: skip


@pytest.mark.parametrize(("count", "expected"), [(1, [1]), (8, [8]), (9, [5, 4]), (18, [6, 6, 6])])
def test_many_tiles_stand_on_slides_with_about_as_many_on_each(
    looks: Looks, count: int, expected: list[int]
) -> None:
    tiles = tuple(Kpi(key=f"k{n}", label=f"Figure {n}", value=n) for n in range(count))
    assert [len(slide.described) for slide in slides(looks(), Kpis("k", tiles))] == expected


@pytest.mark.requirement("AP-16", "GO-10")
def test_a_line_chart_is_native_with_the_documents_own_values(looks: Looks) -> None:
    before = (Series("opens", _("Opens"), [float(n) for n in range(29)]),)
    chart = line_chart(previous=before)
    (slide,) = slides(looks(), chart)
    assert slide.texts == ["Opens rise through the month; clicks stay level. Dashed: the previous period."]
    (native,) = slide.charts
    assert native.kind == "lineChart"
    assert native.categories == [date.fromisoformat(day) for day in DAYS]
    assert native.series == [
        ("Opens", chart.series[0].values),
        ("Clicks", chart.series[1].values),
        ("Opens, previous period", [*before[0].values, None]),
    ]
    assert native.series[1][1][11] is None


def only_chart(look: Look, chart: Chart) -> Any:
    deck = presentation(drawn(report(blocks=(chart,)), look))
    return next(shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart)


@pytest.mark.requirement("AP-16", "GO-10")
def test_the_figures_of_a_chart_are_in_a_workbook_behind_it(looks: Looks) -> None:
    native = only_chart(looks(), line_chart())
    sheet = next(iter(read_sheets(native.part.chart_workbook.xlsx_part.blob).values()))
    assert sheet.values[1][1:] == [240, 60]
    assert len(sheet.rows) == 31


def test_the_comparison_is_dashed_and_grey_and_not_in_the_legend(looks: Looks) -> None:
    before = (Series("opens", _("Opens"), [1.0] * 30),)
    native = only_chart(looks(), line_chart(previous=before))
    now, _clicks, then = native.plots[0].series
    assert (str(then.format.line.color.rgb), then.format.line.dash_style) == ("98A1AF", MSO_LINE.DASH)
    assert now.format.line.dash_style is None
    hidden = native.legend._element.findall(qn("c:legendEntry"))
    assert [one.find(qn("c:idx")).get("val") for one in hidden] == ["2"]


@pytest.mark.parametrize(
    ("kind", "unit", "tag", "direction", "number_format"),
    [
        (ChartKind.BAR, Unit.COUNT, "barChart", "col", "#,##0"),
        (ChartKind.STACKED, Unit.SHARE, "barChart", "col", "0%"),
        (ChartKind.LINE, Unit.SECONDS, "lineChart", None, '#,##0" s"'),
    ],
)
def test_every_kind_of_chart_has_its_axes_in_its_unit(
    looks: Looks, kind: ChartKind, unit: Unit, tag: str, direction: str | None, number_format: str
) -> None:
    native = only_chart(
        looks(), line_chart(kind=kind, unit=unit, categories=["a", "b"], category_unit=Unit.TEXT)
    )
    plot = native.plots[0]._element
    found = plot.find(qn("c:barDir"))
    assert (str(plot.tag).rpartition("}")[2], None if found is None else found.get("val")) == (tag, direction)
    assert native.value_axis.tick_labels.number_format == number_format


def test_bars_lie_where_their_names_are_long(looks: Looks) -> None:
    names = [f"A campaign with a rather long name, number {n}" for n in range(9)]
    native = only_chart(looks(), line_chart(kind=ChartKind.BAR, categories=names, category_unit=Unit.TEXT))
    assert native.plots[0]._element.find(qn("c:barDir")).get("val") == "bar"
    assert native.category_axis.reverse_order


def test_a_ring_is_one_series_whether_its_parts_are_categories_or_series(looks: Looks) -> None:
    parts = Chart(
        key="d", kind=ChartKind.DONUT, title="Ring", description=_("Nothing."), categories=["a", "b"],
        series=(Series("s", "S", [3, 1]),),
    )  # fmt: skip
    several = Chart(
        key="d", kind=ChartKind.DONUT, title="Ring", description=_("Nothing."), categories=["all"],
        series=(Series("a", "a", [3]), Series("b", "b", [1])),
    )  # fmt: skip
    for chart in (parts, several):
        (slide,) = slides(looks(), chart)
        assert slide.charts[0].kind == "doughnutChart"
        assert (slide.charts[0].categories, slide.charts[0].series[0][1]) == (["a", "b"], [3, 1])


def test_a_chart_without_figures_says_so(looks: Looks) -> None:
    for chart in (line_chart(categories=[], series=()), line_chart(series=(Series("s", "S", [None] * 30),))):
        (slide,) = slides(looks(), chart)
        assert (slide.charts, slide.texts[-1]) == ([], "No figures in this period")


@pytest.mark.requirement("AP-16")
def test_a_long_table_breaks_over_slides_and_repeats_its_head(looks: Looks) -> None:
    found = slides(looks(), numbers(33))
    assert [slide.title for slide in found] == ["Table (1 of 3)", "Table (2 of 3)", "Table (3 of 3)"]
    heads = ["Name", "Figure number 0", "Figure number 1"]
    assert [(len(slide.tables[0]), slide.tables[0][0]) for slide in found] == [(12, heads)] * 3
    assert [row[0] for slide in found for row in slide.tables[0][1:]] == [f"Row {n}" for n in range(1, 34)]
    assert found[1].texts == ["Rows 12 to 22 of 33."]
    assert found[2].tables[0][-1] == ["Row 33", "33,000", "33,001"]


@pytest.mark.requirement("AP-16")
def test_more_rows_than_shown_are_counted_and_can_be_asked_for(looks: Looks) -> None:
    found = slides(looks(), numbers(100))
    assert sum(len(slide.tables[0]) - 1 for slide in found) == 60
    assert {slide.texts[0].partition(". ")[2] for slide in found} == {"40 more rows are in the CSV file."}
    assert found[-1].texts[0].startswith("Rows 49 to 60 of 100.")
    for asked, shown in ((100, 100), (10_000, 600), (-5, 1)):
        found = slides(looks(table_rows=asked), numbers(700))
        assert sum(len(slide.tables[0]) - 1 for slide in found) == shown


@pytest.mark.requirement("AP-16")
def test_a_wide_table_repeats_on_each_slide_what_its_rows_are_about(looks: Looks) -> None:
    found = slides(looks(), numbers(3, 30))
    assert len(found) == 4
    assert all(slide.tables[0][1][0] == "Row 1" for slide in found)
    heads = [head for slide in found for head in slide.tables[0][0][1:]]
    assert heads == [f"Figure number {n}" for n in range(30)]
    assert [cell for slide in found for cell in slide.tables[0][3][1:]] == [f"3,0{n:02}" for n in range(30)]


def test_columns_of_nothing_but_zeros_are_left_out_of_a_wide_table_and_named(looks: Looks) -> None:
    table = numbers(3, 30)
    for row in table.rows:
        row[5] = 0
    (*_others, last) = found = slides(looks(), table)
    assert "Figure number 4" not in [head for slide in found for head in slide.tables[0][0]]
    assert last.texts[-1] == "1 column that holds only zeros or nothing here is left out: Figure number 4."
    narrow = numbers(3, 2)
    for row in narrow.rows:
        row[1] = 0
    (slide,) = slides(looks(), narrow)
    assert slide.tables[0][0] == ["Name", "Figure number 0", "Figure number 1"]


def test_cells_hold_what_the_page_shows_with_signs_and_their_meaning(looks: Looks) -> None:
    (slide,) = slides(looks(), campaigns_table())
    sale, formula = (
        looks().formatter.value(f"2026-07-{day}T08:00:00+00:00", Unit.INSTANT) for day in ("03", "10")
    )
    assert slide.tables == [
        [
            ["Campaign", "Sends", "Open rate", "Sent at", "Tags"],
            ["Summer sale", "12,450", "42.3%", sale, "summer, sale"],
            ['=HYPERLINK("x")', "3,200", "0.52% ⚑", formula, "–"],
            ["Newsletter; July", "880 †", "–", "–", "letter"],
            ["Total", "16,530", "34.2%", "", ""],
        ]
    ]
    assert "† As reported by the source in a total; not counted from single events." in slide.texts[-1]


def test_a_text_too_long_for_its_cell_ends_in_an_ellipsis(looks: Looks) -> None:
    table = Table(
        key="t", title="T", columns=(Column(key="a", label="A"),), rows=[["long " * 200], ["a\nb\tc"]]
    )
    (slide,) = slides(looks(), table)
    assert slide.tables[0][1][0].endswith("…")
    assert slide.tables[0][2] == ["a b c"]


def test_an_empty_table_says_so_and_a_hidden_one_is_not_there(looks: Looks) -> None:
    (slide,) = slides(looks(), campaigns_table(rows=[]), campaigns_table(hidden=True))
    assert (slide.tables, slide.texts) == ([], ["No rows in this period"])


def test_a_part_with_several_things_begins_with_a_slide_and_what_there_is_to_say(looks: Looks) -> None:
    part = Section("s", "Mail", (Notice(_("Late."), "warning"), Paragraph("Mind the gap."), numbers(1)))
    section, table = slides(looks(), part)
    assert (section.layout, section.title, section.texts) == ("Section", "Mail", ["Late.\nMind the gap."])
    assert table.title == "Mail: Table"


@pytest.mark.parametrize("text", ["\x00\x1b", "\ufffe", "<b>&amp;</b>", "_x0041_", "🙂 مرحبا", "x" * 5000])
def test_odd_texts_stay_texts(looks: Looks, text: str) -> None:
    document = report(
        title=text, subtitle=text, blocks=(
            Section("s", text, (numbers(1), line_chart(title=text, series=(Series("a", text, [1.0] * 30),)))),
            Kpis("k", (Kpi(key="k", label=text, value=text),)),
        ),
    )  # fmt: skip
    look = replace(looks(), workspace=text)
    assert len(read(drawn(document, look))) > 5


# ---- the file -----------------------------------------------------------------------------------


@pytest.mark.requirement("GO-03", "AP-16")
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_same_document_gives_the_same_bytes_whatever_the_clock_says(
    looks: Looks, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = drawn(report(), looks(language))
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert drawn(decode(encode(report())), looks(language)) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {one.date_time for one in archive.infolist()} == {EPOCH}
        core = archive.read("docProps/core.xml").decode()
        workbook = next(name for name in archive.namelist() if name.endswith(".xlsx"))
        with zipfile.ZipFile(io.BytesIO(archive.read(workbook))) as inner:
            assert {one.date_time for one in inner.infolist()} == {EPOCH}
            core += inner.read("docProps/core.xml").decode()
    assert core.count("2026-08-01T06:00:00Z") == 4
    assert "E-mail performance &lt;July&gt;" in core


def test_the_file_holds_nothing_of_the_template_it_was_made_from(looks: Looks) -> None:
    with zipfile.ZipFile(io.BytesIO(drawn(report(), looks()))) as archive:
        names = archive.namelist()
    assert not [name for name in names if "thumbnail" in name or "printerSettings" in name]
    assert len([name for name in names if name.startswith("ppt/slideLayouts/slideLayout")]) == 3


@pytest.mark.slow
@pytest.mark.requirement("AP-16", "GO-09")
def test_libreoffice_opens_it_and_finds_as_many_slides(
    libreoffice: str, looks: Looks, tmp_path: Path
) -> None:
    data = drawn(report(), looks())
    (tmp_path / "deck.pptx").write_bytes(data)
    subprocess.run(
        [
            libreoffice, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless",
            "--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / "deck.pptx"),
        ],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    said = subprocess.run(
        ["pdfinfo", str(tmp_path / "deck.pdf")], check=True, capture_output=True, text=True, timeout=60
    ).stdout
    assert f"Pages: {len(read(data))}" in " ".join(said.split())
    words = subprocess.run(
        ["pdftotext", str(tmp_path / "deck.pdf"), "-"], check=True, capture_output=True, text=True, timeout=60
    ).stdout
    for shown in ("E-mail performance <July>", "16,530", "▲ +10.2%", "Opens and clicks by day", "42.3%"):
        assert shown in words
