"""The schema as a whole: its snapshot, and a description for everything in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import strawberry
from graphql import (
    GraphQLNamedType,
    is_enum_type,
    is_input_object_type,
    is_object_type,
    is_specified_directive,
)

from bilan.graphql.schema import build_schema
from bilan.graphql.snapshot import snapshot
from bilan.registry.gather import load
from bilan.rendering.plugin import RENDERING
from bilan.sdk.errors import Misdeclared
from fixtures.declarations import ORDERED, plugin

ROOT = Path(__file__).parents[3]


def test_the_snapshot_is_what_the_server_answers() -> None:
    written = (ROOT / "schema.graphql").read_text(encoding="utf-8")
    assert snapshot(load([("rendering", RENDERING)])) == written, "look at what changed with: make schema"


def _types(schema: strawberry.Schema) -> dict[str, GraphQLNamedType]:
    found: dict[str, GraphQLNamedType] = schema._schema.type_map
    return {name: made for name, made in found.items() if not name.startswith("__")}


def _described(name: str, made: Any) -> Iterator[tuple[str, str | None]]:
    """Everything below a type that has a description, by its path."""
    yield name, made.description
    if is_enum_type(made):
        for key, value in made.values.items():
            yield f"{name}.{key}", value.description
    if is_object_type(made) or is_input_object_type(made):
        for key, one in made.fields.items():
            yield f"{name}.{key}", one.description
            for argument, given in getattr(one, "args", {}).items():
                yield f"{name}.{key}({argument})", given.description


def test_everything_is_described(schema: strawberry.Schema) -> None:
    told = [one for name, made in _types(schema).items() for one in _described(name, made)]
    assert len(told) > 500
    assert [path for path, text in told if not (text or "").strip()] == []


def test_no_type_of_the_schema_is_called_type(schema: strawberry.Schema) -> None:
    assert [name for name in _types(schema) if name.endswith("Type")] == []


def test_directives_are_those_that_everybody_knows(schema: strawberry.Schema) -> None:
    assert [one.name for one in schema._schema.directives if not is_specified_directive(one)] == []


def test_an_installed_plugin_extends_the_schema() -> None:
    made = build_schema(load([("shop", plugin()), ("rendering", RENDERING)], installed=False)).as_str()
    assert "type ShopOrdersRow" in made
    assert "EmailEvents" not in made


def test_a_metric_named_like_a_dimension_stops_the_start_by_name() -> None:
    clash = replace(ORDERED, key="shop.country")
    registry = load([("shop", plugin(register_metrics=(clash,)))], installed=False)
    with pytest.raises(Misdeclared, match=r"shop is not usable: the metric shop\.country has the name"):
        build_schema(registry)
