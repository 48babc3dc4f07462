"""Query fields: described down to their types, and resolvers that take what they are given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from inspect import signature
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from bilan.registry.declared import Declared
from bilan.registry.mistakes import mistake
from bilan.sdk.messages import Message
from bilan.sdk.plugins import QueryField
from bilan.sdk.textdomain import _

NAME = re.compile(r"[a-z][a-z0-9_]*")
PLAIN = (int, float, str, bool, datetime, date)
LISTS = (list, tuple, Sequence)


def check_query_fields(declared: Declared) -> None:
    """Raise ``Misdeclared`` for the first field that could not be asked for."""
    for field in declared.query_fields:
        for reason in (*_unnamed(field), *_undescribed(field), *_mistyped(field), *_uncallable(field)):
            raise mistake(declared.plugin.name, reason)


def _unnamed(field: QueryField) -> Iterator[Message]:
    for name in (field.name, *field.arguments):
        if not NAME.fullmatch(name):
            yield _("{name} cannot name a query field or its argument; use lower-case words", name=name)


def _undescribed(field: QueryField) -> Iterator[Message]:
    if not field.description.strip():
        yield _("the query field {field} has no description", field=field.name)
    for name, argument in field.arguments.items():
        if not argument.description.strip():
            yield _("the argument {name} of the query field {field} has no description",
                    name=name, field=field.name)  # fmt: skip


def _mistyped(field: QueryField) -> Iterator[Message]:
    """What GraphQL types cannot be made of; arguments are of plain types and lists of them alone."""
    yield from _wrong_type(field, field.name, field.type, set[type]())
    for name, argument in field.arguments.items():
        yield from _wrong_type(field, name, argument.type, None)


def _wrong_type(field: QueryField, name: str, hint: Any, seen: set[type] | None) -> Iterator[Message]:
    given = [one for one in get_args(hint) if one not in (NoneType, ...)]
    if len(given) == 1 and (get_origin(hint) in LISTS or NoneType in get_args(hint)):
        yield from _wrong_type(field, name, given[0], seen)
    elif seen is not None and is_dataclass(hint) and isinstance(hint, type):
        if hint not in seen:
            seen.add(hint)
            yield from _wrong_fields(field, name, hint, seen)
    elif hint not in PLAIN:
        yield _(
            "{inner} of the query field {field} is {type}; use plain types, lists and dataclasses of these",
            inner=name, field=field.name, type=getattr(hint, "__name__", str(hint)),
        )  # fmt: skip


def _wrong_fields(field: QueryField, name: str, made_of: type, seen: set[type]) -> Iterator[Message]:
    try:
        hints = get_type_hints(made_of)
    except NameError as error:
        yield _("the types of {inner} of the query field {field} cannot be read: {error}",
                inner=name, field=field.name, error=str(error))  # fmt: skip
        return
    for inner in fields(made_of):
        if not str(inner.metadata.get("description", "")).strip():
            yield _("{inner} of the query field {field} has no description in its metadata",
                    inner=inner.name, field=field.name)  # fmt: skip
        yield from _wrong_type(field, inner.name, hints[inner.name], seen)


def _uncallable(field: QueryField) -> Iterator[Message]:
    given: dict[str, Any] = dict.fromkeys(field.arguments)
    if field.connection:
        given |= {"limit": 1, "offset": 0}
    try:
        signature(field.resolve).bind(None, **given)
    except (TypeError, ValueError) as error:
        yield _("the resolver of the query field {field} cannot be called: {error}",
                field=field.name, error=str(error))  # fmt: skip
