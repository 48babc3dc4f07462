"""What an e-mail tells first: the finding and the figures that lead, then pictures, then the rest."""

from __future__ import annotations

import re
from typing import Any

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser

from bilan.delivery.email.headers import Sender
from bilan.delivery.email.html import parts, shares
from bilan.delivery.email.letter import write_letter
from bilan.delivery.email.order import in_reading_order
from bilan.delivery.email.parts import LISTED, Tiles
from bilan.delivery.email.text import WIDTH, width
from bilan.delivery.outbox import OpenedMail, opened
from bilan.rendering.views import ShownCell, ShownColumn, ShownTable
from bilan.sdk.document import Block, Chart, ChartKind, Document, Kpi, Kpis, Mark, Paragraph, Section, Series
from bilan.sdk.messages import messages
from bilan.sdk.units import Unit
from fixtures.documents import Contexts, campaigns_table, line_chart, report
from fixtures.smtp import read_mail
from support.letters import Words
from support.outgoing import message_to, outgoing_report, report_file

pytestmark = pytest.mark.integration

_ = messages("bilan")[0]

FROM = Sender("bilan@bilan.example.org", "bilan.example.org")
BUDGET = 10_000_000
CLIPPED = 102_000
"""Bytes of HTML after which a large mailbox cuts a letter off."""


def tile(name: str, value: float, *, lead: bool = False, **changes: Any) -> Kpi:
    return Kpi(key=name.lower(), label=name, value=value, lead=lead, **changes)


TILES = (
    tile("Bounces", 77, previous=70, compared=True, higher_is_better=False),
    tile("Opens", 5653, lead=True, previous=5400, compared=True, higher_is_better=True),
    tile("Clicks", 841, lead=True),
    tile("Spam", 3, mark=Mark.RED_FLAG, note=_("Complaint rate above {limit}.", limit="0.10%")),
)


def told(**changes: Any) -> Document:
    overview = Section(
        "overview",
        "Overview",
        (
            Kpis("figures", TILES, headline=_("A third of all e-mails were opened.")),
            campaigns_table(headline=_("“Summer sale” was opened most.")),
            line_chart(headline=_("Opens rose through the month.")),
        ),
    )
    other = Section("other", "Elsewhere", (Kpis("o", (tile("Far", 12),), headline=_("Little came back.")),))
    return report(blocks=(other, overview), **changes)


def composed(contexts: Contexts, document: Document, language: str = "en") -> bytes:
    return message_to(outgoing_report(contexts(language), [report_file()], document=document), FROM, BUDGET)[
        0
    ]


def sent(contexts: Contexts, document: Document, language: str = "en") -> OpenedMail:
    return opened(composed(contexts, document, language))


def said(mail: OpenedMail) -> tuple[str, str]:
    """What HTML and text say, in one line each."""
    html = re.sub(r"<div style=\"display:\s*none.*?</div>", "", mail.html)
    return Words(html).text, " ".join(mail.text.split())


def in_order(text: str, *expected: str) -> None:
    place = -1
    for one in expected:
        place = text.index(one, place + 1)


@pytest.mark.requirement("GO-12")
def test_the_finding_and_the_leads_come_first_then_files_then_pictures_then_the_rest(contexts: Contexts):
    for text in said(sent(contexts, told())):
        in_order(
            text, "E-mail performance <July>", "Jul 1 – 31, 2026", "Olga sends you this report.",
            "A third of all e-mails were opened.", "Opens", "5,653", "previously 5,400", "Clicks", "841",
            "Test campaigns are left out.", "Read the report online", "The link works without a sign-in",
            "Overview", "Opens and clicks by day", "Opens rose through the month.", "Bounces", "77",
            "previously 70", "Spam", "Complaint rate above 0.10%.", "“Summer sale” was opened most.",
            "12,450", "Elsewhere", "Little came back.", "Far", "12", "Figures as of", "Time zone",
        )  # fmt: skip
        assert text.count("A third of all e-mails were opened.") == 1
        assert text.count("5,653") == 1


def test_a_mailbox_shows_the_finding_beside_the_subject(contexts: Contexts):
    mail = sent(contexts, told())
    assert mail.html.index("A third of all e-mails were opened. · Opens: 5,653 · Clicks: 841<") > 0


def test_where_no_figure_leads_the_first_four_begin(contexts: Contexts):
    rows = Kpis("k", tuple(tile(f"Tile {n}", 100 + n) for n in range(6)), headline=_("Six figures."))
    letter = write_letter(outgoing_report(contexts(), document=report(blocks=(rows,))), attached=False)
    assert (letter.findings, [one.label for one in letter.leading]) == (
        ("Six figures.",), ["Tile 0", "Tile 1", "Tile 2", "Tile 3"],
    )  # fmt: skip
    (rest,) = letter.parts
    assert isinstance(rest, Tiles)
    assert [one.label for one in rest.tiles] == ["Tile 4", "Tile 5"]


def test_equal_blocks_are_two_blocks_and_lose_no_figure(contexts: Contexts):
    same = Kpis("k", tuple(tile(f"Tile {n}", 100 + n) for n in range(5)))
    blocks = (Section("a", "A", (same,)), Section("b", "B", (replace(same),)))
    letter = write_letter(outgoing_report(contexts(), document=report(blocks=blocks)), attached=False)
    assert [part.kind for part in letter.parts] == ["heading", "tiles", "heading", "tiles"]
    assert [len(part.tiles) for part in letter.parts if isinstance(part, Tiles)] == [1, 5]


