"""Typed fields of a plugin's own: plain dataclasses become GraphQL types."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, get_args, get_origin, get_type_hints

import strawberry
from strawberry.types.field import StrawberryField

from bilan.graphql.catalogue.arguments import FieldArgument, spelled_out
from bilan.graphql.connections import MAX_PAGE, connection_of, page_arguments, to_connection
from bilan.graphql.context import Info
from bilan.graphql.limits import QUESTION_COST
from bilan.graphql.names import pascal
from bilan.graphql.scalars import BigInt
from bilan.sdk.plugins import QueryField

PLAIN: dict[Any, Any] = {int: BigInt, float: float, str: str, bool: bool, datetime: datetime, date: date}
PAGE = {
    "first": FieldArgument(int, f"How many, up to {MAX_PAGE}.", 25),
    "after": FieldArgument(str | None, "The cursor after which to go on."),
}


def extra_field(namespace: str, declared: QueryField) -> StrawberryField:
    """The field with its arguments, asked in a thread with the caller's scoped ``QueryClient``."""
    node = graphql_type(namespace, declared.type, {})
    arguments = {
        name: FieldArgument(_annotation(namespace, argument.type, {}) | None, argument.description)
        for name, argument in declared.arguments.items()
    }
    if declared.connection:
        return _connection(declared, node, arguments)

    async def resolve(info: Info, **given: Any) -> Any:
        return await _call(declared, info, given)

    return _field(resolve, declared, arguments, node)


def _connection(declared: QueryField, node: Any, arguments: dict[str, FieldArgument]) -> StrawberryField:
    async def resolve(info: Info, first: int, after: str | None, **given: Any) -> Any:
        window = page_arguments(first, after)
        page = await _call(declared, info, {**given, "limit": window.limit, "offset": window.offset})
        return to_connection(page.items, page.total, window)

    made = connection_of(node)
    return _field(resolve, declared, {**PAGE, **arguments}, made)


async def _call(declared: QueryField, info: Info, given: dict[str, Any]) -> Any:
    context = info.context
    context.spend(QUESTION_COST)
    context.may_ask(personal=declared.personal)
    readable = await context.services.sources.readable(context.actor)
    client = await context.services.query.session([source.id for source in readable])
    ask = partial(declared.resolve, **given)
    return await context.services.query.ask(context.actor.person, client, ask)


def _field(
    resolve: Any, declared: QueryField, arguments: dict[str, FieldArgument], returns: Any
) -> StrawberryField:
    return strawberry.field(
        resolver=spelled_out(resolve, arguments), graphql_type=returns, description=declared.description
    )


def graphql_type(namespace: str, source: Any, known: dict[Any, Any]) -> Any:
    """A dataclass as an object type named with the namespace in front; each field's description
    stands in its metadata under ``description``."""
    if source in known:
        return known[source]
    if not dataclasses.is_dataclass(source) or not isinstance(source, type):
        return PLAIN[source]
    hints = get_type_hints(source)
    fields: dict[str, Any] = {"__annotations__": {}, "__module__": __name__}
    for field in dataclasses.fields(source):
        fields["__annotations__"][field.name] = _annotation(namespace, hints[field.name], known)
        fields[field.name] = strawberry.field(description=field.metadata["description"])
    name = pascal(namespace, source.__name__)
    made = strawberry.type(type(name, (), fields), name=name, description=(source.__doc__ or name).strip())
    known[source] = made
    return made


def _annotation(namespace: str, hint: Any, known: dict[Any, Any]) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (list, tuple, Sequence):
        return list[_annotation(namespace, arguments[0], known)]
    if type(None) in arguments:
        (inner,) = (argument for argument in arguments if argument is not type(None))
        return _annotation(namespace, inner, known) | None
    return graphql_type(namespace, hint, known)
