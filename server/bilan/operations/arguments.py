"""Reads what was typed after a command."""

from __future__ import annotations

from collections.abc import Iterable

from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _


def pairs(given: Iterable[str], option: str) -> dict[str, str | list[str]]:
    """``k=v`` pairs by key; a key given several times becomes a list."""
    found: dict[str, str | list[str]] = {}
    for pair in given:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            text = _("{option} takes NAME=VALUE, not “{given}”.", option=option, given=pair)
            raise Invalid(text, (option.strip("-"),))
        before = found.get(key)
        if before is None:
            found[key] = value
        else:
            found[key] = [*(before if isinstance(before, list) else [before]), value]
    return found
