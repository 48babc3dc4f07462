"""Values that plain GraphQL has no type for."""

from __future__ import annotations

from typing import Any, NewType

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.types.scalar import ScalarDefinition

BigInt = NewType("BigInt", int)
Figure = NewType("Figure", object)
Raw = NewType("Raw", object)


def _same(value: Any) -> Any:
    return value


SCALARS: dict[object, ScalarDefinition] = {
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A whole number that may exceed 32 bits, written as a JSON number.",
        serialize=int,
        parse_value=int,
    ),
    Figure: strawberry.scalar(
        name="Figure",
        description=(
            "A cell of a report: a plain JSON value, or an object with `value` and what a reader must know "
            "about it (`mark`: reported, mixed or red_flag; `note`)."
        ),
        serialize=_same,
        parse_value=_same,
    ),
    Raw: strawberry.scalar(name="JSON", description="Any JSON value.", serialize=_same, parse_value=_same),
}


def config() -> StrawberryConfig:
    """The schema's configuration."""
    return StrawberryConfig(scalar_map=SCALARS, relay_max_results=100)
