"""The sentence that stops the start: which plugin, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable

from bilan.sdk.errors import Misdeclared
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _


def mistake(plugin: str, reason: Message) -> Misdeclared:
    """The error to raise about this plugin."""
    return Misdeclared(_("The plugin {plugin} is not usable: {reason}", plugin=plugin, reason=reason))


def unique(name: str, keys: Iterable[str]) -> None:
    """Raise about this plugin where a key occurs twice."""
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise mistake(name, _("the key {key} is declared twice", key=key))
        seen.add(key)
