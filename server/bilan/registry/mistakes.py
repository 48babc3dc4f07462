"""The sentence that stops the start: which plugin, and what is wrong with it."""

from __future__ import annotations

from bilan.sdk.errors import Misdeclared
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _


def mistake(plugin: str, reason: Message) -> Misdeclared:
    """The error to raise about this plugin."""
    return Misdeclared(_("The plugin {plugin} is not usable: {reason}", plugin=plugin, reason=reason))
