"""E-mails: figures as text first, pictures inside, the same figures in both texts, nothing from outside."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from PIL import Image

from bilan.delivery.email.channel import sender_of
from bilan.delivery.email.headers import Sender
from bilan.delivery.email.message import HEADROOM
from bilan.delivery.email.parts import COLUMNS, ROWS
from bilan.delivery.outbox import opened
from bilan.rendering.csv_format import CSV
from bilan.sdk.document import Document, Notice, Table, TableColumn
from bilan.sdk.messages import messages
from bilan.sdk.rendering import Brand, RenderContext
from bilan.sdk.units import Unit
from fixtures.documents import Contexts, campaigns_table, report
from fixtures.smtp import read_mail
from support.letters import Words
from support.outgoing import IDENT, ZOE, message_to, outgoing_report, report_file

pytestmark = pytest.mark.integration

_ = messages("bilan")[0]

FROM = Sender("bilan@bilan.example.org", "bilan.example.org")
BUDGET = 10_000_000


def figures(text: str) -> list[str]:
    """Every number of a text that counts something, sorted."""
    return sorted(re.findall(r"\d[\d,.]*\d|\d", text))


FIGURES = (
    "16,530", "+10.2%", "previously 15,000", "34.2%", "−1.9 pt", "previously 36.1%", "120", "+20.0%",
    "12,450", "42.3%", "0.52%", "880", "439", "73", "no earlier figure",
)  # fmt: skip


def test_a_file_for_which_there_is_no_table_is_told_of_in_html_and_text(contexts: Contexts):
    report = outgoing_report(contexts(), [], page="", without=(CSV.label,))
    mail = opened(message_to(report, FROM, BUDGET)[0])
    said = "There is no CSV file: the report has no table to put in it."
    assert said in Words(mail.html).text
    assert said in " ".join(mail.text.split())


@pytest.mark.requirement("GO-12", "BZ-02")
def test_html_and_text_hold_every_figure_also_without_pictures(contexts: Contexts):
    content, _attached = message_to(outgoing_report(contexts()), FROM, BUDGET)
    mail = opened(content)
    html, text = Words(mail.html).text, " ".join(mail.text.split())
    for figure in FIGURES:
        assert figure in html
        assert figure in text
    for said in ("as reported", "Past the limit that asks for attention.", "Test campaigns are left out."):
        assert said in html
        assert said in text


@pytest.mark.requirement("GO-12")
@pytest.mark.parametrize("attach", [False, True])
def test_in_french_a_space_that_is_not_broken_at_stands_before_every_colon(contexts: Contexts, attach: bool):
    blocks = (*report().blocks, Notice(level="warning", text=_("Clicks are missing.")))
    document = report(blocks=blocks, title="Juillet", subtitle="")
    sent = outgoing_report(contexts("fr"), [report_file()], document=document, attach=attach)
    mail = opened(message_to(sent, FROM, BUDGET)[0])
    shown = unescape(re.sub(r"<(style|title).*?</\1>|<!--.*?-->|<[^>]*>", "", mail.html, flags=re.DOTALL))
    assert re.findall(r".{12}(?<!\xa0):(?!//|\d)", shown + mail.text) == []
    preview = re.search(r"display:\s*none[^>]*>([^<]*)<", mail.html)
    assert preview is not None
    assert unescape(preview[1]).startswith("Sends\xa0: 16\u202f530 · ")
    assert "Période\xa0: 1" in shown
    for said in (
        "Période\xa0:",
        "Chiffres arrêtés au\xa0:",
        "Lire le rapport en ligne\xa0: https://",
        "Sends\xa0:",
    ):
        assert said in mail.text


@pytest.mark.requirement("GO-12")
def test_charts_are_inside_with_alternative_text_and_nothing_comes_from_outside(contexts: Contexts):
    content, _attached = message_to(outgoing_report(contexts(), [report_file()]), FROM, BUDGET)
    mail = read_mail(content)
    html = mail.get_body(("html",))
    assert html is not None
    words = Words(html.get_content())
    pictures = [attributes for tag, attributes in words.tags if tag == "img"]
    assert [one["alt"] for one in pictures] == [
        "Opens and clicks by day. Opens rise through the month; clicks stay level."
    ]
    cids = {
        f"cid:{str(part['Content-ID'])[1:-1]}": part
        for part in mail.walk()
        if part.get_content_maintype() == "image"
    }
    assert {one["src"] for one in pictures} == set(cids)
    (chart,) = cids.values()
    assert chart.get_content_disposition() == "inline"
    assert chart.get_content().startswith(b"\x89PNG")
    links = [one["href"] for tag, one in words.tags if tag == "a"]
    assert links == ["https://bilan.example.org/runs/1", "https://bilan.example.org/links/AAAA.BBBB"]
    assert not {tag for tag, _attributes in words.tags} & {"script", "svg", "link", "iframe", "form"}
    assert "url(" not in html.get_content()
    assert "@import" not in html.get_content()
    assert "prefers-color-scheme: dark" in html.get_content()


def test_what_people_wrote_is_text_and_never_markup_or_a_header(contexts: Contexts):
    context = RenderContext(contexts().formatter, "Acme\r\nBcc: eve@example.org", {})
    content, _attached = message_to(
        outgoing_report(
            context,
            [report_file(name="a\r\nX-Evil: 1.zip")],
            sender='Olga"<eve@example.org>',
            message="<script>alert(1)</script>\n.\nQUIT",
            document=report(title="July\r\nBcc: eve@example.org <b>"),
            attach=True,
        ),
        FROM,
        BUDGET,
        replace(ZOE, name="Zoë\r\nBcc: eve@example.org"),
    )
    mail = read_mail(content)
    assert mail["Bcc"] is None
    assert mail["X-Evil"] is None
    assert mail["Subject"] == "July Bcc: eve@example.org <b> · Jul 1 – 31, 2026"
    assert [one.addr_spec for one in mail["To"].addresses] == ["zoe@example.org"]
    assert [one.addr_spec for one in mail["Reply-To"].addresses] == ["olga@example.org"]
    assert "<script>" not in opened(content).html
    assert "&lt;script&gt;" in opened(content).html


def test_letters_beyond_ascii_survive_and_the_message_itself_is_ascii(contexts: Contexts):
    content, attached = message_to(
        outgoing_report(
            contexts("fr"), [report_file()], attach=True, document=report(title="Été à l’œuvre ✓ 夏")
        ),
        FROM,
        BUDGET,
    )
    assert attached
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998
    mail = read_mail(content)
    assert mail["Subject"].startswith("Été à l’œuvre ✓ 夏")
    assert mail["To"].addresses[0].display_name == "Zoë Überfall"
    (file,) = mail.iter_attachments()
    assert file.get_filename() == "Été à l’œuvre 2026-08-01.zip"
    assert file.get_content() == b"PK rest"
    assert mail["Content-Language"] == "fr"
    html = opened(content).html
    assert '<html lang="fr" dir="ltr">' in html
    assert "16\u202f530" in html


def test_the_same_report_gives_the_same_bytes_and_tells_nothing_of_the_machine(contexts: Contexts):
    import socket

    one, other = (
        message_to(outgoing_report(contexts(), [report_file()]), FROM, BUDGET)[0] for _time in range(2)
    )
    assert one == other
    assert f"@{socket.gethostname()}".encode() not in one
    assert read_mail(one)["Message-ID"] == f"<{IDENT}@bilan.example.org>"
    assert read_mail(one)["Date"] == "Sat, 01 Aug 2026 12:00:00 +0000"


def test_files_are_attached_within_the_budget_of_the_whole_message(contexts: Contexts):
    file = report_file(b"x" * 200_000)
    content, attached = message_to(outgoing_report(contexts(), [file], attach=True), FROM, 400_000)
    assert (attached, len(content) < 400_000) == (True, True)
    assert "The file is attached to this e-mail." in opened(content).text
    assert "/links/" not in opened(content).text
    size = len(content)
    # What one recipient's address adds is allowed for, since the message is composed for all of them.
    assert message_to(outgoing_report(contexts(), [file], attach=True), FROM, size + HEADROOM)[1]
    content, attached = message_to(outgoing_report(contexts(), [file], attach=True), FROM, size)
    assert (attached, len(content) < 200_000) == (False, True)
    for said in (Words(opened(content).html).text, " ".join(opened(content).text.split())):
        assert "The file is too large for an e-mail, so here is a link to it." in said
        assert "The link works without a sign-in until Aug 8, 2026, 2:00 PM CEST." in said


def wide(rows: int, columns: int) -> Document:
    head = (TableColumn(key="name", label="Name"), TableColumn(key="tags", label="Tags", unit=Unit.TEXTS))
    counted = tuple(TableColumn(key=f"c{n}", label=f"Col {n}", unit=Unit.COUNT) for n in range(columns))
    values: list[list[Any]] = [
        [f"Row {n}", ["x"], *(1000 * n + place for place in range(columns))] for n in range(1, rows + 1)
    ]
    table = Table(key="wide", title="Wide", columns=head + counted, rows=values, totals=None)
    return report(blocks=(table,))


def test_of_a_wide_and_long_table_the_first_rows_and_figures_are_shown_and_the_rest_is_named(
    contexts: Contexts,
):
    content, _attached = message_to(outgoing_report(contexts(), document=wide(12, 6)), FROM, BUDGET)
    for said in (Words(opened(content).html).text, " ".join(opened(content).text.split())):
        assert "Row 10" in said
        assert "Row 11" not in said
        assert "Col 3" in said
        assert "Col 4" not in said
        assert "Tags" not in said
        assert f"These are the first {ROWS} of 12 rows. These are {COLUMNS} of 8 columns." in said
        assert "The page of the report shows everything." in said


def test_numbers_of_html_and_text_are_the_same_to_the_last_one(contexts: Contexts):
    document = report(blocks=(campaigns_table(), *wide(3, 3).blocks))
    mail = opened(message_to(outgoing_report(contexts(), document=document), FROM, BUDGET)[0])
    html = Words(re.sub(r"<div style=\"display:\s*none.*?</div>", "", mail.html)).text
    text = mail.text.replace("https://bilan.example.org/runs/1", "")
    assert figures(html) == figures(text)


def test_a_hidden_table_stays_out_and_chosen_parts_are_kept(contexts: Contexts):
    content, _attached = message_to(
        outgoing_report(contexts(), document=report(blocks=(campaigns_table(hidden=True),))), FROM, BUDGET
    )
    assert "Summer sale" not in opened(content).html
    context = RenderContext(contexts().formatter, "Acme", {"blocks": ["campaigns"]})
    content, _attached = message_to(outgoing_report(context), FROM, BUDGET)
    assert "Summer sale" in opened(content).html
    assert "16,530 (up" not in opened(content).text


@pytest.mark.requirement("AD-08")
@pytest.mark.parametrize(("kind", "written"), [("image/png", "PNG"), ("image/jpeg", "JPEG")])
def test_the_brand_stands_in_the_mail(contexts: Contexts, kind: str, written: str):
    made = io.BytesIO()
    Image.new("RGB", (300, 100), "#a3195b").save(made, written)
    context = RenderContext(contexts().formatter, "Acme", {}, brand=Brand("#ffcc00", made.getvalue(), kind))
    mail = read_mail(message_to(outgoing_report(context, [report_file()]), FROM, BUDGET)[0])
    html = mail.get_body(("html",))
    assert html is not None
    logo = next(one for tag, one in Words(html.get_content()).tags if tag == "img")
    assert (logo["alt"], logo["width"], logo["height"]) == ("Acme", "120", "40")
    assert mail["From"].addresses[0].display_name == "Acme (Bilan)"
    # Yellow cannot be read on white, and so becomes darker.
    assert 'bgcolor="#907300"' in html.get_content()
    assert "#ffcc00" not in html.get_content()
    assert sum(part.get_content_type() == kind for part in mail.walk()) >= 1


def test_arabic_runs_from_the_right(contexts: Contexts):
    html = opened(message_to(outgoing_report(contexts("ar"), [report_file()]), FROM, BUDGET)[0]).html
    assert 'dir="rtl"' in html
    assert 'align="left">Sends' in html or "<bdi>Sends</bdi>" in html


@pytest.mark.parametrize(
    ("address", "url", "expected"),
    [
        ("", "https://bilan.example.org", Sender("bilan@bilan.example.org", "bilan.example.org")),
        ("", "http://127.0.0.1:8000", Sender("bilan@localhost", "localhost")),
        ("", "http://[::1]:8000", Sender("bilan@localhost", "localhost")),
        ("Reports@Acme.org", "https://b.acme.org:444", Sender("reports@acme.org", "b.acme.org")),
    ],
)
def test_the_sender_is_named_after_the_address_of_the_server(address: str, url: str, expected: Sender):
    assert sender_of(address, url) == expected


def test_addresses_of_any_letters_stand_in_headers_as_servers_take_them(contexts: Contexts):
    report = outgoing_report(contexts(), sender_address="josé@example.org")
    sender, zoe = Sender("bilan@exämple.org", "bilan.example.org"), replace(ZOE, address="zoe@exämple.org")
    content, _attached = message_to(report, sender, BUDGET, zoe)
    assert b"<bilan@xn--exmple-cua.org>" in content
    assert b"<zoe@xn--exmple-cua.org>" in content
    assert b"Reply-To" not in content
    assert content.isascii()
    report = outgoing_report(contexts(), sender_address="ida@exämple.org")
    content, _attached = message_to(report, FROM, BUDGET, replace(ZOE, address="zoé@example.org"))
    assert "<zoé@example.org>".encode() in content
    assert b"<ida@xn--exmple-cua.org>" in content


def test_a_column_with_neither_name_nor_values_stops_no_mail(contexts: Contexts):
    columns = (TableColumn(key="sign", label="", unit=Unit.TEXT), TableColumn(key="sent", label="Sent"))
    table = Table(key="t", title="Signs", columns=columns, rows=[])
    plain = read_mail(
        message_to(outgoing_report(contexts(), document=report(blocks=(table,))), FROM, BUDGET)[0]
    )
    body = plain.get_body(("plain",))
    assert body is not None
    assert "   Sent\n-  ----\n" in body.get_content().replace("\r\n", "\n")


def test_of_a_long_name_a_letter_holds_the_beginning(contexts: Contexts):
    columns = (TableColumn(key="n", label="Name"), TableColumn(key="f", label="Opens", unit=Unit.COUNT))
    table = Table(key="t", title="Names", columns=columns, rows=[["ж" * 20_000, 1]], totals=None)
    content, _attached = message_to(
        outgoing_report(contexts(), document=report(blocks=(table,))), FROM, BUDGET
    )
    mail = opened(content)
    for words in (Words(mail.html).text, mail.text):
        assert words.count("ж") == 120
