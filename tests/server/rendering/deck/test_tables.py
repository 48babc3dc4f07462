"""Tables on slides: so many rows under the same heads, wide ones by their leading columns."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.enum.text import PP_ALIGN
from pptx.util import Pt

from bilan.sdk.document import Cell, Section, Table, TableColumn, Value
from bilan.sdk.errors import Invalid
from bilan.sdk.messages import messages
from bilan.sdk.units import Unit
from fixtures.documents import Contexts, campaigns_table
from support.decks import deck, numbers, slides
from support.slides import presentation

_ = messages("bilan")[0]


@pytest.mark.requirement("AP-16")
def test_a_long_table_is_continued_under_the_same_head(contexts: Contexts) -> None:
    found = slides(contexts(table_rows=60), numbers(33))
    assert [slide.title for slide in found] == [
        "Table", "Table – continued (2 of 3)", "Table – continued (3 of 3)",
    ]  # fmt: skip
    heads = ["Name", "Figure number 0", "Figure number 1"]
    assert [(len(slide.tables[0]), slide.tables[0][0]) for slide in found] == [(12, heads)] * 3
    assert [row[0] for slide in found for row in slide.tables[0][1:]] == [f"Row {n}" for n in range(1, 34)]
    assert found[1].texts == ["Rows 12 to 22 of 33."]
    assert found[2].tables[0][-1] == ["Row 33", "33,000", "33,001"]


def test_a_wide_table_says_whose_figures_they_are_also_where_days_tell_its_rows_apart(
    contexts: Contexts,
) -> None:
    table = Table(
        key="t",
        title="Table",
        columns=(
            TableColumn(key="day", label="Day", unit=Unit.DATE),
            TableColumn(key="source", label="Source"),
            TableColumn(key="name", label="Campaign"),
            *(TableColumn(key=f"n{n}", label=f"Figure number {n}", unit=Unit.COUNT) for n in range(20)),
        ),
        rows=[[f"2026-07-0{n}", "Shop", f"Letter {n % 2}", *range(100, 120)] for n in range(1, 5)],
    )
    found = slides(contexts(), table)
    assert len(found) == 2
    assert [slide.tables[0][0][:2] for slide in found] == [["Day", "Campaign"]] * 2
    assert [row[1] for row in found[1].tables[0][1:]] == ["Letter 1", "Letter 0"] * 2


def test_a_table_that_its_slide_shows_whole_does_not_count_its_rows(contexts: Contexts) -> None:
    (slide,) = slides(contexts(), numbers(3))
    assert slide.texts == []


def test_the_finding_is_the_title_of_a_tables_first_slide_alone(contexts: Contexts) -> None:
    found = slides(contexts(), numbers(20, headline=_("Row 20 is the largest.")))
    assert [(slide.title, slide.texts[0]) for slide in found] == [
        ("Row 20 is the largest.", "Table. Rows 1 to 10 of 20."),
        ("Table – continued (2 of 2)", "Rows 11 to 20 of 20."),
    ]


@pytest.mark.parametrize("rows", [0, 601, 999_999])
def test_more_rows_than_slides_hold_are_refused_and_never_cut_in_silence(
    rows: int, contexts: Contexts
) -> None:
    with pytest.raises(
        Invalid, match="A table on slides shows from 1 to 600 rows; the CSV has all"
    ) as refusal:
        slides(contexts(table_rows=rows), numbers(3))
    assert refusal.value.path == ("table_rows",)
    assert len(slides(contexts(table_rows=600), numbers(3))) == 1


@pytest.mark.requirement("AP-16")
def test_more_rows_than_shown_are_counted_and_can_be_asked_for(contexts: Contexts) -> None:
    found = slides(contexts(), numbers(100))
    assert sum(len(slide.tables[0]) - 1 for slide in found) == 28
    assert {slide.texts[0].partition(". ")[2] for slide in found} == {"72 more rows are in the CSV file."}
    assert found[-1].texts[0].startswith("Rows 15 to 28 of 100.")
    for asked, shown in ((100, 100), (600, 600), (1, 1)):
        found = slides(contexts(table_rows=asked), numbers(700))
        assert sum(len(slide.tables[0]) - 1 for slide in found) == shown


@pytest.mark.requirement("AP-16")
def test_two_slides_show_the_leading_columns_of_a_wide_table_and_say_which_are_missing(
    contexts: Contexts,
) -> None:
    found = slides(contexts(), numbers(3, 30))
    assert [slide.title for slide in found] == ["Table", "Table – continued (2 of 2)"]
    assert all(slide.tables[0][1][0] == "Row 1" for slide in found)
    heads = [head for slide in found for head in slide.tables[0][0][1:]]
    shown = len(heads)
    assert heads == [f"Figure number {n}" for n in range(shown)]
    assert [cell for slide in found for cell in slide.tables[0][3][1:]] == [
        f"3,0{n:02}" for n in range(shown)
    ]
    names = ", ".join(f"Figure number {n}" for n in range(shown, 30))
    assert found[-1].texts[-1] == f"{30 - shown} more columns are in the Excel and CSV files: {names}."
    (*_first, unfiled) = slides(contexts(), numbers(3, 30, file=None))
    assert unfiled.texts[-1] == f"{30 - shown} more columns are not shown: {names}."


def test_figures_come_before_whatever_else_is_said_about_the_rows_of_a_wide_table(contexts: Contexts) -> None:
    words = tuple(TableColumn(key=f"w{n}", label=f"Word {n}") for n in range(3))
    count = tuple(TableColumn(key=f"n{n}", label=f"Figure number {n}", unit=Unit.COUNT) for n in range(30))
    rows: list[list[Value]] = [[f"Row {row}", "same", "same", *[row] * 30] for row in range(1, 4)]
    (first, last) = slides(contexts(), Table(key="t", title="T", columns=(*words, *count), rows=rows))
    assert first.tables[0][0][:2] == ["Word 0", "Figure number 0"]
    assert "not shown: Word 1, Word 2, Figure number" in last.texts[-1]


def test_columns_of_nothing_but_zeros_are_left_out_of_a_wide_table_and_named(contexts: Contexts) -> None:
    table = numbers(3, 14)
    for row in table.rows:
        row[5] = 0
    (*_others, last) = found = slides(contexts(), table)
    heads = [head for slide in found for head in slide.tables[0][0]]
    assert "Figure number 4" not in heads
    assert len(heads) - len(found) == 13
    assert last.texts[-1] == "1 column that holds only zeros or nothing here is left out: Figure number 4."
    narrow = numbers(3, 2)
    for row in narrow.rows:
        row[1] = 0
    (slide,) = slides(contexts(), narrow)
    assert slide.tables[0][0] == ["Name", "Figure number 0", "Figure number 1"]


def test_cells_hold_what_the_page_shows_with_signs_and_their_meaning(contexts: Contexts) -> None:
    (slide,) = slides(contexts(), campaigns_table())
    sale, formula = (
        contexts().formatter.value(f"2026-07-{day}T08:00:00+00:00", Unit.INSTANT) for day in ("03", "10")
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
    assert slide.texts[-1] == (
        "⚑ Past the limit that asks for attention.\n"
        "† As reported by the source in a total; not counted from single events."
    )


def test_a_table_is_as_wide_as_the_slide_with_figures_at_the_end_and_a_head_in_the_theme(
    contexts: Contexts,
) -> None:
    shown = presentation(deck(contexts(), numbers(3))).slides[1]
    shape = next(shape for shape in shown.shapes if shape.has_table)
    assert abs(shape.width - 12.033 * 914_400) < 10
    head, cell = shape.table.cell(0, 0), shape.table.cell(1, 1)
    assert head.text_frame.paragraphs[0].runs[0].font.color.theme_color == MSO_THEME_COLOR.ACCENT_1
    assert cell.text_frame.paragraphs[0].alignment == PP_ALIGN.RIGHT
    # Few rows are set large.
    assert cell.text_frame.paragraphs[0].runs[0].font.size == Pt(16)
    assert shape.table.first_row


def test_what_is_long_is_set_smaller_before_it_is_cut(contexts: Contexts) -> None:
    address = "https://shop.example/journal/autumn/" + "x" * 12
    columns = (TableColumn(key="a", label="Link"), *numbers(1, 5).columns[1:])
    table = Table(key="t", title="T", columns=columns, rows=[[address, 1, 2, 3, 4, 5]])
    shown = presentation(deck(contexts(), table)).slides[1]
    cell = next(shape for shape in shown.shapes if shape.has_table).table.cell(1, 0).text_frame
    assert (cell.text, cell.paragraphs[0].runs[0].font.size) == (address, Pt(12))


def test_a_text_too_long_for_its_cell_ends_in_an_ellipsis(contexts: Contexts) -> None:
    table = Table(
        key="t", title="T", columns=(TableColumn(key="a", label="A"),), rows=[["long " * 200], ["a\nb\tc"]]
    )
    (slide,) = slides(contexts(), table)
    assert slide.tables[0][1][0].endswith("…")
    assert slide.tables[0][2] == ["a b c"]


def test_an_empty_table_says_so_and_a_hidden_one_is_not_there(contexts: Contexts) -> None:
    (slide,) = slides(contexts(), campaigns_table(rows=[]), campaigns_table(hidden=True))
    assert (slide.tables, slide.texts) == ([], ["No rows in this period"])


@pytest.mark.requirement("AP-16")
def test_tables_to_be_looked_up_are_named_with_their_rows_and_left_to_the_files(contexts: Contexts) -> None:
    detail = numbers(33, title="Every post", detail=True)
    parts = (
        Section("a", "Posts", (numbers(3), detail)),
        Section("b", "More", (numbers(0, title="None", detail=True),)),
    )
    found = slides(contexts(), *parts)
    assert [slide.title for slide in found] == ["Table", "More in the Excel and CSV files"]
    assert found[-1].tables == [[["Table", "Part", "Rows"], ["Every post", "Posts", "33"]]]
    # Who asks for rows wants them on slides.
    asked = slides(contexts(table_rows=28), *parts)
    assert [slide.title for slide in asked][:3] == ["Table", "Every post", "Every post – continued (2 of 2)"]
    assert "5 more rows are in the CSV file." in asked[2].texts[1]


def test_a_name_of_any_length_takes_one_line_of_a_slide(contexts: Contexts) -> None:
    names = Table(
        key="t", title="Table", columns=(TableColumn(key="n", label="Name"),), rows=[["a" * 20_000], ["b"]]
    )
    (slide,) = slides(contexts(), names)
    assert [len(slide.tables[0]), slide.tables[0][2]] == [3, ["b"]]
    assert re.fullmatch("a{20,200}…", slide.tables[0][1][0])


@pytest.mark.requirement("AP-16")
@pytest.mark.parametrize("rows", [1, 9, 14, 30])
@pytest.mark.parametrize("words", [4, 40])
def test_a_footnote_never_lies_on_a_row(contexts: Contexts, rows: int, words: int) -> None:
    notes = [_("Remark {n}: {said}", n=n, said="of what is to know " * words) for n in range(rows)]
    table = Table(
        key="t",
        title="Table",
        columns=(
            TableColumn(key="name", label="Name"),
            TableColumn(key="n", label="A figure whose heading takes two lines", unit=Unit.COUNT),
        ),
        rows=[[f"Row {n}", Cell(n, None, note)] for n, note in enumerate(notes)],
        totals=[None, sum(range(rows))],
        note=_("Days begin and end in the zone {zone}.", zone="Europe/Paris"),
    )
    shown = 0
    for slide in presentation(deck(contexts(table_rows=60), table)).slides:
        tables = [shape for shape in slide.shapes if shape.has_table]
        feet = [shape for shape in slide.shapes if shape.name == "Notes"]
        for one in tables:
            bottom = one.top + sum(row.height for row in one.table.rows)
            shown += len(one.table.rows)
            assert all(bottom <= foot.top for foot in feet), slide.shapes.title.text_frame.text
            assert all(foot.top + foot.height <= presentation_height(slide) for foot in feet)
    assert shown >= rows + 2


def presentation_height(slide: Any) -> int:
    return slide.part.package.presentation_part.presentation.slide_height
