"""Typed fields of a plugin's own: plain dataclasses become GraphQL types."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from inspect import Parameter, Signature
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import anyio.to_thread
import strawberry
from strawberry.types.field import StrawberryField

from bilan.graphql.connections import After, First, connection_of, page_arguments, to_connection
from bilan.graphql.context import Info
from bilan.graphql.limits import QUESTION_COST
from bilan.graphql.names import pascal
from bilan.graphql.scalars import BigInt
from bilan.sdk.plugins import QueryField

PLAIN: dict[Any, Any] = {int: BigInt, float: float, str: str, bool: bool, datetime: datetime, date: date}


def extra_field(namespace: str, declared: QueryField) -> StrawberryField:
    """The field with its arguments, asked in a thread with the caller's scoped ``QueryClient``."""
    node = graphql_type(namespace, declared.type, {})
    arguments = {
        name: Annotated[
            _annotation(namespace, argument.type, {}) | None,
            strawberry.argument(description=argument.description),
        ]
        for name, argument in declared.arguments.items()
    }
    if declared.connection:
        return _connection(declared, node, arguments)

    async def resolve(info: Info, **given: Any) -> Any:
        return await _call(declared, info, given)

    return _field(resolve, declared, arguments, node)


def _connection(declared: QueryField, node: Any, arguments: dict[str, Any]) -> StrawberryField:
    async def resolve(info: Info, first: int = 25, after: str | None = None, **given: Any) -> Any:
        window = page_arguments(first, after)
        page = await _call(declared, info, {**given, "limit": window.limit, "offset": window.offset})
        return to_connection(page.items, page.total, window)

    made = connection_of(node)
    return _field(resolve, declared, {"first": First, "after": After, **arguments}, made)


async def _call(declared: QueryField, info: Info, given: dict[str, Any]) -> Any:
    context = info.context
    context.spend(QUESTION_COST)
    context.may_ask(personal=declared.personal)
    readable = await context.services.sources.readable(context.actor)
    client = await context.services.query.session([source.id for source in readable])
    return await anyio.to_thread.run_sync(partial(declared.resolve, client, **given))


def _field(resolve: Any, declared: QueryField, arguments: dict[str, Any], returns: Any) -> StrawberryField:
    return strawberry.field(
        resolver=_spelled_out(resolve, arguments), graphql_type=returns, description=declared.description
    )


def _spelled_out(resolve: Any, arguments: dict[str, Any]) -> Any:
    """The resolver with the declared arguments in its signature, where Strawberry looks for them."""

    async def spelled(info: Info, **given: Any) -> Any:
        return await resolve(info, **given)

    kind, defaults = Parameter.KEYWORD_ONLY, {"first": 25}
    parameters = [Parameter("info", Parameter.POSITIONAL_OR_KEYWORD, annotation=Info)]
    parameters += [
        Parameter(name, kind, default=defaults.get(name), annotation=annotation)
        for name, annotation in arguments.items()
    ]
    made: Any = spelled
    made.__signature__ = Signature(parameters)
    made.__annotations__ = {one.name: one.annotation for one in parameters}
    return made


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