def test_a_section_whose_figures_have_been_told_leaves_no_bare_heading(contexts: Contexts):
    section = Section("a", "Nothing left", (Kpis("k", TILES[1:3]),))
    letter = write_letter(outgoing_report(contexts(), document=report(blocks=(section,))), attached=False)
    assert letter.parts == ()


def test_a_sentence_stays_behind_the_block_it_follows():
    ahead, after = Paragraph(_("Ahead.")), Paragraph(_("After the table."))
    table, chart = campaigns_table(), Section("s", "S", (line_chart(),))
    blocks: tuple[Block, ...] = (ahead, table, after, chart)
    assert list(in_reading_order(blocks)) == [ahead, chart, table, after]


def many_lines() -> Document:
    """Two charts of ninety days and seven lines, beside those of the period before."""
    days = [f"2026-{month:02}-{day:02}" for month in (4, 5, 6) for day in range(1, 31)]

    def lines(start: int) -> tuple[Series, ...]:
        return tuple(
            Series(
                f"s{n}", f"Unsubscribes of {n}", [(start + n * 97 + place * 13) % 9999 for place in range(90)]
            )
            for n in range(7)
        )

    charts = tuple(
        Chart(
            key=f"c{n}", kind=ChartKind.LINE, title=f"Chart {n}", description=_("Lines."), categories=days,
            category_unit=Unit.DATE, series=lines(n), previous=lines(n + 50),
        )
        for n in range(2)
    )  # fmt: skip
    tiles = tuple(tile(f"Rather long name {n}", 1234567 + n, previous=1, compared=True) for n in range(20))
    return report(blocks=(Kpis("k", tiles), *charts, *(campaigns_table(key=f"t{n}") for n in range(4))))


@pytest.mark.requirement("GO-12")
def test_no_mailbox_cuts_a_letter_off_and_what_is_not_listed_is_said(contexts: Contexts):
    mail = sent(contexts, many_lines())
    body = read_mail(composed(contexts, many_lines())).get_body(("html",))
    assert body is not None
    assert 60_000 < len(body.get_content().encode()) < CLIPPED
    listed = LISTED // 2 // 15
    for text in said(mail):
        assert text.count(f"{90 - listed} more are on the page of the report.") == 2
        assert f"Apr {listed}, 2026" in text
        assert f"Apr {listed + 1}, 2026" not in text
    assert "Unsubscribes of 6, previous period" in said(mail)[0]


def test_every_line_of_the_text_is_as_wide_as_a_terminal_and_loses_nothing(contexts: Contexts):
    mail = sent(contexts, many_lines())
    lines = [line for line in mail.text.splitlines() if "https://" not in line]
    assert max(map(width, lines)) <= WIDTH
    cells = {cell for line in lines for cell in line.split()}
    assert {str((50 + n * 97 + place * 13) % 9999) for n in range(7) for place in range(13)} <= cells


def test_columns_share_the_width_by_what_their_words_need():
    def table(*columns: tuple[str, bool, str]) -> ShownTable:
        heads = tuple(ShownColumn(label, figure) for label, figure, _text in columns)
        return ShownTable("T", heads, (tuple(ShownCell(text, figure) for _l, figure, text in columns),))

    name, few, many = shares(table(("A", False, "x" * 80), ("B", True, "1"), ("C", True, "1,234,567")))
    assert name > many > few > 0
    assert 95 <= name + few + many <= 100
    assert shares(table(("", False, ""))) == (100,)
    # Twelve points of "Sends" are some forty pixels of the 284 that a phone has.
    source, campaign, sends = shares(
        table(("Source", False, "x" * 90), ("Name", False, "y" * 90), ("Sends", True, "600"))
    )
    assert source == campaign
    assert 14 <= sends <= 17
    crowded = shares(table(("Name", False, "x"), *((f"Unsubscribes {n}", True, "1") for n in range(4))))
    assert (crowded[0] > 10, crowded[1:]) == (True, (crowded[1],) * 4)
    wide = table(("Date", False, "Jul 1"), *((f"C{n}", True, str(n)) for n in range(9)))
    found = list(parts(wide))
    assert [[column.label for column in one.columns] for one in found] == [
        ["Date", "C0", "C1", "C2", "C3"], ["Date", "C4", "C5", "C6", "C7"], ["Date", "C8"],
    ]  # fmt: skip
    assert [[cell.text for cell in one.rows[0]] for one in found][2] == ["Jul 1", "8"]


ASIDE = """() => [...document.querySelectorAll("td, th, p, img, table")].filter(one => {
  const edge = one.getBoundingClientRect().right
  return edge > document.documentElement.clientWidth - (one.matches("p, img, .figures *") ? 8 : 0)
}).map(one => one.outerHTML.slice(0, 120))"""


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_nothing_touches_the_edge_of_a_phone(contexts: Contexts, chromium_browser: Browser, language: str):
    for document in (told(), many_lines()):
        page = chromium_browser.new_page(viewport={"width": 320, "height": 700})
        page.set_content(sent(contexts, document, language).html)
        for wide in (320, 375, 414, 600, 900):
            page.set_viewport_size({"width": wide, "height": 700})
            assert page.evaluate("document.documentElement.scrollWidth") == wide
            assert page.evaluate(ASIDE) == []
        page.close()
