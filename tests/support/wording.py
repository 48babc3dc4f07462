"""Sentences of the core and of the installed plugins as readers of a language have them."""

from __future__ import annotations

from functools import cache

from bilan.i18n import Translator, formatter_for
from bilan.registry.gather import load
from bilan.sdk.messages import Message

BREAKS = str.maketrans({"\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " "})


@cache
def translator() -> Translator:
    return Translator.of(load().plugins.values())


def written(text: Message | None, language: str = "en") -> str | None:
    """The sentence, with common spaces in place of those that keep words together."""
    return None if text is None else formatter_for(translator(), language).text(text).translate(BREAKS)
