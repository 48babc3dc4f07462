"""Galleries: the same cards in every format, with their pictures or what stands for them."""

from __future__ import annotations

import email
import re
from collections.abc import Mapping
from dataclasses import replace as replaced
from email.policy import default
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bilan.delivery.email.headers import Sender
from bilan.delivery.email.preview import preview
from bilan.rendering.blocks import render_blocks
from bilan.rendering.cards import LONGEST, beginning, shown_gallery, web_address
from bilan.rendering.csv_format import CSV
from bilan.rendering.drilldown_links import DrilldownLink
from bilan.rendering.html_format import HTML
from bilan.rendering.pdf.renderer import PDF
from bilan.rendering.tables import rows_within
from bilan.sdk.document import Cell, Gallery, Mark, Section
from bilan.sdk.rendering import RenderContext
from fixtures.documents import Contexts, report
from fixtures.galleries import ARABIC, HARBOUR, MARKET, ROLES, ROWS, posts
from support.alike.seen import rendered
from support.decks import deck, slides
from support.letters import Words
from support.outgoing import message_to, outgoing_report
from support.pdf import Pdf, squeezed
from support.photos import opened, photo
from support.slides import presentation

GALLERY = Gallery(table=posts(), **ROLES)
PICTURES: Mapping[str, bytes] = {HARBOUR: photo(size=(800, 450)), MARKET: photo("PNG", size=(300, 400))}
MISSING = "c" * 64
SENDER = Sender("reports@bilan.example.org", "bilan.example.org")


@pytest.fixture
def context(contexts: Contexts) -> RenderContext:
    return replaced(contexts(), pictures=PICTURES.get)


def page(context: RenderContext, gallery: Gallery = GALLERY, **options: Any) -> str:
    return str(render_blocks(report(blocks=(gallery,)), context, rows_within, **options))


def many(count: int) -> Gallery:
    return Gallery(table=posts(rows=[[*ROWS[0][:4], None, "", n, n, None] for n in range(count)]), **ROLES)


def test_a_card_says_whose_it_is_when_it_was_what_it_says_and_its_figures(context: RenderContext) -> None:
    first, second, *_others = shown_gallery(GALLERY, context, rows_within).cards

    assert (first.picture, first.caption, first.time) == (
        HARBOUR, "instagram · Café Nord", "Jul 3, 2026, 10:00\u202fAM CEST",
    )  # fmt: skip
    assert first.alt == "Picture: instagram · Café Nord, Jul 3, 2026, 10:00\u202fAM CEST"
    assert [(one.label, one.cell.text) for one in first.figures] == [
        ("Engagement", "1,250"), ("Reactions", "980"), ("Engagement rate", "8.2%"),
    ]  # fmt: skip
    assert (second.text, second.href) == ("<b>Markt</b> & mehr 🎉", "https://example.org/p/2")


def test_words_for_codes_stand_for_the_picture_that_is_missing(context: RenderContext) -> None:
    card = shown_gallery(GALLERY, context, rows_within).cards[2]

    assert (card.picture, card.blank) == ("", "X (Twitter)")


def test_what_is_past_twelve_is_in_the_table_alone(context: RenderContext) -> None:
    shown = shown_gallery(many(40), context, rows_within)

    assert len(shown.cards) == 12
    assert shown.left_out == "28 more rows are in the CSV file."


@pytest.mark.requirement("AP-15")
def test_a_long_text_is_cut_between_words_and_whole_in_the_table(context: RenderContext) -> None:
    text = str(ROWS[0][3])
    card = shown_gallery(GALLERY, context, rows_within).cards[0]

    assert len(text) > LONGEST
    assert card.text.endswith("…")
    assert text.startswith(card.text[:-1] + " ")
    assert text in page(context)


