"""Hashtags, as they stand in the texts of posts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

HASHTAG = re.compile(r"(?<![\w&/#])[#＃](?=\w*[^\W\d_])(\w{1,100})(?!\w)")
"""A mark and a word with a letter in it: neither “#1” nor the end of an address."""


def hashtags_in(text: str) -> list[str]:
    """The hashtags of a text in the order in which they stand there, each once."""
    return read_hashtags(HASHTAG.findall(text))


def read_hashtags(written: Iterable[str]) -> list[str]:
    """Hashtags in the one form in which they are compared: in lower case, without the mark."""
    plain = (unicodedata.normalize("NFC", one.strip().lstrip("#＃")).lower() for one in written)
    return list(dict.fromkeys(filter(None, plain)))
