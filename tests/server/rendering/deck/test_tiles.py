"""Figures on slides: those that lead large, the others in lists, on one slide wherever it is legible."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from pptx.util import Inches, Pt

from bilan.sdk.document import Kpi, Kpis, Mark, Section
from bilan.sdk.messages import messages
from bilan.sdk.rendering import RenderContext
from bilan.sdk.units import Unit
from fixtures.documents import Contexts, report
from support.decks import deck, slides
from support.slides import presentation

_ = messages("bilan")[0]


def figures(count: int, leading: int = 0, **changes: Any) -> Kpis:
    """Tiles, the first ones leading."""
    return Kpis(
        "k",
        tuple(
            Kpi(key=f"k{n}", label=f"Figure {n}", value=1000 + n, lead=n < leading, **changes)
            for n in range(count)
        ),
    )


def compared(count: int, leading: int = 0) -> Kpis:
    """Tiles that rose."""
    return figures(count, leading, previous=500, compared=True, higher_is_better=True)


@pytest.mark.requirement("AP-16")
def test_few_figures_are_large_with_their_change_and_what_was_before(contexts: Contexts) -> None:
    (tiles,) = slides(contexts(), report().blocks[1])
    assert tiles.texts == [
        "Against the period before: 2 figures up, 1 figure down.",
        "Sends\n16,530\n▲\u00a0+10.2%\nup from 15,000",
        "Open rate\n34.2%\n▼\u00a0−1.9\u00a0pt\ndown from 36.1%",
        "Bounces\n120\n▲\u00a0+20.0%\nup from 100\nas reported",
        "First reply\n–\nno earlier figure",
    ]
    shapes = presentation(deck(contexts(), report().blocks[1])).slides[1].shapes
    colours = {
        shape.name: str(shape.text_frame.paragraphs[2].runs[0].font.color.rgb)
        for shape in shapes
        if shape.name in ("Sends", "Open rate", "Bounces")
    }
    assert colours == {"Sends": "0A6E4B", "Open rate": "B3261E", "Bounces": "B3261E"}


@pytest.mark.requirement("AP-16")
def test_leading_figures_are_large_and_the_others_stand_in_two_lists_below(contexts: Contexts) -> None:
    (slide,) = slides(contexts(), compared(9, 2))
    assert slide.texts[1:] == [
        "Figure 0\n1,000\n▲\u00a0+100%\nup from 500",
        "Figure 1\n1,001\n▲\u00a0+100%\nup from 500",
    ]
    head = ["Figure", "Value", "Change", "Before"]
    assert [table[0] for table in slide.tables] == [head, head]
    assert [[row[0] for row in table[1:]] for table in slide.tables] == [
        ["Figure 2", "Figure 3", "Figure 4", "Figure 5"],
        ["Figure 6", "Figure 7", "Figure 8"],
    ]
    assert slide.tables[0][1] == ["Figure 2", "1,002", "▲\u00a0+100%", "500"]


def test_what_leads_is_set_much_larger_than_the_rest(contexts: Contexts) -> None:
    shown = presentation(deck(contexts(), compared(9, 2))).slides[1]
    hero = next(shape for shape in shown.shapes if shape.name == "Figure 0")
    grid = next(shape for shape in shown.shapes if shape.has_table).table
    assert hero.text_frame.paragraphs[1].runs[0].font.size == Pt(48)
    assert grid.cell(1, 0).text_frame.paragraphs[0].runs[0].font.size == Pt(18)


@pytest.mark.requirement("AP-16")
@pytest.mark.parametrize(
    ("tiles", "expected"),
    [
        (figures(1), [1]), (figures(4), [4]), (figures(5), [5]), (figures(23, 3), [23]),
        (compared(14, 3), [14]), (compared(18, 4), [18]), (compared(28), [28]),
        (compared(28, 3), [11, 17]), (compared(60, 0), [30, 30]),
    ],
)  # fmt: skip
def test_an_overview_is_one_slide_as_long_as_it_can_be_read(
    contexts: Contexts, tiles: Kpis, expected: list[int]
) -> None:
    found = slides(contexts(), tiles)
    large = [sum(text.startswith("Figure ") for text in slide.texts) for slide in found]
    listed = [sum(len(table) - 1 for table in slide.tables) for slide in found]
    assert [sum(pair) for pair in zip(large, listed, strict=True)] == expected
    for slide in presentation(deck(contexts(), tiles)).slides:
        tables = [shape for shape in slide.shapes if shape.has_table]
        sizes = [
            run.font.size
            for shape in tables
            for row in list(shape.table.rows)[1:]
            for cell in row.cells
            for run in cell.text_frame.paragraphs[0].runs
        ]
        assert all(size >= Pt(12) for size in sizes)
        # No list is longer than the one before it, or much shorter.
        rows = [len(shape.table.rows) for shape in tables]
        assert not rows or max(rows) - min(rows) <= 1, rows


def test_what_does_not_fit_is_continued_under_the_same_title(contexts: Contexts) -> None:
    found = slides(contexts(), Section("s", "Overview", (compared(28, 3),)))
    assert [slide.title for slide in found] == ["Overview", "Overview – continued (2 of 2)"]


def test_a_list_stays_on_its_slide_where_one_name_is_too_long_for_a_line(contexts: Contexts) -> None:
    long = "A figure of which the name takes more than half a slide with what was before"
    first, *others = compared(18, 4).tiles
    shown = presentation(deck(contexts(), Kpis("k", (first, *others[:-1], replace(others[-1], label=long)))))
    lists = [shape for shape in shown.slides[1].shapes if shape.has_table]
    assert [len(one.table.rows) for one in lists] == [8, 8]
    assert all(one.top + one.height < Inches(6.9) for one in lists)


def test_rows_of_tiles_share_a_slide_unless_each_has_a_finding(contexts: Contexts) -> None:
    counts, rates = figures(6), Kpis("r", (Kpi(key="r", label="Rate", value=0.5, unit=Unit.PROPORTION),))
    (slide,) = slides(contexts(), Section("s", "Overview", (counts, rates)))
    assert sum(len(table) - 1 for table in slide.tables) == 7
    found = Kpis("r", rates.tiles, headline=_("Half of them opened."))
    assert [slide.title for slide in slides(contexts(), Section("s", "Overview", (counts, found)))] == [
        "Overview", "Half of them opened.",
    ]  # fmt: skip


@pytest.mark.requirement("AP-16", "GO-09")
def test_marks_and_red_flags_are_visible_and_said_in_words(contexts: Contexts) -> None:
    tiles = (
        Kpi(key="a", label="Clicks", value=9, lead=True, mark=Mark.RED_FLAG, note=_("Above {n}.", n=5)),
        *figures(4).tiles,
        Kpi(key="b", label="Spam reports", value=1, mark=Mark.RED_FLAG, note=_("Above {n}.", n=5)),
        Kpi(key="c", label="Sends", value=2, mark=Mark.REPORTED),
        Kpi(key="d", label="Opens", value=3, mark=Mark.REPORTED),
    )
    (slide,) = slides(contexts(), Kpis("k", tiles))
    assert slide.texts[0] == "Clicks\n9\n⚑ needs attention\nAbove 5."
    rows = {row[0]: row[1] for table in slide.tables for row in table[1:]}
    assert (rows["Spam reports"], rows["Sends"], rows["Opens"]) == ("1 ⚑", "2 1", "3 1")
    assert slide.texts[-1] == ("⚑ Spam reports: needs attention – Above 5.\n1 Sends, Opens: as reported")


def test_words_among_figures_have_the_room_of_the_change_and_what_was_before(contexts: Contexts) -> None:
    moment = Kpi(key="m", label="Last open", value="2026-07-03T08:00:00+00:00", unit=Unit.INSTANT)
    (slide,) = slides(contexts(), Kpis("k", (*compared(6).tiles, moment)))
    shown = presentation(deck(contexts(), Kpis("k", (*compared(6).tiles, moment)))).slides[1]
    last = [shape.table for shape in shown.shapes if shape.has_table][-1]
    assert last.cell(7, 1).span_width == 3
    assert slide.tables[-1][7][:2] == [
        "Last open", contexts().formatter.value("2026-07-03T08:00:00+00:00", Unit.INSTANT),
    ]  # fmt: skip


def test_from_nought_there_is_no_share_and_no_figure_is_no_column(contexts: Contexts) -> None:
    (slide,) = slides(contexts(), figures(2, previous=0, compared=True))
    assert slide.texts[1] == "Figure 0\n1,000\n▲ up from 0"
    (slide,) = slides(contexts(), figures(5, compared=True))
    assert slide.tables[0][0] == ["Figure", "Value"]


def cards(context: RenderContext, *tiles: Kpi) -> list[tuple[float, float, float, float]]:
    """Where large figures stand, in inches."""
    shown = presentation(deck(context, Kpis("k", tiles))).slides[1]
    return [
        (shape.left / 914_400, shape.top / 914_400, shape.width / 914_400, shape.height / 914_400)
        for shape in shown.shapes
        if shape.name.startswith("Figure ") and not shape.has_table
    ]


@pytest.mark.parametrize(("count", "rows"), [(1, [1]), (2, [2]), (3, [3]), (4, [2, 2])])
@pytest.mark.parametrize("change", [True, False])
def test_figures_that_have_the_slide_to_themselves_fill_it_and_stay_on_it(
    contexts: Contexts, count: int, rows: list[int], change: bool
) -> None:
    tiles = (compared(count) if change else figures(count)).tiles
    found = cards(contexts(), *tiles)
    tops = sorted({round(top, 3) for _left, top, _width, _height in found})
    assert [sum(round(top, 3) == one for _left, top, _width, _height in found) for one in tops] == rows
    assert all(top + height <= 6.9 for _left, top, _width, height in found)
    assert all(height >= 2.3 for _left, _top, _width, height in found)


def test_large_figures_stand_level_whatever_their_names_and_are_of_one_size(contexts: Contexts) -> None:
    names = ("Figure", "Figure of a thing with a very long name that takes two lines", "Figure 3")
    tiles = [Kpi(key=name, label=name, value=10 ** (n * 3), lead=True) for n, name in enumerate(names)]
    shown = presentation(deck(contexts(), Kpis("k", (*tiles, *figures(4).tiles)))).slides[1]
    values = [shape.text_frame.paragraphs[1] for shape in shown.shapes if shape.name in names]
    assert len({value.runs[0].font.size for value in values}) == 1
    assert [round(value.space_before.pt, 1) for value in values] == [16.4, 2.0, 16.4]
