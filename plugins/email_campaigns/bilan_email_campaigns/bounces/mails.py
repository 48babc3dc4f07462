"""E-mails as bytes: headers in plain words, the parts that say something, the message that came back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, message_from_string
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from typing import TYPE_CHECKING

MESSAGE_ID = re.compile(r"^[>\s]*Message-ID:\s*(<[^<>\s]+>)", re.IGNORECASE | re.MULTILINE)
RETURNED = frozenset({"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"})
"""The parts that hold the message that came back, or its headers."""
STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})
FEEDBACK = "message/feedback-report"
LONGEST_TEXT = 65_536
"""Characters of a text that are looked through."""

if TYPE_CHECKING:
    Mail = Message[str, str]
else:
    Mail = Message


def mail_of(raw: bytes) -> Mail:
    """The e-mail. Whatever it is made of, this raises nothing."""
    return message_from_bytes(raw)


def header(mail: Mail, name: str) -> str:
    """A header in plain words, in one line; empty where there is none."""
    try:
        found = str(make_header(decode_header(str(mail.get(name, "")))))
    except (MessageError, LookupError, UnicodeError, ValueError):
        found = str(mail.get(name, ""))
    return " ".join(found.split())


def moment(text: str) -> datetime | None:
    """A date as mail writes it (RFC 5322), in UTC; ``None`` where it is none."""
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def address_of(text: str) -> str:
    """The address in ``rfc822; a@b.org``, in ``A <a@b.org>`` or alone, in lower case; else empty."""
    kind, semicolon, rest = text.partition(";")
    bare = rest if (semicolon and kind.strip().isidentifier()) or kind.strip() == "utf-8" else text
    found = parseaddr(bare.strip())[1] or bare.strip()
    found = found.strip("<> ").lower()
    return found if "@" in found else ""


def blocks(part: Mail) -> list[Mail]:
    """The groups of fields of a report's part, each as headers; however the part was taken apart."""
    content = part.get_payload()
    if isinstance(content, list):
        groups = [one for one in content if isinstance(one, Message)]
        # A part of fields that was taken for a message of its own holds them in its headers or its text.
        return [*(one for one in groups if one.keys()), *(found for one in groups for found in _groups(one))]
    return _groups(part)


def text_of(part: Mail) -> str:
    """The text of a part, whatever it says of its encoding."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    return content[: 4 * LONGEST_TEXT].decode("utf-8", "replace")[:LONGEST_TEXT]


def texts(mail: Mail) -> Iterator[str]:
    """The texts that a mail system wrote itself: not those of what came back."""
    for part in mail.walk():
        if part.get_content_type() in RETURNED:
            return
        if part.get_content_type() == "text/plain":
            yield text_of(part)


def returned(mail: Mail) -> Mail | None:
    """The message that came back, or its headers alone; ``None`` where the report holds neither."""
    for part in mail.walk():
        if part.get_content_type() not in RETURNED:
            continue
        content = part.get_payload()
        if isinstance(content, list):
            found = next((one for one in content if isinstance(one, Message)), None)
        else:
            found = message_from_string(text_of(part))
        if found is not None and found.keys():
            return found
    return None


def returned_id(mail: Mail) -> str:
    """The ``Message-ID`` of the message that came back: among its headers, in the text, or as answered to."""
    if (original := returned(mail)) is not None and (found := header(original, "Message-ID")):
        return found
    for text in texts(mail):
        if match := MESSAGE_ID.search(text):
            return match[1]
    return header(mail, "In-Reply-To")


def _groups(part: Mail) -> list[Mail]:
    groups = re.split(r"\r?\n[ \t]*\r?\n", text_of(part).strip())
    return [message_from_string(group + "\n\n") for group in groups if ":" in group]
