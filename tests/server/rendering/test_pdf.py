"""The PDF, read as those read it who cannot see it."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import msgspec.structs
import pytest

from bilan import __version__
from bilan.rendering.csv_format import CSV
from bilan.rendering.pdf.renderer import PDF
from bilan.rendering.selection import selected
from bilan.rendering.tables import rows_within
from bilan.sdk.document import Custom, Document, Section, Table, TableColumn
from bilan.sdk.errors import Invalid
from bilan.sdk.messages import messages
from bilan.sdk.rendering import Brand, RenderContext
from bilan.sdk.units import Unit
from fixtures.documents import Contexts, campaigns_table, line_chart, report
from support.pdf import Pdf, squeezed

pytestmark = pytest.mark.integration

_ = messages("bilan")[0]


def rendered(document: Document, context: RenderContext) -> bytes:
    out = io.BytesIO()
    PDF.render(selected(document, context, PDF), context, rows_within, out)
    return out.getvalue()


def read(document: Document, context: RenderContext) -> Pdf:
    return Pdf(rendered(document, context))


@pytest.fixture(scope="module")
def file(contexts: Contexts) -> Pdf:
    return read(report(), contexts())


def sized(pdf: Pdf) -> set[tuple[int, int]]:
    return {(round(page.mediabox.width), round(page.mediabox.height)) for page in pdf.reader.pages}


@pytest.mark.requirement("GO-09")
def test_a_file_says_what_it_is_and_to_which_standards(file: Pdf) -> None:
    assert file.root["/MarkInfo"]["/Marked"]
    assert file.root["/Lang"] == "en"
    assert file.reader.metadata is not None
    assert (file.reader.metadata.title, file.reader.metadata.author) == ("E-mail performance <July>", "Acme")
    assert file.root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "<pdfuaid:part>1</pdfuaid:part>" in file.xmp
    assert "<pdfaid:part>2</pdfaid:part>" in file.xmp
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in file.xmp


@pytest.mark.requirement("GO-09")
def test_headings_nest_and_nothing_comes_out_of_order(file: Pdf) -> None:
    assert file.headings == [
        (1, "Contents"),
        (1, "By day"), (2, "Opens and clicks by day"),
        (1, "Campaigns"),
        (1, "Posts"),
        (1, "Please note"),
        (1, "About this report"), (2, "Settings"), (2, "What the figures mean"),
        (2, "Where the figures come from"),
    ]  # fmt: skip
    said = [
        "Acme", "E-mail performance <July>", "Period", "Jul 1 – 31, 2026", "Compared with", "Contents",
        "Caution", "Sends", "16,530", "+10.2%", "previously 15,000",
        "By day", "Days are cut in Europe/Paris.", "Summer sale", "Past the limit that asks for attention.",
        "Please note", "Test campaigns are left out.", "About this report", "sale, summer",
        "Who opened.", "unique opens divided by delivered", "123,456",
    ]  # fmt: skip
    words, place = squeezed(file.words), -1
    for one in said:
        place = words.index(squeezed(one), place + 1)


@pytest.mark.requirement("GO-09")
def test_a_table_has_heads_with_scope_and_every_cell(file: Pdf) -> None:
    sheet = file.sheet("Campaigns")
    assert sheet.heads == ["Campaign", "Sends", "Open rate", "Sent at", "Tags"]
    assert sheet.scopes == ["Column"] * 5
    assert sheet.texts == [
        ["Summer sale", "12,450", "42.3%", "Jul 3, 2026, 10:00\u202fAM CEST", "summer, sale"],
        ['=HYPERLINK("x")', "3,200", "0.52%", "Jul 10, 2026, 10:00\u202fAM CEST", "–"],
        ["Newsletter; July", "880", "–", "–", "letter"],
    ]
    assert (sheet.rows[1][2].signs, sheet.rows[2][1].signs) == ("⚑", "†")
    assert [item.text for item in sheet.totals] == ["Total", "16,530", "34.2%", "", ""]


@pytest.mark.requirement("GO-09")
def test_a_chart_has_an_alternative_text_of_title_and_description(file: Pdf) -> None:
    assert file.figures == ["Opens and clicks by day. Opens rise through the month; clicks stay level."]


@pytest.mark.requirement("GO-09")
def test_bookmarks_and_contents_lead_to_the_sections(file: Pdf) -> None:
    def titles(outline: Any) -> list[Any]:
        return [titles(one) if isinstance(one, list) else one.title for one in outline]

    assert titles(file.reader.outline) == [
        "By day", ["Opens and clicks by day"], "Campaigns", "Posts", "Please note",
        "About this report", ["Settings", "What the figures mean", "Where the figures come from"],
    ]  # fmt: skip
    links = list(file.document.all("Link"))
    assert [one.whole.replace(" ", "") for one in links][:2] == ["Byday2", "Campaigns2"]


def test_what_is_to_know_of_the_figures_stands_behind_them_and_in_the_contents(contexts: Contexts) -> None:
    notes = (_("{name} tells no reach.", name="YouTube"), _("The period was still running."))
    found = read(report(notes=notes, blocks=(Section("a", "Figures", (campaigns_table(),)),)), contexts())
    words = squeezed(found.words)
    assert words.index("Summersale") < words.index("YouTubetellsnoreach.") < words.rindex("Aboutthisreport")
    assert "Theperiodwasstillrunning." in words
    assert [one.title for one in found.reader.outline if not isinstance(one, list)] == [
        "Figures", "Please note", "About this report",
    ]  # fmt: skip


def test_every_page_but_the_cover_says_the_report_its_section_and_its_number(file: Pdf) -> None:
    texts = [page.extract_text() for page in file.reader.pages]
    assert "Page" not in texts[0]
    for place, text in enumerate(texts[1:], 2):
        assert f"Page {place} / {len(texts)}" in text
        assert "E-mail performance <July>" in text


def test_a_change_has_a_sign_beside_its_colour(file: Pdf) -> None:
    words = squeezed(file.words)
    for change in ("16,530+10.2%", "34.2%−1.9pt", "120+20.0%previously100asreported"):
        assert change in words


def test_every_language_is_set_in_its_own_words_and_figures(contexts: Contexts) -> None:
    french = read(report(), contexts("fr"))
    assert french.root["/Lang"] == "fr"
    assert "Page 2 / 3" in french.reader.pages[1].extract_text()
    assert (1, "À propos de ce rapport") in french.headings
    assert squeezed(french.sheet("Campaigns").rows[0][1].text) == "12450"
    german = read(report(), contexts("de"))
    assert german.sheet("Campaigns").texts[0][:3] == ["Summer sale", "12.450", "42,3\xa0%"]
    assert german.root["/Lang"] == "de"
    assert squeezed("3 jul 2026") in squeezed(read(report(), contexts("es")).words)


@pytest.mark.requirement("GO-03")
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_same_document_gives_the_same_bytes(contexts: Contexts, language: str) -> None:
    assert rendered(report(), contexts(language)) == rendered(report(), contexts(language))


def test_the_paper_is_that_of_the_readers_country_unless_another_is_asked_for(contexts: Contexts) -> None:
    assert sized(read(report(), contexts("en"))) == sized(read(report(), contexts("fr"))) == {(595, 842)}
    assert sized(read(report(), contexts("en-US"))) == {(612, 792)}
    assert sized(read(report(), contexts("en-US", paper="a4"))) == {(595, 842)}
    assert sized(read(report(), contexts("fr", paper="us-letter"))) == {(612, 792)}


@pytest.mark.requirement("AP-13")
def test_a_custom_file_holds_the_chosen_parts_in_their_order(contexts: Contexts) -> None:
    found = read(report(), contexts(content="custom", blocks=["campaigns", "days"])).headings
    assert [title for _level, title in found][:4] == [
        "Contents", "Campaigns", "By day", "Opens and clicks by day",
    ]  # fmt: skip


@pytest.mark.requirement("AP-12", "DC-22")
def test_a_global_file_holds_all_data_also_the_figures_of_the_charts(contexts: Contexts) -> None:
    found = read(report(), contexts(content="global", blocks=["campaigns"]))
    assert {"By day", "Campaigns", "Posts"} <= {title for _level, title in found.headings}
    figures = found.sheets[-2]
    assert (figures.title, figures.heads) == ("Opens and clicks by day", ["Date", "Opens", "Clicks"])
    assert (len(figures.rows), figures.texts[0]) == (30, ["Jul 1, 2026", "240", "60"])


@pytest.mark.parametrize("stamp", ["test", "provisional"])
def test_a_stamp_stands_on_every_page_and_is_read_out_on_none(contexts: Contexts, stamp: str) -> None:
    plain, stamped = read(report(), contexts()), read(report(), contexts(stamp=stamp))
    for page in stamped.reader.pages:
        assert stamp.title() in page.extract_text()
    assert stamped.words == plain.words
    assert stamped.headings == plain.headings


def test_the_csv_files_travel_inside_and_the_file_is_then_of_the_third_part(contexts: Contexts) -> None:
    found = read(report(), contexts(attach_data=True))
    assert "<pdfaid:part>3</pdfaid:part>" in found.xmp
    out = io.BytesIO()
    CSV.render(report(), contexts(compression="none"), rows_within, out)
    assert found.reader.attachments == {"campaigns.csv": [out.getvalue()]}


def test_a_password_locks_the_file_and_those_who_listen_still_may(contexts: Contexts) -> None:
    data = rendered(report(), contexts(password="a long word"))
    found = Pdf(data, "a long word")
    encryption: Any = found.reader.trailer["/Encrypt"]
    assert (encryption["/V"], encryption["/R"], encryption["/CF"]["/StdCF"]["/CFM"]) == (5, 6, "/AESV3")
    assert encryption["/P"] & 0b10_0000_0000
    assert "<pdfuaid:part>1</pdfuaid:part>" in found.xmp
    assert "pdfaid:part" not in found.xmp
    assert found.headings == read(report(), contexts()).headings
    assert b"Summer sale" not in data
    with pytest.raises(Exception, match="invalid password"):
        _ = Pdf(data).headings


HOSTILE = [
    '#eval("1+1") *bold* _x_ $x$ @a <b> `c` \\u{41} // x /* y */ = z',
    "a" * 400,
    "\x00\x07\tTab\nnew\u2028line\ud800",
    "#import \"@preview/x:1\": *",
    "[[{{%}}]]",
]  # fmt: skip


def test_data_is_never_run(contexts: Contexts) -> None:
    rows: list[Any] = [[text, 1] for text in HOSTILE]
    columns = (TableColumn(key="a", label=HOSTILE[0]), TableColumn(key="n", label="N", unit=Unit.COUNT))
    table = Table(key="t", title=HOSTILE[3], columns=columns, rows=rows)
    found = read(report(title=HOSTILE[0], subtitle=HOSTILE[1], blocks=(table,)), contexts())
    sheet = found.sheet(HOSTILE[3])
    assert [squeezed(row[0]) for row in sheet.texts] == [
        squeezed(HOSTILE[0]), "a" * 400, "Tabnewline", squeezed(HOSTILE[3]), "[[{{%}}]]",
    ]  # fmt: skip
    assert squeezed(sheet.heads[0]) == squeezed(HOSTILE[0])


def test_a_report_without_anything_still_is_a_file(contexts: Contexts) -> None:
    found = read(
        Document(kind="x.y", title="", as_of="2026-01-01T00:00:00Z", zone="UTC", blocks=()), contexts()
    )
    assert [title for _level, title in found.headings] == ["Contents", "About this report"]


def test_an_empty_table_says_so(contexts: Contexts) -> None:
    found = read(report(blocks=(campaigns_table(rows=[], totals=None), line_chart(series=()))), contexts())
    assert found.sheet("Campaigns").texts == [["No rows in this period"]]


def long_table(rows: int, columns: int = 3, **changes: Any) -> Table:
    heads = tuple(
        TableColumn(key=f"c{n}", label=f"Column number {n}", unit=Unit.COUNT if n else Unit.TEXT)
        for n in range(columns)
    )
    body: list[Any] = [[f"row {n}", *range(n, n + columns - 1)] for n in range(rows)]
    return Table(key="t", title="Long", file="long", columns=heads, rows=body, **changes)


def test_a_long_table_says_how_many_rows_it_leaves_out_and_where_they_are(contexts: Contexts) -> None:
    found = read(report(blocks=(long_table(30),)), contexts(table_rows=10))
    assert len(found.sheet("Long").rows) == 10
    assert "20 more rows are in the CSV file." in found.words
    with pytest.raises(Invalid, match="at most 5000 rows"):
        rendered(report(), contexts(table_rows=5001))


def test_a_long_table_repeats_its_head_on_every_page(contexts: Contexts) -> None:
    found = read(report(blocks=(long_table(200),)), contexts())
    pages = [page.extract_text() for page in found.reader.pages]
    with_rows = [text for text in pages if "row 1" in text]
    assert len(with_rows) > 2
    assert all("Column number 1" in text for text in with_rows)
    assert len(list(found.document.all("Table"))) == 2


def test_a_wide_table_goes_on_pages_on_their_side_in_bands_that_repeat_the_first_column(
    contexts: Contexts,
) -> None:
    found = read(report(blocks=(long_table(5, 60),)), contexts())
    sheet = found.sheet("Long")
    assert sheet.bands > 1
    assert sheet.heads == [f"Column number {n}" for n in range(60)]
    assert sheet.texts[4] == ["row 4", *(str(n) for n in range(4, 63))]
    assert sized(found) == {(595, 842), (842, 595)}
    assert f"Long: part 1 of {sheet.bands}" in found.words
    on_their_side = [page for page in found.reader.pages if page.mediabox.width > page.mediabox.height]
    assert "row 4" in "".join(page.extract_text() for page in on_their_side)


def test_a_character_that_no_font_has_is_named_and_costs_neither_file_nor_standard(
    contexts: Contexts,
) -> None:
    table = Table(
        key="t", title="T", columns=(TableColumn(key="a", label="A"),), rows=[["x\ue000y"], ["\ue001"]]
    )
    found = read(report(blocks=(table,)), contexts())
    assert found.sheet("T").texts == [["x\ufffdy"], ["\ufffd"]]
    assert (
        "No font of the server has 2 of the characters (U+E000, U+E001); � stands in their place."
        in found.words
    )
    assert "<pdfuaid:part>1</pdfuaid:part>" in found.xmp


LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10" width="40" height="10">'
    b'<rect width="40" height="10" fill="#c00"/></svg>'
)


@pytest.mark.requirement("AD-08")
def test_the_brand_stands_on_the_cover(contexts: Contexts) -> None:
    brand = Brand("#8a1538", LOGO, "image/svg+xml")
    found, plain = read(report(), replace(contexts(), brand=brand)), read(report(), contexts())
    assert found.figures[0] == "Acme"
    assert found.headings == plain.headings
    colour = tuple(round(part / 255, 2) for part in (0x8A, 0x15, 0x38))
    assert colour in cover_fills(found)
    assert colour not in cover_fills(plain)


def cover_fills(file: Pdf) -> set[tuple[float, ...]]:
    """The colours that something on the first page is filled with: red, green and blue up to one."""
    content = file.reader.pages[0].get_contents()
    assert content is not None
    fills = re.findall(rb"([\d.]+) ([\d.]+) ([\d.]+) (?:scn|rg)\b", content.get_data())
    return {tuple(round(float(part), 2) for part in fill) for fill in fills}


@pytest.mark.parametrize("logo", [b"", b"no picture", b"\x89PNG\r\n\x1a\nbroken"])
def test_a_logo_that_cannot_be_rendered_is_left_out(contexts: Contexts, logo: bytes) -> None:
    found = read(report(), replace(contexts(), brand=Brand(None, logo, "image/png")))
    assert len(found.figures) == 1


POSTS = Custom(
    kind="social.gallery",
    key="posts",
    data={},
    table=Table(key="posts", title="Posts", columns=(TableColumn(key="p", label="Post"),), rows=[["Hello"]]),
)


def test_a_plugin_renders_its_own_block_as_svg(contexts: Contexts) -> None:
    def render(_custom: Custom, _context: RenderContext) -> str:
        return LOGO.decode()

    context = replace(contexts(), blocks={"social.gallery": render})
    found = read(report(blocks=(Section("s", "S", (POSTS,)),)), context)
    assert found.figures == ["Posts"]


@pytest.mark.parametrize("made", ["", "<p>no</p>", None])
def test_a_block_whose_picture_cannot_be_set_is_its_table(contexts: Contexts, made: str | None) -> None:
    def render(_custom: Custom, _context: RenderContext) -> str:
        if made is None:
            raise RuntimeError("broken")
        return made

    found = read(report(blocks=(POSTS,)), replace(contexts(), blocks={"social.gallery": render}))
    assert found.sheet("Posts").texts == [["Hello"]]


def test_hidden_tables_stay_hidden(contexts: Contexts) -> None:
    hidden = msgspec.structs.replace(campaigns_table(), hidden=True)
    assert [one.title for one in read(report(blocks=(hidden,)), contexts()).sheets] == [
        "Where the figures come from"
    ]


def test_of_a_long_name_a_table_shows_some_lines(contexts: Contexts) -> None:
    columns = (TableColumn(key="n", label="Name"), TableColumn(key="f", label="Figure", unit=Unit.COUNT))
    table = Table(key="t", title="Names", columns=columns, rows=[["a" * 20_000, 1], ["The next", 2]])
    found = read(report(blocks=(table,)), contexts())
    text = squeezed(found.words)
    assert "Thenext" in text
    assert 100 < text.count("a" * 10) * 10 < 1_000
    assert "…" in text


def test_what_a_file_was_made_with_stands_in_the_foot_of_its_last_page(contexts: Contexts) -> None:
    found = read(report(), contexts())
    *before, last = [squeezed(page.extract_text()) for page in found.reader.pages]
    assert f"MadewithBilan{__version__}" in last
    assert not any("MadewithBilan" in page for page in before)


def test_no_file_ends_with_a_page_that_holds_one_line(contexts: Contexts) -> None:
    """Wherever the page happens to end: behind the last row, a definition or the sources."""
    columns = (TableColumn(key="n", label="Name"), TableColumn(key="f", label="Figure", unit=Unit.COUNT))
    pages = set[int]()
    for rows in (20, 24, 28, 29, 32, 33, 36, 40, 44, 45):
        table = Table(key="t", title="Names", columns=columns, rows=[[f"Row {n}", n] for n in range(rows)])
        found = read(report(blocks=(table,)), contexts())
        *_before, last = found.reader.pages
        said = [line for line in last.extract_text().splitlines() if line.strip()]
        # The first line is the head of the page, the last its foot.
        assert len(said) - 2 >= 3, (rows, said)
        pages.add(len(found.reader.pages))
    assert pages == {2, 3}
