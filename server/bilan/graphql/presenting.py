"""The schema's types of values: their fields by name, in the reader's words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar
from uuid import UUID

from bilan.sdk.messages import Message

T = TypeVar("T")


def as_type(cls: type[T], value: object, say: Callable[[Message], str] = str, /, **given: Any) -> T:
    """The value as a type of the schema: a field that is not ``given`` is the value's of the same name.

    ``say`` puts messages into the reader's words; ids become texts, tuples lists, and sets sorted lists.
    """
    made: Any = cls
    named = (one.name for one in fields(made) if one.init and one.name not in given)
    return made(**given, **{name: _plain(getattr(value, name), say) for name in named})


def _plain(value: Any, say: Callable[[Message], str]) -> Any:
    match value:
        case Message():
            return say(value)
        case UUID():
            return str(value)
        case tuple():
            return [_plain(one, say) for one in value]
        case frozenset():
            return [_plain(one, say) for one in sorted(value)]
        case _:
            return value