@given(st.text(max_size=60), st.integers(1, 40))
def test_a_beginning_is_one_line_no_longer_than_it_may_be(text: str, longest: int) -> None:
    cut = beginning(text, longest)

    assert len(cut) <= longest + 1
    assert cut == " ".join(text.split()) or cut.endswith("…")


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("港の朝の市場はとても静かです", "港の朝の市場…"),
        ("abcde👩‍👩‍👧 fin", "abcde…"),
        ("abcdé" + "e\u0301clair", "abcdé…"),
        ("seven eight", "seven…"),
        ("a b c d e", "a b c…"),
    ],
)
def test_a_sign_of_several_characters_is_never_cut(text: str, cut: str) -> None:
    assert beginning(text, 6) == cut


ADDRESSES = {
    "https://example.org/p/1": "https://example.org/p/1",
    " http://example.org ": "http://example.org",
    "javascript:alert(1)": "",
    "//example.org": "",
    "https:///p": "",
    "data:text/html,x": "",
    "https://[::1": "",
    "http://[": "",
    "https://example.org:0x50/": "",
    "https://a b.example/": "",
    "https://example.org@evil.example/": "",
    'https://example.org/a b?c="d"&e=%zz%20[f]': "https://example.org/a%20b?c=%22d%22&e=%25zz%20%5Bf%5D",
    "https://été.example/é": "https://%C3%A9t%C3%A9.example/%C3%A9",
    "https://example.org/\ud800": "",
    f"https://example.org/{'a' * 1980}": f"https://example.org/{'a' * 1980}",
    f"https://example.org/{'a' * 5000}": "",
    "": "",
}


@pytest.mark.parametrize("written", ADDRESSES)
def test_cards_lead_to_addresses_of_the_web_alone(written: str) -> None:
    assert web_address(written) == ADDRESSES[written]


# ---- page and HTML file -------------------------------------------------------------------------


def test_a_page_asks_for_the_pictures_that_there_are(context: RenderContext) -> None:
    def address(key: str) -> str:
        return f"/pictures/{key}" if key in PICTURES else ""

    html = page(context, pictures=address)

    assert re.findall(r'<img src="([^"]+)"', html) == [f"/pictures/{HARBOUR}", f"/pictures/{MARKET}"]
    assert html.count('class="gallery-blank" aria-hidden="true"') == 2
    assert "javascript:" not in re.sub(r"<t[dh].*", "", html)


def test_a_file_brings_its_pictures_along_and_asks_nobody(context: RenderContext) -> None:
    html = rendered(HTML, report(blocks=(GALLERY,)), rows_within, context).decode()

    sources = re.findall(r'<img src="([^"]+)"', html)
    assert [one.partition(",")[0] for one in sources] == [
        "data:image/jpeg;base64", "data:image/png;base64",
    ]  # fmt: skip
    assert "img-src data:" in html


def test_figures_on_cards_lead_to_their_rows_and_no_id_stands_twice(context: RenderContext) -> None:
    def links(_block: object, place: str, _value: object) -> DrilldownLink:
        return DrilldownLink(f"/rows?{place}", f"figure-{place}")

    html = page(context, links=links)

    idents = re.findall(r' id="([^"]+)"', html)
    assert len(idents) == len(set(idents))
    card = html[html.index('<li class="gallery-card">') : html.index("</li>")]
    assert re.findall(r'id="(figure-r0c\d)" href="/rows\?(r0c\d)"', card) == [
        ("figure-r0c6", "r0c6"), ("figure-r0c7", "r0c7"), ("figure-r0c8", "r0c8"),
    ]  # fmt: skip


def test_cards_keep_their_order_where_the_table_is_sorted(context: RenderContext) -> None:
    def sorted_rows(table: Any) -> Any:
        return iter(table.rows[::-1] if table.key == "best" else table.rows)

    html = str(render_blocks(report(blocks=(GALLERY,)), context, sorted_rows))

    assert html.index("<li") < html.index("instagram · Café Nord") < html.index("mastodon · 北カフェ")


