"""GraphQL types of a dataset's facts: a fact, a page of facts, and their order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

import strawberry
from strawberry import relay

from bilan.graphql.catalogue.shapes import TYPE_OF_COLUMN, SpanType, make, order_input
from bilan.graphql.names import camel, enum_name, pascal
from bilan.query.names import INGESTED_AT, SOURCE
from bilan.query.pages import Layout
from bilan.sdk.datasets import Column, Dataset

LAYOUTS = {"nodes": Layout.OBJECTS, "columns": Layout.LISTS}
"""How the fields of a page that hold its facts lay them out."""


@dataclass(frozen=True, slots=True)
class FactShape:
    """The types of a dataset's facts."""

    page: type
    order: type
    columns: dict[str, str]
    """The GraphQL name of each column to its own."""
    types: dict[Layout, str]
    """What ``__typename`` is in each layout."""


def fact_shape(dataset: Dataset) -> FactShape:
    """The types of a dataset's facts, each with its description."""
    prefix, columns = pascal(dataset.key), (SOURCE, INGESTED_AT, *dataset.columns)
    types = {Layout.OBJECTS: f"{prefix}Fact", Layout.LISTS: f"{prefix}FactColumns"}
    fact = make(
        types[Layout.OBJECTS],
        f"A fact of {dataset.label}.",
        {one.name: (_type(one), _text(one)) for one in columns},
    )
    lists = make(
        types[Layout.LISTS],
        f"Facts of {dataset.label}, a list for each column; what stands at one place belongs to one fact.",
        {one.name: (list[_type(one)], _text(one)) for one in columns},
    )
    return FactShape(
        page=_page(prefix, dataset, fact, lists),
        order=_order(prefix, dataset, columns),
        columns={camel(one.name): one.name for one in columns},
        types=types,
    )


def _type(column: Column) -> Any:
    return TYPE_OF_COLUMN[column.type] | None if column.nullable else TYPE_OF_COLUMN[column.type]


def _text(column: Column) -> str:
    return f"{column.label}. {column.description or ''}".strip()


def _page(prefix: str, dataset: Dataset, fact: type, lists: type) -> type:
    return make(
        f"{prefix}Facts",
        f"A page of the facts of {dataset.label}.",
        {
            "page_info": (relay.PageInfo, "Where the page stands."),
            "period": (SpanType | None, "The days asked for; none for all time."),
            "as_of": (
                datetime,
                "Facts that arrived later are not listed, on the pages after this one either.",
            ),
        },
        completed={
            "nodes": (list[fact], "The facts."),
            "columns": (lists, "The same facts column by column: for many at once."),
        },
    )


def _order(prefix: str, dataset: Dataset, columns: tuple[Column, ...]) -> type:
    keys: dict[str, Any] = {
        enum_name(one.name): strawberry.enum_value(one.name, description=str(one.label)) for one in columns
    }
    made: Any = Enum(f"{prefix}Column", keys)
    key = strawberry.enum(made, name=f"{prefix}Column", description=f"A column of {dataset.label}.")
    return order_input(f"{prefix}FactOrder", f"How facts of {dataset.label} are sorted.", key, "A column.")
