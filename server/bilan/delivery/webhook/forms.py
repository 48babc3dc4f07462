"""The forms in which a notice is posted: our own JSON, and what incoming webhooks of chats read.

Names of campaigns and people's own words are in it: nothing of them may become
markup, a mention of everybody, or a link. Each chat gets them in fields that it does not read as
markup where it has such fields, and escaped where it has not.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from bilan.delivery.webhook.notice import WebhookNotice, figure_text
from bilan.delivery.webhook.targets import WebhookForm

Json = dict[str, Any]
Form = Callable[[WebhookNotice, str], Json]
"""Makes the body of a post; the text is the id of the delivery."""
VERSION = 1
MOST_MESSAGE, MOST_FINDING, MOST_LABEL = 1000, 400, 100
"""Characters of the sender's words, of a finding and of a label that a chat shows."""
SLACK_HEADER = 150
TEAMS_ACTIONS = 6
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~>])")


def as_json(notice: WebhookNotice, ident: str) -> Json:
    """For programs: figures as numbers and as they are shown."""
    return {
        "type": "report.sent",
        "version": VERSION,
        "id": ident,
        "sent_at": notice.sent_at,
        "workspace": notice.workspace,
        "sender": notice.sender,
        "message": notice.message,
        "language": notice.language,
        "report": {
            "kind": notice.kind,
            "title": notice.title,
            "period": {"first": notice.period[0], "last": notice.period[1]} if notice.period else None,
            "zone": notice.zone,
            "as_of": notice.as_of,
            "page": notice.page or None,
        },
        "findings": list(notice.findings),
        "figures": msgspec.to_builtins(notice.figures),
        "files": msgspec.to_builtins(notice.files),
        "links_until": (notice.links_until or None) if notice.files else None,
    }


def as_slack(notice: WebhookNotice, _ident: str) -> Json:
    """Blocks of Slack's Block Kit: texts as ``plain_text``, and links of our own as ``mrkdwn``."""

    def section(text: str) -> Json:
        return {"type": "section", "text": _slack_plain(text, 3000)}

    blocks: list[Json] = [{"type": "header", "text": _slack_plain(notice.headline, SLACK_HEADER)}]
    blocks += [section(text) for text in _words(notice)]
    if notice.figures:
        fields = [_slack_plain(f"{one.label}\n{figure_text(one)}", 2000) for one in notice.figures]
        blocks.append({"type": "section", "fields": fields[:10]})
    links = [f"<{url}|{_fitted(label, MOST_LABEL, _html)}>" for label, url in _links(notice)]
    if links:
        text = {"type": "mrkdwn", "text": "\n".join(links), "verbatim": True}
        blocks.append({"type": "section", "text": text})
    blocks.append({"type": "context", "elements": [_slack_plain(_footer(notice), 2000)]})
    return {"text": _fitted(notice.headline, 1000, _html), "blocks": blocks}


def as_teams(notice: WebhookNotice, _ident: str) -> Json:
    """An adaptive card, of runs of text: those are shown as they are, and blocks of text read as Markdown."""
    body = [_run(notice.headline, size="Large", weight="Bolder")]
    body += [_run(text) for text in _words(notice)]
    for one in notice.figures:
        runs = [{"type": "TextRun", "text": f"{one.label}  ", "isSubtle": True}]
        runs.append({"type": "TextRun", "text": figure_text(one), "weight": "Bolder"})
        body.append({"type": "RichTextBlock", "inlines": runs})
    body.append(_run(_footer(notice), size="Small"))
    actions = [
        {"type": "Action.OpenUrl", "title": _fitted(label, MOST_LABEL), "url": url}
        for label, url in _links(notice)
    ]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": actions[:TEAMS_ACTIONS],
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "contentUrl": None, "content": card}]}


def as_google_chat(notice: WebhookNotice, ident: str) -> Json:
    """A card of Google Chat, whose paragraphs are read as a little HTML."""
    widgets: list[Json] = [{"textParagraph": {"text": _html(text)}} for text in _words(notice)]
    widgets += [
        {"decoratedText": {"topLabel": one.label, "text": _html(figure_text(one)), "wrapText": True}}
        for one in notice.figures
    ]
    buttons = [
        {"text": _fitted(label, MOST_LABEL), "onClick": {"openLink": {"url": url}}}
        for label, url in _links(notice)
    ]
    if buttons:
        widgets.append({"buttonList": {"buttons": buttons}})
    widgets.append({"textParagraph": {"text": _html(_footer(notice))}})
    header = {"title": notice.headline, "subtitle": notice.workspace}
    card = {"header": header, "sections": [{"widgets": widgets}]}
    return {"fallbackText": notice.headline, "cardsV2": [{"cardId": ident, "card": card}]}


def as_mattermost(notice: WebhookNotice, _ident: str) -> Json:
    """An attachment of Mattermost, all of which is read as Markdown."""
    lines = [_markdown(text) for text in _words(notice)]
    lines += [f"[{_fitted(label, MOST_LABEL, _markdown)}]({url})" for label, url in _links(notice)]
    lines.append(_markdown(_footer(notice)))
    attachment: Json = {
        "fallback": _mentionless(notice.headline),
        # Behind a link it is shown as it is.
        "title": _mentionless(notice.headline) if notice.page else _markdown(notice.headline),
        "text": "\n\n".join(lines),
        "fields": [
            {"short": True, "title": _markdown(one.label), "value": _markdown(figure_text(one))}
            for one in notice.figures
        ],
    }
    if notice.page:
        attachment["title_link"] = notice.page
    return {"attachments": [attachment]}


FORMS: Mapping[str, Form] = {
    WebhookForm.JSON: as_json,
    WebhookForm.SLACK: as_slack,
    WebhookForm.TEAMS: as_teams,
    WebhookForm.GOOGLE_CHAT: as_google_chat,
    WebhookForm.MATTERMOST: as_mattermost,
}


def _words(notice: WebhookNotice) -> Iterator[str]:
    """What the sender writes, and what was found."""
    if notice.message:
        yield _fitted(notice.message, MOST_MESSAGE)
    for finding in notice.findings:
        yield _fitted(finding, MOST_FINDING)


def _footer(notice: WebhookNotice) -> str:
    """Who sends it, and how long its links last."""
    return " ".join(filter(None, (notice.greeting, notice.files_note)))


def _links(notice: WebhookNotice) -> Iterator[tuple[str, str]]:
    if notice.page:
        yield notice.online, notice.page
    for one in notice.files:
        yield f"{one.label}: {one.name}", one.url


def _run(text: str, **look: str) -> Json:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **look}]}


def _html(text: str) -> str:
    return html.escape(text, quote=False)


def _slack_plain(text: str, most: int) -> Json:
    return {"type": "plain_text", "text": _fitted(text, most, _html), "emoji": False}


def _markdown(text: str) -> str:
    return _mentionless(_MARKDOWN.sub(r"\\\1", text))


def _mentionless(text: str) -> str:
    """The text without calls upon everybody: what stands behind the sign is no name then."""
    return text.replace("@", "@\N{ZERO WIDTH SPACE}")


def _fitted(text: str, most: int, escape: Callable[[str], str] = str) -> str:
    """The text, escaped, in so many characters; cut before an escape rather than within one."""
    if len(escape(text)) <= most:
        return escape(text)
    cut = text[: most - 1]
    while len(escape(cut)) > most - 1:
        cut = cut[:-1]
    return f"{escape(cut.rstrip())}…"