def test_marks_on_cards_are_explained(context: RenderContext) -> None:
    rows = [[*ROWS[0][:6], Cell(1250, Mark.REPORTED), 980, Cell(0.01, Mark.RED_FLAG)]]
    html = page(context, replace(GALLERY, table=posts(rows=rows)))

    card = html[html.index('<li class="gallery-card">') : html.index("</li>")]
    assert card.count('<sup class="sign">') == 2
    assert 'class="alert"' in card
    assert "as reported" in html[html.index("footnotes") :].lower()


def test_a_gallery_without_rows_says_so(context: RenderContext) -> None:
    html = page(context, Gallery(table=posts(rows=[]), **ROLES))

    assert "No rows in this period" in html
    assert "<details" not in html


# ---- PDF ----------------------------------------------------------------------------------------


def test_a_pdf_has_the_pictures_with_their_texts_and_links(context: RenderContext) -> None:
    document = report(blocks=(Section("best", "Best posts", (GALLERY,)),))
    pdf = Pdf(rendered(PDF, document, rows_within, context))

    assert [one.partition(",")[0] for one in pdf.figures] == [
        "Picture: instagram · Café Nord", "Picture: facebook · Café Nord",
    ]  # fmt: skip
    words = squeezed(pdf.words)
    assert squeezed("Engagement1,250Reactions980Engagement rate8.2%") in words
    assert squeezed("X (Twitter)") in words
    links = [one.whole for one in pdf.document.all("Link")]
    assert [squeezed(one) for one in links if "·" in one] == [
        squeezed("instagram · Café Nord"), squeezed("facebook · Café Nord"),
    ]  # fmt: skip
    assert b"ua-1" in pdf.xmp.lower().encode() or "pdfuaid" in pdf.xmp


def test_a_pdf_is_the_same_bytes_each_time_also_from_right_to_left(contexts: Contexts) -> None:
    arabic = replaced(contexts("ar"), pictures=PICTURES.get)
    document = report(blocks=(Gallery(table=posts(rows=[ARABIC, *ROWS]), **ROLES),))

    first, second = (rendered(PDF, document, rows_within, arabic) for _time in range(2))

    assert first == second
    assert len(Pdf(first).figures) == 2


def test_a_picture_that_cannot_be_read_costs_no_report(contexts: Contexts) -> None:
    broken = replaced(contexts(), pictures={HARBOUR: b"no picture"}.get)

    assert Pdf(rendered(PDF, report(blocks=(GALLERY,)), rows_within, broken)).figures == []
    assert "<img" not in rendered(HTML, report(blocks=(GALLERY,)), rows_within, broken).decode()
    assert slides(broken, GALLERY)[0].title == "Best posts"


# ---- slides -------------------------------------------------------------------------------------


def test_a_slide_has_four_cards_with_real_pictures(context: RenderContext) -> None:
    made = deck(context, GALLERY)
    (_cover, slide) = presentation(made).slides
    pictures = [one for one in slide.shapes if one.shape_type == 13]

    assert [opened(one.image.blob).size for one in pictures] == [(800, 450), (300, 400)]
    assert [round(one.width / one.height, 2) for one in pictures] == [1.33, 1.33]
    wide, tall = pictures
    assert (round(wide.crop_left, 3), wide.crop_top) == (0.125, 0)
    assert (tall.crop_left, round(tall.crop_top, 3)) == (0, 0.219)
    assert [one.click_action.hyperlink.address for one in pictures] == [
        "https://example.org/p/1", "https://example.org/p/2",
    ]  # fmt: skip
    (read,) = slides(context, GALLERY)
    assert [text.partition(",")[0] for text in read.described.values()] == [
        "Picture: instagram · Café Nord", "Picture: facebook · Café Nord",
    ]  # fmt: skip
    assert read.undescribed == []
    assert "Engagement\t1,250\nReactions\t980\nEngagement rate\t8.2%" in read.texts
    assert "X (Twitter)" in read.texts
    assert "facebook · Café Nord · Jul 10, 2026, 7:30\u202fPM CEST: Engagement 830" in read.notes


