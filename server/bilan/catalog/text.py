"""Text that a database can hold: PostgreSQL takes no NUL, and UTF-8 no half of a surrogate pair."""

from __future__ import annotations

import re

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether the text can be stored as it is; programs may send what no browser does."""
    return _UNSTORABLE.search(text) is None


def sanitise(text: str) -> str:
    """The text without NULs, and with a replacement character for each half of a surrogate pair."""
    if text.isascii() and "\x00" not in text:  # nearly always, and many times quicker to see
        return text
    return _UNSTORABLE.sub(lambda found: "" if found[0] == "\x00" else "\ufffd", text)
