"""Texts as they are set: kept in their own direction, and never wider than their place."""

from __future__ import annotations

import re
from collections.abc import Callable

from bilan.i18n.direction import isolated
from bilan.sdk.rendering import Formatter

UNBROKEN = 18
"""A longer stretch without a space may be broken inside."""
ZERO_WIDTH_SPACE = "\u200b"
_LONG = re.compile(rf"[^\s\u200b]{{{UNBROKEN},}}")
_JOINTS = re.compile(r"(?<=[/_\-@.:;,&?=+|])(?=[^\s])")
# What a document may hold and a page cannot show. Tabs and ends of lines become spaces.
_BLANKS = re.compile(r"[\t\r\n\f\v\u0085\u2028\u2029]+")
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffe\uffff]")

Writing = Callable[[str], str]


def writing(formatter: Formatter) -> Writing:
    """What each text of a report goes through before it is set."""
    if formatter.direction == "ltr":
        return clean
    # A Latin name or a figure keeps its own order where the page runs right to left.
    return lambda text: isolated(done) if (done := clean(text)) else ""


def clean(text: str) -> str:
    """One line without control characters, with places to break where there are no spaces."""
    if text.isascii() and len(text) < UNBROKEN and text.isprintable():
        return text
    text = "".join(char for char in text if not "\ud800" <= char <= "\udfff")
    text = _UNSEEN.sub("", _BLANKS.sub(" ", text))
    return _LONG.sub(_broken, text)


def _broken(found: re.Match[str]) -> str:
    parts = _JOINTS.sub(ZERO_WIDTH_SPACE, found[0]).split(ZERO_WIDTH_SPACE)
    return ZERO_WIDTH_SPACE.join(
        part[at : at + UNBROKEN] for part in parts for at in range(0, len(part), UNBROKEN)
    )
