"""What is a recipient's own in an e-mail: the addresses by which they confirm, look and unsubscribe."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bilan.delivery.email.headers import Sender
from bilan.delivery.email.message import address, compose, compose_plain
from bilan.delivery.email.plain import OutgoingMail, PlainLetter
from bilan.delivery.outbox import opened
from fixtures.documents import Contexts
from fixtures.smtp import read_mail
from support.letters import Words
from support.outgoing import NOON, ZOE, outgoing_report

pytestmark = pytest.mark.integration

FROM = Sender("bilan@bilan.example.org", "bilan.example.org")
HERE = "https://bilan.example.org"
LEAVE, CONFIRM = f"{HERE}/unsubscribe/99-", f"{HERE}/confirm/99-"
"""What stands in a composed message for the recipient's own addresses."""
OWN = replace(ZOE, subscription=f"{HERE}/unsubscribe/{'t' * 120}", confirmation=f"{HERE}/confirm/{'c' * 90}")


def sent(contexts: Contexts, language: str = "en", **changes: Any) -> bytes:
    report = outgoing_report(contexts(language), **changes)
    return address(compose(report, FROM, 10_000_000), OWN if report.subscription else ZOE, FROM).content


def said(content: bytes) -> tuple[str, str]:
    """The HTML's words and the text, with single spaces."""
    mail = opened(content)
    return Words(mail.html).text, " ".join(mail.text.split())


@pytest.mark.requirement("AP-27", "GO-11")
def test_one_click_in_a_mail_program_ends_it_by_an_address_in_one_line(contexts: Contexts):
    content = sent(contexts, subscription=LEAVE)
    # As RFC 8058 writes it, never encoded or folded within the address, however long that is.
    assert f"\r\nList-Unsubscribe: <{OWN.subscription}>\r\n".encode() in content
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in content
    mail = read_mail(content)
    assert mail["List-Unsubscribe"] == f"<{OWN.subscription}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (mail["Subject"], mail["Message-ID"]) != (None, None)


@pytest.mark.requirement("AP-27")
@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "See what you receive, or unsubscribe"), ("fr", "Voir ce que vous recevez, ou se désabonner")],
)
def test_both_texts_lead_to_what_the_recipient_gets_and_to_its_end(
    contexts: Contexts, language: str, words: str
):
    content = sent(contexts, language, subscription=LEAVE)
    html, text = said(content)
    assert words in html
    assert words in text
    assert f'href="{OWN.subscription}"' in opened(content).html
    # In a line of its own, so that programs find all of it.
    assert f"  {OWN.subscription}" in opened(content).text.splitlines()
    assert LEAVE not in opened(content).html.replace(OWN.subscription, "")


@pytest.mark.requirement("AP-26", "DC-01")
def test_the_first_report_asks_for_a_confirmation_before_the_figures(contexts: Contexts):
    content = sent(contexts, subscription=LEAVE, confirmation=CONFIRM)
    html, text = said(content)
    asked = "Confirm your address to receive the next ones; without that nothing more comes."
    for words in (html, text.replace("> ", "")):
        # Ahead of them all stands what mailboxes show beside the subject.
        figures = words.index("16,530", words.index("E-mail performance"))
        assert words.index(asked) < words.index("Confirm my address") < figures
    assert f'href="{OWN.confirmation}"' in opened(content).html
    assert f"  {OWN.confirmation}" in opened(content).text.splitlines()


def test_what_nobody_subscribed_to_has_nothing_to_end(contexts: Contexts):
    content = sent(contexts)
    assert read_mail(content)["List-Unsubscribe"] is None
    html, text = said(content)
    for words in (html, text):
        assert "unsubscribe" not in words
        assert "Olga chose you as a recipient; nothing more comes by itself." in words


def test_what_a_schedule_sends_says_that_it_comes_regularly(contexts: Contexts):
    for words in said(sent(contexts, subscription=LEAVE, scheduled=True)):
        assert "Olga chose you as a recipient of this report, which comes regularly." in words
        assert "nothing more comes by itself" not in words


@pytest.mark.requirement("AD-10")
@pytest.mark.parametrize(
    ("language", "subject", "alert"),
    [
        ("en", "Test: ", "This is a test that Olga sent to themselves; its links change nothing."),
        ("fr", "Test : ", "Ceci est un test que Olga s’est envoyé\u202f; ses liens ne changent rien."),
    ],
)
def test_a_test_says_that_it_is_one(contexts: Contexts, language: str, subject: str, alert: str):
    content = sent(contexts, language, subscription=LEAVE, test=True)
    assert read_mail(content)["Subject"].startswith(subject)
    html, text = said(content)
    assert " ".join(alert.split()) in html
    assert " ".join(alert.split()) in text.replace("> ", "")


def test_who_has_no_account_is_led_to_no_page_that_takes_one(contexts: Contexts):
    content = sent(contexts, page="", subscription=LEAVE)
    html, text = said(content)
    for words in (html, text):
        assert "Read the report online" not in words
        assert "the page of the report" not in words


def test_a_plain_mail_says_the_same_in_html_and_text_and_escapes_what_people_wrote(contexts: Contexts):
    letter = PlainLetter(
        "en", "ltr", "Acme", "Confirm\r\nBcc: eve@evil.example",
        ("<b>Olga</b> asks you.", "A second sentence."), ("Confirm my address", f"{HERE}/confirm/x"),
        ("Nothing more comes.",),
    )  # fmt: skip
    mail = OutgoingMail("9" * 32, letter, contexts(), NOON)
    content = address(compose_plain(mail, FROM), ZOE, FROM).content
    assert content == address(compose_plain(mail, FROM), ZOE, FROM).content
    found = read_mail(content)
    assert (found["Subject"], found["Bcc"]) == ("Confirm Bcc: eve@evil.example", None)
    assert (found["To"], found["From"]) == (
        "Zoë Überfall <zoe@example.org>", '"Acme (Bilan)" <bilan@bilan.example.org>',
    )  # fmt: skip
    html, text = said(content)
    assert "<b>Olga" not in opened(content).html
    for words in (html, text):
        for sentence in ("<b>Olga</b> asks you.", "A second sentence.", "Nothing more comes."):
            assert sentence in words
    assert f'href="{HERE}/confirm/x"' in opened(content).html
    assert f"  {HERE}/confirm/x" in opened(content).text.splitlines()
