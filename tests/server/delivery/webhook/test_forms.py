"""What a webhook posts: JSON for programs, and what the incoming webhook of each chat reads."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from bilan.delivery.outbox import opened_post
from bilan.delivery.webhook.channel import WebhookTransport
from bilan.delivery.webhook.forms import FORMS
from bilan.delivery.webhook.notice import WebhookNotice, for_recipient, write_notice
from bilan.outbound import PrivateHosts
from bilan.sdk.channels import Recipient
from bilan.sdk.document import Kpi, Kpis
from bilan.sdk.messages import Message, messages
from bilan.sdk.units import Unit
from fixtures.documents import Contexts, report
from support.outgoing import IDENT, outgoing_report, report_file

_ = messages("bilan")[0]
PAGE = "https://bilan.example.org/runs/1"
LINK = "https://bilan.example.org/links/own"
CHATS = ("slack", "teams", "google_chat", "mattermost")
HEADLINE = "July · Jul 1 – 31, 2026"
FINDING = "Sends rose by a tenth."
HOSTILE = "<!channel> @all *x* [y](https://evil.example) <b>z</b> & <users/all>"


@pytest.fixture
def notice(contexts: Contexts) -> WebhookNotice:
    return written(contexts)


def written(
    contexts: Contexts, *, finding: str = FINDING, language: str = "en", **more: Any
) -> WebhookNotice:
    """A notice about two figures and a file, with a recipient's own link."""
    tiles = (
        Kpi(key="sends", label=_("Sends"), value=16530, previous=15000, compared=True, lead=True),
        Kpi(key="open_rate", label=_("Open rate"), value=0.342, unit=Unit.PROPORTION, lead=True),
    )
    document = report(
        blocks=(Kpis(key="totals", headline=Message(finding), tiles=tiles),), title="July", subtitle=""
    )
    outgoing = outgoing_report(contexts(language), [report_file()], document=document, **more)
    return for_recipient(write_notice(outgoing), [LINK])


def posted(form: str, notice: WebhookNotice) -> Any:
    """The body as the other side reads it."""
    return json.loads(msgspec.json.encode(FORMS[form](notice, IDENT)))


def test_a_program_gets_the_figures_as_numbers_and_as_they_are_shown(notice: WebhookNotice) -> None:
    assert posted("json", notice) == {
        "type": "report.sent",
        "version": 1,
        "id": IDENT,
        "sent_at": "2026-08-01T12:00:00+00:00",
        "workspace": "Acme",
        "sender": "Olga",
        "message": "",
        "language": "en",
        "report": {
            "kind": "email.performance",
            "title": "July",
            "period": {"first": "2026-07-01", "last": "2026-07-31"},
            "zone": "Europe/Paris",
            "as_of": "2026-08-01T06:00:00+00:00",
            "page": PAGE,
        },
        "findings": [FINDING],
        "figures": [
            {
                "label": "Sends",
                "text": "16,530",
                "change": "+10.2%",
                "remarks": [],
                "value": 16530,
                "previous": 15000,
                "unit": "count",
                "metric": None,
            },
            {
                "label": "Open rate",
                "text": "34.2%",
                "change": "",
                "remarks": [],
                "value": 0.342,
                "previous": None,
                "unit": "proportion",
                "metric": None,
            },
        ],
        "files": [
            {
                "name": "Été à l’œuvre 2026-08-01.zip",
                "label": "CSV",
                "media_type": "application/zip",
                "size": 7,
                "url": LINK,
            }
        ],
        "links_until": "2026-08-08T12:00:00+00:00",
    }


def test_slack_reads_blocks(notice: WebhookNotice) -> None:
    body = posted("slack", notice)
    header, finding, figures, links, footer = body["blocks"]
    assert body["text"] == HEADLINE
    assert header == {"type": "header", "text": {"type": "plain_text", "text": body["text"], "emoji": False}}
    assert finding == {"type": "section", "text": {"type": "plain_text", "text": FINDING, "emoji": False}}
    assert [one["text"] for one in figures["fields"]] == ["Sends\n16,530 (+10.2%)", "Open rate\n34.2%"]
    assert links["text"] == {
        "type": "mrkdwn",
        "text": f"<{PAGE}|Read the report online>\n<{LINK}|CSV: Été à l’œuvre 2026-08-01.zip>",
        "verbatim": True,
    }
    assert footer["elements"][0]["text"].startswith(
        "Olga sends you this report. The link works without a sign-in until "
    )


def test_teams_reads_an_adaptive_card(notice: WebhookNotice) -> None:
    body = posted("teams", notice)
    (attachment,) = body["attachments"]
    assert (body["type"], attachment["contentType"]) == (
        "message",
        "application/vnd.microsoft.card.adaptive",
    )
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    said = ["".join(run["text"] for run in block["inlines"]) for block in card["body"]]
    assert said[:4] == [
        HEADLINE,
        FINDING,
        "Sends  16,530 (+10.2%)",
        "Open rate  34.2%",
    ]
    assert {run["type"] for block in card["body"] for run in block["inlines"]} == {"TextRun"}
    assert [(one["type"], one["title"], one["url"]) for one in card["actions"]] == [
        ("Action.OpenUrl", "Read the report online", PAGE),
        ("Action.OpenUrl", "CSV: Été à l’œuvre 2026-08-01.zip", LINK),
    ]


