"""Arguments that are declared elsewhere, spelled out where Strawberry looks for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from inspect import Parameter, Signature
from typing import Annotated, Any, NamedTuple

import strawberry

from bilan.graphql.context import Info


class FieldArgument(NamedTuple):
    """An argument of a field."""

    type: Any
    description: str
    default: Any = None


def spelled_out(resolve: Callable[..., Awaitable[Any]], arguments: Mapping[str, FieldArgument]) -> Any:
    """The resolver with these arguments in its signature. It gets all of them."""

    async def spelled(info: Info, **given: Any) -> Any:
        return await resolve(info, **given)

    parameters = [Parameter("info", Parameter.POSITIONAL_OR_KEYWORD, annotation=Info)]
    parameters += [
        Parameter(
            name,
            Parameter.KEYWORD_ONLY,
            default=one.default,
            annotation=Annotated[one.type, strawberry.argument(description=one.description)],
        )
        for name, one in arguments.items()
    ]
    made: Any = spelled
    made.__signature__ = Signature(parameters)
    made.__annotations__ = {one.name: one.annotation for one in parameters}
    return made
