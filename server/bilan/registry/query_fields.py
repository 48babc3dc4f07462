"""Query fields: described down to their types, and resolvers that take what they are given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from inspect import signature
from typing import Any

from bilan.registry.declared import Declared
from bilan.registry.mistakes import mistake
from bilan.sdk.messages import Message
from bilan.sdk.plugins import QueryField
from bilan.sdk.textdomain import _

NAME = re.compile(r"[a-z][a-z0-9_]*")


def check_query_fields(declared: Declared) -> None:
    """Raise ``Misdeclared`` for the first field that could not be asked for."""
    for field in declared.query_fields:
        for reason in (*_unnamed(field), *_undescribed(field), *_uncallable(field)):
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
    if is_dataclass(field.type):
        for inner in fields(field.type):
            if not str(inner.metadata.get("description", "")).strip():
                yield _("{inner} of the query field {field} has no description in its metadata",
                        inner=inner.name, field=field.name)  # fmt: skip


def _uncallable(field: QueryField) -> Iterator[Message]:
    given: dict[str, Any] = dict.fromkeys(field.arguments)
    if field.connection:
        given |= {"limit": 1, "offset": 0}
    try:
        signature(field.resolve).bind(None, **given)
    except (TypeError, ValueError) as error:
        yield _("the resolver of the query field {field} cannot be called: {error}",
                field=field.name, error=str(error))  # fmt: skip
