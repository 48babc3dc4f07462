"""One field a plugin, below it two a dataset: its figures and its facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import strawberry
from strawberry.types.field import StrawberryField

from bilan.graphql.catalogue.extras import extra_field
from bilan.graphql.catalogue.facts import facts_field
from bilan.graphql.catalogue.figures import figures_field
from bilan.graphql.catalogue.shapes import shape
from bilan.graphql.context import Info
from bilan.graphql.keepable import Fields
from bilan.graphql.names import camel, local, pascal

if TYPE_CHECKING:
    from bilan.registry.declared import Declared, Registry
    from bilan.sdk.datasets import Dataset


def catalogue_fields(registry: Registry) -> dict[str, StrawberryField]:
    """The query's fields that come from plugins, by namespace."""
    fields: dict[str, StrawberryField] = {}
    for declared in registry.declared:
        if declared.datasets or declared.query_fields:
            fields[declared.plugin.namespace] = _plugin_field(registry, declared)
    return fields


def dataset_fields(registry: Registry) -> Fields:
    """The fields of :func:`catalogue_fields` that are datasets, by namespace, in the schema's names."""
    return {
        camel(declared.plugin.namespace): frozenset(
            camel(name) for dataset in declared.datasets for name in _names(dataset)
        )
        for declared in registry.declared
        if declared.datasets
    }


def _names(dataset: Dataset) -> tuple[str, str]:
    """What the fields of a dataset's figures and of its facts are called."""
    return local(dataset.key), f"{local(dataset.key)}_facts"


def _plugin_field(registry: Registry, declared: Declared) -> StrawberryField:
    plugin = declared.plugin
    fields: dict[str, StrawberryField] = {}
    for dataset in declared.datasets:
        made = shape(registry, dataset)
        fields |= dict(zip(_names(dataset), (figures_field(made), facts_field(made)), strict=True))
    for extra in declared.query_fields:
        fields[extra.name] = extra_field(plugin.namespace, extra)
    name = pascal(plugin.namespace)
    type_ = strawberry.type(
        type(name, (), {**fields, "__module__": __name__}),
        name=name,
        description=f"{plugin.label}: its datasets and what else it offers.",
    )

    async def resolve(info: Info) -> Any:
        info.context.actor  # noqa: B018 - refuses strangers before anything is asked
        return type_()

    resolve.__annotations__ = {"info": Info, "return": type_}
    return strawberry.field(resolver=resolve, description=f"{plugin.label}.")
