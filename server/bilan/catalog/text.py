"""Text that a database can hold: PostgreSQL takes no NUL, and UTF-8 no half of a surrogate pair."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import cast

from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether the text can be stored as it is; programs may send what no browser does."""
    if text.isascii():  # nearly always, and many times quicker to see
        return "\x00" not in text
    return _UNSTORABLE.search(text) is None


def unstorable(*path: str) -> Invalid:
    """What is said of a text that cannot be stored as it is."""
    return Invalid(_("This holds a character that cannot be kept."), path)


def clean_name(text: str) -> str:
    """A name on one line, without needless space. Raises ``Invalid`` where it holds a control character."""
    name = " ".join(text.split())
    if _CONTROL.search(name):
        raise unstorable("name")
    return name


def check_storable(values: Iterable[object]) -> None:
    """Raise ``Invalid`` where one of a statement's values, or of the rows among them, cannot be stored."""
    for value in values:
        if isinstance(value, str):
            if not is_storable(value):
                raise unstorable()
        elif isinstance(value, list | tuple):
            check_storable(cast("Iterable[object]", value))


def sanitise(text: str) -> str:
    """The text without NULs, and with a replacement character for each half of a surrogate pair."""
    if is_storable(text):
        return text
    return _UNSTORABLE.sub(lambda found: "" if found[0] == "\x00" else "\ufffd", text)
