"""Secrets are taken out of what goes wrong, before it is said, kept or logged."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeVar, cast
from urllib.parse import quote, quote_plus

from bilan.sdk.errors import BilanError
from bilan.sdk.messages import Message

E = TypeVar("E", bound=BilanError)

HIDDEN = "•••"
SHORTEST = 4
"""Characters of a secret that is looked for; a shorter one would be found in words."""


def redacted(error: E, secrets: Collection[str]) -> E:
    """The error, whose sentence names none of these secrets."""
    error.message = redacted_message(error.message, secrets)
    error.args = (str(error.message),)
    return error


def redacted_message(message: Message, secrets: Collection[str]) -> Message:
    """The sentence without any of these secrets, as they are or as addresses write them."""
    spellings = {
        spelling
        for secret in secrets
        if len(secret) >= SHORTEST
        for spelling in (secret, quote(secret, safe=""), quote_plus(secret))
    }
    hide = sorted(spellings, key=len, reverse=True)
    args = {name: _redacted(value, hide) for name, value in message.args.items()}
    return Message(_without(message.id, hide), message.domain, args, message.plural)


def _redacted(value: Any, hide: list[str]) -> Any:
    match value:
        case str():
            return _without(value, hide)
        case Message():
            return redacted_message(value, hide)
        case list():
            return [_redacted(one, hide) for one in cast("list[Any]", value)]
        case _:
            return value


def _without(text: str, hide: list[str]) -> str:
    for one in hide:
        text = text.replace(one, HIDDEN)
    return text
