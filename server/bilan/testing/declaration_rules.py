"""What a plugin says: each rule yields sentences about what is wrong with it.

The registry has already refused what cannot start; these rules ask for what
a reader of reports and a user of the API would miss.
"""

from __future__ import annotations

from collections.abc import Iterator

from bilan.registry.declared import Declared
from bilan.sdk.file_settings import DATES, DECIMALS, ZONE
from bilan.sdk.messages import Message
from bilan.sdk.parameters import Parameter
from bilan.sdk.rendering import BlockRenderer, Renderer
from bilan.sdk.signatures import MAX_AGE, SECRET, SECRET_HEADER

SHARED = tuple(one.label for one in (SECRET, SECRET_HEADER, MAX_AGE, ZONE, DATES, DECIMALS))
"""The labels of settings of the SDK's own, which it translates."""


def check_texts(one: Declared) -> Iterator[str]:
    """Everything people see has a label and a description, in the plugin's own gettext domain."""
    for what, message in _texts(one):
        if message is None or not str(message).strip():
            yield f"{what} is empty"
        elif message.domain != one.plugin.namespace:
            yield (
                f"{what} is translated in the domain {message.domain!r}, not in {one.plugin.namespace!r}: "
                f"make it with messages({one.plugin.namespace!r})"
            )


def _texts(one: Declared) -> Iterator[tuple[str, Message | None]]:
    yield "the plugin's label", one.plugin.label
    for item in (*one.datasets, *one.metrics, *one.filters, *one.sources, *one.reports):
        yield f"the label of {item.key}", item.label
        yield f"the description of {item.key}", item.description
    for kind in one.reports:
        for example in kind.examples:
            yield f"the label of the example {example.key} of {kind.key}", example.label
            yield f"the description of the example {example.key} of {kind.key}", example.description
    for metric in one.metrics:
        yield f"the formula in words of {metric.key}", metric.formula_text
    for dataset in one.datasets:
        for column in dataset.columns:
            yield f"the label of the column {column.name} of {dataset.key}", column.label
    yield from _activities(one)
    labelled = (route for route in one.routes if route.label is not None)
    yield from ((f"the label of the route {route.path}", route.label) for route in labelled)
    for owner, parameter in _parameters(one):
        if parameter.label in SHARED:
            continue
        yield f"the label of the parameter {parameter.key} of {owner}", parameter.label


def _activities(one: Declared) -> Iterator[tuple[str, Message]]:
    for category in one.plugin.activities:
        yield f"the label of the category {category.key}", category.label
        for action, label in category.actions.items():
            yield f"the label of the action {action} of {category.key}", label


def _parameters(one: Declared) -> Iterator[tuple[str, Parameter]]:
    for kind in one.reports:
        yield from ((kind.key, parameter) for parameter in kind.parameters)
    for source in one.sources:
        yield from ((source.key, parameter) for parameter in source.settings)
    for renderer in one.renderers:
        if isinstance(renderer, Renderer):
            yield from ((renderer.format, parameter) for parameter in renderer.options)


def check_contacts(one: Declared) -> Iterator[str]:
    """Facts about a single person say in which column the person is named, so that they can be erased."""
    for dataset in one.datasets:
        personal = [column.name for column in dataset.columns if column.personal]
        if (personal or dataset.activity is not None) and not dataset.contact:
            what = f"the personal columns {', '.join(personal)}" if personal else "activities of contacts"
            yield f"{dataset.key} has {what}, but no column of the contact: name it with contact="


def check_block_renderers(one: Declared) -> Iterator[str]:
    """A plugin renders only its own blocks."""
    for renderer in one.renderers:
        namespace = one.plugin.namespace
        if isinstance(renderer, BlockRenderer) and renderer.kind.partition(".")[0] != namespace:
            yield f"it renders the block {renderer.kind}, which is not below its namespace {namespace}"
