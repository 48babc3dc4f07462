"""What a message says, whether it was mailed or posted: its subject, its figures, its files."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import SMTP

from benchmarks.chaos.mail_server import Mailboxes, Taken

FIGURE = re.compile(r"^Number of orders\s*:\s+(\d+)\b", re.MULTILINE)
SHOWN_FIGURE = re.compile(r'class="value"[^>]*>(\d+)<')
LINK = re.compile(r"https://bilan\.example\.org/links/(\S+)")
NOTICE = re.compile(r"https://bilan\.example\.org/occurrences/([0-9a-f-]{36})")


@dataclass(frozen=True, slots=True)
class Said:
    """What a message says. ``figures`` holds the leading one as often as the message states it."""

    title: str
    days: tuple[str, str] | None
    """Those of a post; an e-mail has them in its subject."""
    to: str
    figures: tuple[str, ...]
    stated: int
    """How often it has to."""
    files: tuple[str, ...]
    """The hashes of those that are inside."""
    links: tuple[str, ...]


def read(mailboxes: Mailboxes, one: Taken) -> Said:
    """The message."""
    content = mailboxes.content(one)
    return _posted(content, one.recipient) if one.posted else _mailed(content)


def about(mailboxes: Mailboxes, one: Taken) -> str:
    """What a recipient is to be told once."""
    content = mailboxes.content(one)
    if one.posted:
        said = _posted(content, one.recipient)
        return f"{said.title} {said.days}"
    return notice_of(content) or _head(content, "Subject")


def notice_of(content: bytes) -> str:
    """The occurrence whose failure the e-mail tells its schedule's owner of; empty for a report."""
    message = message_from_bytes(content, policy=SMTP)
    assert isinstance(message, EmailMessage)
    found = NOTICE.search(_body(message, "plain"))
    return found[1] if found else ""


def _mailed(content: bytes) -> Said:
    message = message_from_bytes(content, policy=SMTP)
    assert isinstance(message, EmailMessage)
    text, html = (_body(message, kind) for kind in ("plain", "html"))
    return Said(
        title=str(message["Subject"]),
        days=None,
        to=str(message["To"]),
        figures=(*FIGURE.findall(text), *SHOWN_FIGURE.findall(html)),
        stated=2,
        files=tuple(hashlib.sha256(_decoded(part)).hexdigest() for part in message.iter_attachments()),
        links=tuple(LINK.findall(text)),
    )


def _posted(content: bytes, address: str) -> Said:
    body = json.loads(content)
    report = body["report"]
    links = [LINK.fullmatch(one["url"]) for one in body["files"]]
    return Said(
        title=report["title"],
        days=(report["period"]["first"], report["period"]["last"]),
        to=address,
        figures=tuple(str(one["value"]) for one in body["figures"]),
        stated=1,
        files=(),
        links=tuple(one[1] if one else "" for one in links),
    )


def _decoded(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _head(content: bytes, name: str) -> str:
    found = re.search(rf"^{name}: ([^\r\n]*(?:\r\n [^\r\n]*)*)".encode(), content, re.MULTILINE)
    return found[1].decode() if found else ""


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return part.get_content() if part is not None else ""
