"""Whoever explores the GraphQL schema reads a sentence at every field, argument and value."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
)

from bilan.graphql import schema
from bilan.registry.gather import load
from bilan.rendering.plugin import RENDERING

_PAGING = (
    "cursor",
    "node",
    "edges",
    "pageInfo",
    "hasNextPage",
    "hasPreviousPage",
    "startCursor",
    "endCursor",
)
RELAY = dict.fromkeys(_PAGING, "explained by the Relay specification")


@pytest.fixture(scope="module")
def graphql() -> GraphQLSchema:
    return build_schema(schema.build_schema(load([("rendering", RENDERING)])).as_str())


def _described(kind: GraphQLNamedType) -> Iterator[tuple[str, str | None]]:
    """Everything a type shows, by its path, with its description."""
    yield kind.name, kind.description
    match kind:
        case GraphQLObjectType() | GraphQLInterfaceType():
            for name, field in kind.fields.items():
                yield f"{kind.name}.{name}", field.description or RELAY.get(name)
                for argument, declared in field.args.items():
                    yield f"{kind.name}.{name}({argument}:)", declared.description
        case GraphQLInputObjectType():
            yield from ((f"{kind.name}.{name}", field.description) for name, field in kind.fields.items())
        case GraphQLEnumType():
            yield from ((f"{kind.name}.{name}", value.description) for name, value in kind.values.items())
        case _:
            pass


def test_every_type_field_argument_and_value_has_a_description(graphql: GraphQLSchema) -> None:
    own = [kind for name, kind in graphql.type_map.items() if not name.startswith("__")]
    described = [pair for kind in own for pair in _described(kind)]

    assert len(described) > 500
    assert [path for path, description in described if not description] == []
