"""A PDF tells its story: leads come first and large, findings above their blocks, the result on the cover."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from msgspec.structs import replace

from bilan.rendering.pdf.columns import laid_out
from bilan.rendering.pdf.renderer import PDF
from bilan.rendering.pdf.tiles import tiles_item
from bilan.rendering.tables import rows_within
from bilan.rendering.tiles import shown_kpis
from bilan.rendering.views import ShownCell, ShownColumn, ShownTable
from bilan.sdk.document import Block, Document, Kpi, Kpis, Section, Table, TableColumn
from bilan.sdk.messages import messages
from bilan.sdk.rendering import RenderContext
from bilan.sdk.units import Unit
from fixtures.documents import Contexts, campaigns_table, line_chart, report
from support.pdf import Element, Pdf, squeezed

pytestmark = pytest.mark.integration

_ = messages("bilan")[0]


def read(document: Document, context: RenderContext) -> Pdf:
    out = io.BytesIO()
    PDF.render(document, context, rows_within, out)
    return Pdf(out.getvalue())


def tile(name: str, value: float, previous: float | None = None, *, lead: bool = False) -> Kpi:
    return Kpi(
        key=name.lower(), label=name, value=value, previous=previous, compared=previous is not None,
        higher_is_better=True, lead=lead,
    )  # fmt: skip


TILES = (
    tile("Sends", 16530, 15000),
    tile("Opens", 5653, 5400, lead=True),
    tile("Bounces", 120),
    tile("Clicks", 841, 900, lead=True),
    tile("Spam", 3),
)
FOUND = _("Of {count} e-mails, a third were opened.", count=16530)


def told(*more: Block, **changes: Any) -> Document:
    overview = Section(
        "overview",
        "Overview",
        (
            Kpis("figures", TILES, headline=FOUND),
            line_chart(headline=_("Opens rose to {count} a day.", count=439)),
            campaigns_table(headline=_("“Summer sale” was opened most.")),
        ),
    )
    return report(blocks=(overview, *more), **{"notes": (), **changes})


@pytest.fixture(scope="module")
def file(contexts: Contexts) -> Pdf:
    return read(told(), contexts())


@dataclass(frozen=True)
class Piece:
    text: str
    size: float
    y: float


def pieces(pdf: Pdf, page: int) -> Iterator[Piece]:
    """What stands on a page, in which size, and how high."""
    found: list[Piece] = []

    def visit(text: str, cm: Any, tm: Any, _font: Any, size: Any) -> None:
        if text.strip():
            found.append(
                Piece(text.strip(), round(abs(tm[3] * cm[3] * size), 1), float(cm[3] * tm[5] + cm[5]))
            )

    pdf.reader.pages[page].extract_text(visitor_text=visit)
    yield from found


def sizes(pdf: Pdf, page: int, text: str) -> set[float]:
    return {one.size for one in pieces(pdf, page) if squeezed(one.text).startswith(squeezed(text))}


@pytest.mark.requirement("GO-09")
def test_figures_that_lead_come_first_and_large_and_the_others_after_them_and_small(file: Pdf) -> None:
    words = squeezed(file.words)
    body = words[words.index("Overview", words.index("Aboutthisreport")) :]
    assert body.startswith(
        "OverviewOf16,530e-mails,athirdwereopened."
        "Opens5,653+4.7%previously5,400Clicks841−6.6%previously900"
        "Sends16,530+10.2%previously15,000Bounces120Spam3"
    )
    assert sizes(file, 1, "5,653") == sizes(file, 1, "841") == {25.0}
    assert sizes(file, 1, "120") == {11.5}


def test_a_few_figures_are_all_large_where_none_of_the_document_leads(contexts: Contexts) -> None:
    few = Kpis("few", tuple(replace(one, lead=False) for one in TILES[:4]))
    found = read(report(blocks=(few,), notes=()), contexts())
    assert sizes(found, 1, "16,530") == sizes(found, 1, "120") == {25.0}
    beside = read(report(blocks=(few, Kpis("led", (tile("Far", 99, lead=True),))), notes=()), contexts())
    assert (sizes(beside, 1, "16,530"), sizes(beside, 1, "99")) == ({11.5}, {25.0})
    many = Kpis("many", tuple(replace(one, lead=False) for one in TILES))
    assert sizes(read(report(blocks=(many,), notes=()), contexts()), 1, "5,653") == {11.5}


def test_every_finding_is_a_paragraph_in_reading_order_right_before_its_block(file: Pdf) -> None:
    def flat(element: Element) -> Iterator[tuple[str, str]]:
        for child in element.children:
            if child.tag in ("P", "H1", "H2", "H3", "Figure", "Table"):
                yield child.tag, squeezed(child.whole) if child.tag not in ("Figure", "Table") else ""
            else:
                yield from flat(child)

    order = list(flat(file.document))
    assert order[order.index(("H1", "Overview")) + 1] == ("P", "Of16,530e-mails,athirdwereopened.")
    at = order.index(("P", "Opensroseto439aday."))
    assert (order[at - 1], order[at + 1]) == (("H2", "Opensandclicksbyday"), ("Figure", ""))
    at = order.index(("P", "“Summersale”wasopenedmost."))
    assert (order[at - 1], order[at + 1]) == (("H2", "Campaigns"), ("Table", ""))


def test_the_cover_says_the_result_in_the_documents_own_figures(file: Pdf) -> None:
    cover = squeezed(" ".join(one.text for one in pieces(file, 0)))
    assert "Inbrief" in cover
    leads = "Opens5,653+4.7%previously5,400Clicks841−6.6%previously900"
    words = squeezed(file.words)
    assert words.count(squeezed("Of 16,530 e-mails, a third were opened.") + leads) == 2
    assert words.index("Inbrief") < words.index(leads) < words.index("Contents")
    assert "5,653" in cover
    assert "Bounces" not in cover


def test_a_cover_takes_the_leads_of_one_part_four_at_most(contexts: Contexts) -> None:
    many = Kpis("k", tuple(tile(f"Lead {n}", 100 + n, lead=True) for n in range(6)))
    other = Section("other", "Other", (Kpis("o", (tile("Elsewhere", 77, lead=True),)),))
    found = read(report(blocks=(Section("one", "One", (many,)), other), notes=()), contexts())
    cover = squeezed(" ".join(one.text for one in pieces(found, 0)))
    assert [f"Lead{n}10{n}" in cover for n in range(6)] == [True] * 4 + [False] * 2
    assert "Elsewhere" not in cover
    assert [f"Lead{n}10{n}" in squeezed(found.words) for n in range(6)] == [True] * 6


def test_a_cover_names_the_first_finding_of_each_further_part_four_at_most(contexts: Contexts) -> None:
    parts = tuple(
        Section(f"s{n}", f"Part {n}", (line_chart(headline=_("Finding {count}.", count=n)),))
        for n in range(6)
    )
    cover = squeezed(" ".join(one.text for one in pieces(read(report(blocks=parts), contexts()), 0)))
    assert [f"Part{n}Finding{n}." in cover for n in range(6)] == [False, *[True] * 4, False]
    assert "Finding0." in cover


def test_one_of_several_alike_does_not_speak_for_all_on_a_cover(contexts: Contexts) -> None:
    def profile(n: int) -> Section:
        found = _("{count} followers.", count=n)
        led = Kpis(f"k{n}", (tile("Followers", n, lead=True),), headline=found)
        return Section(f"p{n}", f"Profile {n}", (Section(f"a{n}", "Audience", (led,)),))

    found = read(report(blocks=(profile(701), profile(702)), notes=()), contexts())
    cover = squeezed(" ".join(one.text for one in pieces(found, 0)))
    assert "Profile701701followers.Profile702702followers." in cover
    assert "Followers701" not in cover


def test_without_leads_and_findings_a_cover_has_no_summary(contexts: Contexts) -> None:
    assert "In brief" not in read(report(), contexts()).words
    found = read(report(blocks=(line_chart(headline=FOUND),)), contexts())
    assert squeezed(found.words).count("Of16,530e-mails,athirdwereopened.") == 2
    assert (1, "In brief") in found.headings


def test_definitions_are_small_but_not_too_small_to_read(file: Pdf) -> None:
    (page,) = {n for n in range(len(file.reader.pages)) if sizes(file, n, "Who opened.")}
    assert sizes(file, page, "Who opened.") == {8.0}


def shown(heads: str, rows: list[list[str]], figures: int) -> ShownTable:
    """A table with these first columns, and so many columns of figures after them."""
    names = [*heads.split(), *(f"Figure{n}" for n in range(figures))]
    return ShownTable(
        "T",
        tuple(ShownColumn(name, name.startswith("Figure")) for name in names),
        tuple(tuple(map(ShownCell, (*row, *["123,456,789"] * figures))) for row in rows),
    )


def test_bands_repeat_only_the_columns_that_tell_rows_apart() -> None:
    rows = [["Jul 1", "Jul 1", "Shop", "Sale", "No"], ["Jul 1", "Jul 1", "Shop", "News", "No"],
            ["Jul 2", "Jul 2", "Shop", "Sale", "No"]]  # fmt: skip
    first, second = laid_out(shown("First Last Source Name Test", rows, 14), "a4").bands
    assert first.places[:5] == (0, 1, 2, 3, 4)
    assert (second.repeated, second.places[:2]) == (2, (0, 3))
    assert (*first.places, *second.places[2:]) == tuple(range(19))
    assert abs(len(first.places) - len(second.places)) < 4
    one = laid_out(shown("First Last Source Name Test", rows[:1], 14), "a4").bands
    assert all(band.places[: band.repeated] in ((), (0, 2)) for band in one)
    same = laid_out(shown("First Last", [["a", "a"], ["a", "a"]], 20), "a4").bands
    assert [band.places[: band.repeated] for band in same] == [(), (0,)]


def test_a_wide_table_says_what_stands_in_which_part(contexts: Contexts) -> None:
    heads = (
        TableColumn(key="day", label="Day"), TableColumn(key="shop", label="Shop"),
        *(TableColumn(key=f"c{n}", label=f"Column number {n}", unit=Unit.COUNT) for n in range(24)),
    )  # fmt: skip
    rows: list[Any] = [[f"Day {n}", "The shop", *(n * 1000 + m for m in range(24))] for n in range(12)]
    found = read(report(blocks=(Table(key="t", title="Wide", columns=heads, rows=rows),)), contexts())
    sheet = found.sheet("Wide")
    assert (sheet.bands, sheet.heads[:3], len(sheet.heads)) == (2, ["Day", "Shop", "Column number 0"], 26)
    words = squeezed(found.words)
    assert squeezed("The columns stand in 2 parts, one below the other") in words
    assert squeezed("comes first in each: Day.") in words
    assert squeezed("Wide: part 1 of 2 (Day – Column number ") in words
    assert squeezed(" – Column number 23)") in words


def test_cells_longer_than_a_page_take_some_lines_and_the_next_row_follows(contexts: Contexts) -> None:
    columns = (TableColumn(key="a", label="A"), TableColumn(key="n", label="N", unit=Unit.COUNT))
    rows: list[Any] = [[f"start{n} " + "word " * 2500 + f"end{n}", n] for n in range(3)]
    found = read(report(blocks=(Table(key="t", title="Tall", columns=columns, rows=rows),)), contexts())
    cells = [row[0] for row in found.sheet("Tall").texts]
    assert [cell.split()[0] for cell in cells] == ["start0", "start1", "start2"]
    # Six lines of letters, of which none is wider than an m.
    assert all(cell.endswith("…") and 50 < cell.count("word") < 200 for cell in cells)


@pytest.mark.parametrize(("count", "columns"), [(8, 4), (6, 3), (9, 3), (5, 5), (7, 4)])
def test_quiet_figures_stand_in_full_rows_where_they_can(
    contexts: Contexts, count: int, columns: int
) -> None:
    block = Kpis("k", tuple(tile(f"T{n}", n) for n in range(count)))
    item = tiles_item(shown_kpis(block, contexts()), str, headline=True)
    assert (len(item["others"]["tiles"]), item["others"]["columns"]) == (count, columns)
    assert item["leads"]["tiles"] == []
