"""Reasons without what was refused, for those who may not see rows about single persons."""

from __future__ import annotations

from typing import Any

import msgspec

from bilan.sdk.messages import Message

HIDDEN = "…"


def unquoted(reason: Message) -> Message:
    """The sentence with its numbers and names of columns, and a mark for each text that may be a person's.

    Names of columns are messages; whatever else is a text came with the row.
    """
    return msgspec.structs.replace(reason, args={key: _hidden(value) for key, value in reason.args.items()})


def _hidden(value: Any) -> Any:
    if isinstance(value, Message):
        return unquoted(value)
    if isinstance(value, list):
        return [_hidden(one) for one in value]
    return HIDDEN if isinstance(value, str) else value
