"""The hooks a plugin may implement.

Every ``register_*`` hook takes no arguments, runs once at start-up and returns
frozen declarations; whatever is slow or asynchronous is a method on what it
returned. Decorate an implementation with :data:`hookimpl`. A plugin is found
through its entry point in the group ``bilan``; a mistake in one stops the
start with a sentence that names it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from bilan.sdk.channels import Channel
    from bilan.sdk.datasets import Dataset
    from bilan.sdk.filters import Filter
    from bilan.sdk.metrics import Metric
    from bilan.sdk.plugins import Plugin, QueryField
    from bilan.sdk.rendering import BlockRenderer, Renderer
    from bilan.sdk.reports import ReportKind
    from bilan.sdk.routes import Interface, PluginRoute
    from bilan.sdk.sources import Sample, SourceKind

PROJECT = "bilan"
CONTRACT = 1
"""The version of this contract. A plugin states the one it was written for."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

# --- Who the plugin is -------------------------------------------------------


@hookspec
def register_plugin() -> Plugin:  # type: ignore[empty-body]
    """Say who the plugin is: its name, its namespace, its contract version.

    Called first. The namespace prefixes the keys of its datasets, metrics,
    filters and reports and names its field in GraphQL. Every plugin that
    declares anything else must implement this hook.
    """


# --- What it knows -----------------------------------------------------------


@hookspec
def register_datasets() -> Sequence[Dataset]:  # type: ignore[empty-body]
    """Declare tables of facts.

    Each becomes a table of the warehouse, migrated when the declaration
    changes, and a field of the GraphQL catalogue.
    """


@hookspec
def register_metrics() -> Sequence[Metric]:  # type: ignore[empty-body]
    """Declare numbers over the datasets.

    Each becomes a field of its dataset's rows in GraphQL, a column that
    reports can pick, and an entry of the definitions printed with reports.
    """


@hookspec
def register_filters() -> Sequence[Filter]:  # type: ignore[empty-body]
    """Declare ways to narrow the datasets.

    Each becomes an argument in GraphQL and an input in forms.
    """


@hookspec
def register_sources() -> Sequence[SourceKind]:  # type: ignore[empty-body]
    """Declare where facts come from: webhooks, files and APIs.

    Each becomes a kind that people can add, with its settings as a form.
    """


@hookspec
def register_samples() -> Sequence[Sample]:  # type: ignore[empty-body]
    """Declare sample data for the demo and for trying the plugin out.

    Each becomes a source of its own in ``bilan demo``.
    """


# --- What it makes of it -----------------------------------------------------


@hookspec
def register_reports() -> Sequence[ReportKind]:  # type: ignore[empty-body]
    """Declare kinds of report.

    Each gets a builder's form, a GraphQL input, its validation and its
    documentation from its declared parameters.
    """


@hookspec
def register_renderers() -> Sequence[Renderer | BlockRenderer]:  # type: ignore[empty-body]
    """Declare a file format, or how one kind of block is rendered in one format."""


@hookspec
def register_channels() -> Sequence[Channel]:  # type: ignore[empty-body]
    """Declare ways to hand a report over to people. The core's e-mail and webhooks come through this hook."""


# --- How it is reached -------------------------------------------------------


@hookspec
def register_query_fields() -> Sequence[QueryField]:  # type: ignore[empty-body]
    """Declare typed GraphQL fields under the plugin's own name, beside its datasets."""


@hookspec
def register_routes() -> Sequence[PluginRoute]:  # type: ignore[empty-body]
    """Declare addresses of the plugin's own.

    Each stands below ``/plugins/`` and the plugin's namespace.
    """


@hookspec
def register_interface() -> Interface:  # type: ignore[empty-body]
    """Declare the pages for people.

    A server has them of one plugin.
    """


HOOKS: tuple[str, ...] = tuple(name for name in dir() if name.startswith("register_"))


def hook_manager() -> Any:
    """A fresh manager that knows the hooks and no plugin."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(sys.modules[__name__])
    return manager