def test_google_chat_reads_a_card(notice: WebhookNotice) -> None:
    (card,) = posted("google_chat", notice)["cardsV2"]
    assert card["cardId"] == IDENT
    assert card["card"]["header"] == {"title": HEADLINE, "subtitle": "Acme"}
    (section,) = card["card"]["sections"]
    finding, sends, _rate, buttons, footer = section["widgets"]
    assert footer["textParagraph"]["text"].startswith("Olga sends you this report. The link")
    assert finding == {"textParagraph": {"text": FINDING}}
    assert sends == {"decoratedText": {"topLabel": "Sends", "text": "16,530 (+10.2%)", "wrapText": True}}
    assert [one["onClick"]["openLink"]["url"] for one in buttons["buttonList"]["buttons"]] == [PAGE, LINK]


def test_mattermost_reads_an_attachment(notice: WebhookNotice) -> None:
    (attachment,) = posted("mattermost", notice)["attachments"]
    assert (attachment["title"], attachment["title_link"]) == (HEADLINE, PAGE)
    *lines, footer = attachment["text"].split("\n\n")
    assert footer.startswith(r"Olga sends you this report\. The link")
    assert lines == [
        r"Sends rose by a tenth\.",
        f"[Read the report online]({PAGE})",
        rf"[CSV: Été à l’œuvre 2026\-08\-01\.zip]({LINK})",
    ]
    assert attachment["fields"] == [
        {"short": True, "title": "Sends", "value": r"16,530 \(\+10\.2%\)"},
        {"short": True, "title": "Open rate", "value": r"34\.2%"},
    ]


@pytest.mark.parametrize("form", FORMS)
def test_without_a_page_and_files_there_are_no_links(notice: WebhookNotice, form: str) -> None:
    body = json.dumps(posted(form, msgspec.structs.replace(notice, page="", files=(), files_note="")))
    assert "bilan.example.org" not in body
    assert FINDING.removesuffix(".") in body


@pytest.mark.parametrize("form", CHATS)
def test_foreign_words_are_shown_and_become_neither_markup_nor_calls(contexts: Contexts, form: str) -> None:
    notice = written(contexts, finding=HOSTILE, message=HOSTILE, sender=HOSTILE)
    body = json.dumps(posted(form, notice), ensure_ascii=False)
    if form in ("slack", "google_chat"):
        # Every text but the header's is read as markup of its own.
        assert "<!channel>" not in body
        assert "<b>" not in body
        assert "&lt;!channel&gt;" in body
    elif form == "mattermost":
        assert "@all" not in body
        assert "](https://evil" not in body
    else:
        assert {run["type"] for block in card_of(body)["body"] for run in block["inlines"]} == {"TextRun"}


def card_of(body: str) -> Any:
    return json.loads(body)["attachments"][0]["content"]


@pytest.mark.parametrize("form", CHATS)
def test_long_words_are_cut_to_what_the_chat_takes(contexts: Contexts, form: str) -> None:
    endless = written(contexts, finding="&" * 3000, message="ü" * 2000)
    body = posted(form, msgspec.structs.replace(endless, headline="&" * 500))
    if form == "slack":
        assert len(body["blocks"][0]["text"]["text"]) <= 150
        assert all(len(block["text"]["text"]) <= 3000 for block in body["blocks"] if "text" in block)
        assert body["blocks"][0]["text"]["text"].endswith("&amp;…")
    # Teams takes 28 KB, Google Chat 32.
    assert len(json.dumps(body, ensure_ascii=False).encode()) < 28_000


def test_in_another_language_the_words_are_its_own(contexts: Contexts) -> None:
    body = posted("json", written(contexts, language="fr"))
    assert (body["language"], body["figures"][0]["text"]) == ("fr", "16\u202f530")


def test_a_post_is_the_recipients_own(notice: WebhookNotice) -> None:
    other = for_recipient(notice, ["https://bilan.example.org/links/other"])
    assert posted("json", other) != posted("json", notice)


def test_what_waits_for_a_yes_is_looked_at_as_programs_get_it(contexts: Contexts) -> None:
    transport = WebhookTransport(PrivateHosts())
    composed = transport.compose(outgoing_report(contexts(), [report_file()], sender=HOSTILE))
    message = transport.address(composed, Recipient("preview", "", "", (LINK,)))
    seen = opened_post(message.content)
    assert json.loads(seen.text)["files"][0]["url"] == LINK
    assert "<!channel>" in seen.text
    assert "<!channel>" not in seen.html
    assert opened_post(b"\xff no JSON").text == "\ufffd no JSON"