def test_twelve_cards_take_two_slides_and_the_last_says_what_is_left_out(context: RenderContext) -> None:
    shown = slides(context, many(40))

    assert [one.title for one in shown] == [
        "Best posts", "Best posts – continued (2 of 2)",
    ]  # fmt: skip
    left_out = "28 more rows are in the CSV file."
    assert [left_out in one.texts for one in shown] == [False, True]


def test_the_figures_of_six_cards_stand_whole_beside_their_names(context: RenderContext) -> None:
    (_cover, slide) = presentation(deck(context, many(6))).slides
    texts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    assert [f"Engagement\t{n}\nReactions\t{n}\nEngagement rate\t–" in texts for n in range(6)] == [True] * 6


def test_everything_on_a_card_stays_inside_it(context: RenderContext) -> None:
    long = "Engagement of everybody who has ever seen it anywhere"
    columns = tuple(replace(one, label=long) if one.key == "rate" else one for one in posts().columns)
    rows = [[ROWS[0][0], "a" * 90, "b" * 90, "Wort " * 200, *ROWS[0][4:]]] * 4
    (_cover, slide) = presentation(
        deck(context, Gallery(table=posts(columns=columns, rows=rows), **ROLES))
    ).slides
    shapes = [one for one in slide.shapes if not one.is_placeholder]
    cards = [one for one in shapes if one.name == "–" and one.height > 2_000_000]

    assert len(cards) == 4
    for one in shapes:
        assert any(
            card.left <= one.left
            and one.left + one.width <= card.left + card.width + 2
            and card.top <= one.top
            and one.top + one.height <= card.top + card.height + 2
            for card in cards
        ), one.name


# ---- e-mail -------------------------------------------------------------------------------------


def test_a_letter_has_the_first_cards_with_small_pictures_inside(context: RenderContext) -> None:
    outgoing = outgoing_report(context, document=report(blocks=(GALLERY,)))
    content, _attached = message_to(outgoing, SENDER, 10**7)
    message = email.message_from_bytes(content, policy=default)
    parts = {part.get_content_type(): part for part in message.walk()}
    html, text = (parts[f"text/{kind}"].get_content() for kind in ("html", "plain"))

    inline = [part for part in message.walk() if part.get_content_maintype() == "image"]
    assert [opened(part.get_content()).size for part in inline] == [(240, 180), (240, 180)]
    for part in inline:
        assert f"cid:{part['content-id'].strip('<>')}" in html
    said = Words(html).text
    for words in ("instagram · Café Nord", "Engagement: 1,250", "Reactions: 980", "Engagement rate: 8.2%"):
        assert words in re.sub(r"\s+", " ", said), words
    for line in ("instagram · Café Nord · Jul 3, 2026", "Engagement:", "https://example.org/p/1"):
        assert line in text, line
    assert str(ROWS[0][3]) not in text
    assert "javascript:" not in html + text


def test_a_letter_says_how_many_things_are_not_in_it(context: RenderContext) -> None:
    outgoing = outgoing_report(context, document=report(blocks=(many(9),)))

    assert "5 more are on the page of the report." in preview(outgoing, 10**7)


def test_the_look_at_a_letter_shows_its_pictures(context: RenderContext) -> None:
    outgoing = outgoing_report(context, document=report(blocks=(GALLERY,)))

    html = preview(outgoing, 10**7)

    assert html.count("data:image/jpeg;base64,") == 1
    assert html.count("data:image/png;base64,") == 1


def test_galleries_are_what_their_tables_are_in_data_files(context: RenderContext) -> None:
    plain = replaced(context, options={"compression": "none", "machine": True})

    lines = rendered(CSV, report(blocks=(GALLERY,)), rows_within, plain).decode("utf-8-sig").splitlines()

    assert lines[0].split(",")[:6] == ["published_at", "network", "profile", "text", "url", "picture"]
    assert HARBOUR in lines[1]
