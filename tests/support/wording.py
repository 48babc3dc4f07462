"""Sentences of the e-mail plugin as readers of a language have them."""

from __future__ import annotations

from functools import cache

import bilan_email_campaigns
from bilan.i18n import Translator, formatter_for
from bilan.registry.gather import load
from bilan.sdk.messages import Message

BREAKS = str.maketrans({"\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " "})


@cache
def translator() -> Translator:
    registry = load((("email_campaigns", bilan_email_campaigns),), installed=False)
    return Translator.of(registry.plugins.values())


def written(text: Message | None, language: str = "en") -> str | None:
    """The sentence, with common spaces in place of those that keep words together."""
    return None if text is None else formatter_for(translator(), language).text(text).translate(BREAKS)
