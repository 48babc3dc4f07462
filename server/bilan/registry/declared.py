"""What one plugin declared, and the sum of all, by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from bilan.sdk.activity_categories import ActivityCategory
from bilan.sdk.channels import Channel
from bilan.sdk.datasets import Dataset
from bilan.sdk.errors import Invalid
from bilan.sdk.filters import Filter
from bilan.sdk.messages import Message
from bilan.sdk.metrics import Metric
from bilan.sdk.plugins import Plugin, QueryField
from bilan.sdk.rendering import BlockRenderer, Renderer
from bilan.sdk.reports import ReportKind
from bilan.sdk.routes import Interface, PluginRoute
from bilan.sdk.sources import Sample, SourceKind
from bilan.sdk.textdomain import _

PAGE = "html"
"""The format of a report's page, which every kind has."""


@dataclass(frozen=True)
class Declared:
    """Everything one plugin said, in the order of its hooks."""

    plugin: Plugin
    datasets: tuple[Dataset, ...] = ()
    metrics: tuple[Metric, ...] = ()
    filters: tuple[Filter, ...] = ()
    sources: tuple[SourceKind, ...] = ()
    samples: tuple[Sample, ...] = ()
    reports: tuple[ReportKind, ...] = ()
    renderers: tuple[Renderer | BlockRenderer, ...] = ()
    channels: tuple[Channel, ...] = ()
    query_fields: tuple[QueryField, ...] = ()
    routes: tuple[PluginRoute, ...] = ()
    interface: Interface | None = None


@dataclass(frozen=True, eq=False)
class Registry:
    """The sum of what the plugins declared, by key. Never changes after start-up."""

    declared: tuple[Declared, ...]

    @cached_property
    def plugins(self) -> Mapping[str, Plugin]:
        """By namespace."""
        return {one.plugin.namespace: one.plugin for one in self.declared}

    @cached_property
    def datasets(self) -> Mapping[str, Dataset]:
        """By key, the core's own among them."""
        return {dataset.key: dataset for one in self.declared for dataset in one.datasets}

    @cached_property
    def metrics(self) -> Mapping[str, Metric]:
        """By key."""
        return {metric.key: metric for one in self.declared for metric in one.metrics}

    @cached_property
    def filters(self) -> Mapping[str, Filter]:
        """By key."""
        return {one.key: one for declared in self.declared for one in declared.filters}

    @cached_property
    def reports(self) -> Mapping[str, ReportKind]:
        """By key."""
        return {kind.key: kind for one in self.declared for kind in one.reports}

    @cached_property
    def renderers(self) -> Mapping[str, Renderer]:
        """By format."""
        return {r.format: r for one in self.declared for r in one.renderers if isinstance(r, Renderer)}

    def renderers_of(self, kind: str) -> Mapping[str, Renderer]:
        """The formats that make sense for a kind of report; all for one that nothing installed makes."""
        declared = self.reports.get(kind)
        wanted = {PAGE, *declared.formats} if declared and declared.formats else self.renderers.keys()
        return {key: one for key, one in self.renderers.items() if key in wanted}

    @cached_property
    def block_renderers(self) -> Mapping[tuple[str, str], BlockRenderer]:
        """By format and kind of block."""
        found = (r for one in self.declared for r in one.renderers if isinstance(r, BlockRenderer))
        return {(r.format, r.kind): r for r in found}

    @cached_property
    def channels(self) -> Mapping[str, Channel]:
        """By key."""
        return {channel.key: channel for one in self.declared for channel in one.channels}

    @cached_property
    def source_kinds(self) -> Mapping[tuple[str, str], SourceKind]:
        """By the plugin's namespace and the kind's key."""
        return {(one.plugin.namespace, kind.key): kind for one in self.declared for kind in one.sources}

    @cached_property
    def activities(self) -> Mapping[str, ActivityCategory]:
        """The categories of what contacts do, by key: of those that several plugins name, all actions."""
        found: dict[str, ActivityCategory] = {}
        for one in (one for declared in self.declared for one in declared.plugin.activities):
            before = found.get(one.key, one)
            found[one.key] = replace(
                before, actions={**one.actions, **before.actions}, archive=before.archive or one.archive
            )
        return found

    @cached_property
    def interface(self) -> Interface | None:
        """The pages for people, where they are installed."""
        return next((one.interface for one in self.declared if one.interface is not None), None)

    def report_kind(self, key: str) -> ReportKind:
        """The kind of this key. Raises ``Invalid`` where nothing installed declares it."""
        if key not in self.reports:
            known = ", ".join(sorted(self.reports))
            raise Invalid(
                _("Nothing installed makes reports of the kind {kind}. There are: {known}.",
                  kind=key, known=known),
                ("kind",),
            )  # fmt: skip
        return self.reports[key]

    def report_label(self, key: str) -> Message | str:
        """What a kind is called; its key where nothing installed declares it."""
        return self.reports[key].label if key in self.reports else key

    def metrics_of(self, dataset: str) -> tuple[Metric, ...]:
        """The metrics over a dataset, in the order they were declared."""
        return tuple(metric for metric in self.metrics.values() if metric.dataset == dataset)

    def filters_of(self, dataset: str) -> tuple[Filter, ...]:
        """The filters of a dataset, in the order they were declared."""
        return tuple(one for one in self.filters.values() if dataset in one.datasets)

    def plugin_called(self, name: str) -> Plugin | None:
        """The plugin that people call so: by its name, its namespace or its distribution's name."""
        wanted = name.lower().replace("-", "_").removeprefix("bilan_")
        for plugin in self.plugins.values():
            if wanted in (plugin.name, plugin.namespace):
                return plugin
        return None
