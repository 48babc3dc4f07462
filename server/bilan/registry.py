"""What the installed plugins declared, checked once at start-up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import entry_points
from typing import Any, TypeVar

import pluggy

from bilan.sdk.activity import CORE
from bilan.sdk.conditions import columns_of
from bilan.sdk.datasets import ColumnType, Dataset
from bilan.sdk.errors import Misdeclared
from bilan.sdk.filters import Filter
from bilan.sdk.hooks import CONTRACT, PROJECT, hook_manager
from bilan.sdk.messages import messages
from bilan.sdk.metrics import Count, Distinct, Metric, Ratio
from bilan.sdk.plugins import Plugin, QueryField, Routes
from bilan.sdk.rendering import BlockRenderer, Renderer
from bilan.sdk.reports import ReportKind
from bilan.sdk.sources import SourceKind

_, _n = messages("bilan")

T = TypeVar("T")
RESERVED = frozenset({"contact", "bilan", "core"})


@dataclass(frozen=True)
class Declared:
    """Everything one plugin said, in the order of its hooks."""

    plugin: Plugin
    datasets: tuple[Dataset, ...] = ()
    metrics: tuple[Metric, ...] = ()
    filters: tuple[Filter, ...] = ()
    sources: tuple[SourceKind, ...] = ()
    reports: tuple[ReportKind, ...] = ()
    renderers: tuple[Renderer | BlockRenderer, ...] = ()
    query_fields: tuple[QueryField, ...] = ()
    routes: Routes | None = None


@dataclass(frozen=True)
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

    @cached_property
    def block_renderers(self) -> Mapping[tuple[str, str], BlockRenderer]:
        """By format and kind of block."""
        found = (r for one in self.declared for r in one.renderers if isinstance(r, BlockRenderer))
        return {(r.format, r.kind): r for r in found}

    @cached_property
    def source_kinds(self) -> Mapping[tuple[str, str], SourceKind]:
        """By the plugin's namespace and the kind's key."""
        return {(one.plugin.namespace, kind.key): kind for one in self.declared for kind in one.sources}

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


def load(extra: Sequence[tuple[str, Any]] = (), *, installed: bool = True) -> Registry:
    """Gather what the installed plugins (and ``extra`` ones, by name) declare.

    Raises ``Misdeclared`` with the plugin's name for whatever cannot work.
    """
    manager = hook_manager()
    manager.register(CORE, "the core")
    found = [(entry.name, entry.load) for entry in entry_points(group=PROJECT)] if installed else []
    loaders: list[tuple[str, Callable[[], Any]]] = [
        *sorted(found),
        *((name, lambda m=m: m) for name, m in extra),
    ]
    for name, loader in loaders:
        try:
            manager.register(loader(), name)
            manager.check_pending()
        except pluggy.PluginValidationError as error:
            raise _mistake(
                name, "a hook of its own making or with wrong arguments: {error}", error=str(error)
            ) from error
        except Exception as error:
            raise _mistake(name, "it cannot be loaded: {error}", error=repr(error)) from error
    gathered = tuple(
        one for name, plugin in manager.list_name_plugin() if (one := _gather(manager, name, plugin))
    )
    registry = Registry(gathered)
    _check(registry)
    return registry


def _mistake(name: str, sentence: str, **args: Any) -> Misdeclared:
    return Misdeclared(_("The plugin {plugin} is not usable: " + sentence, plugin=name, **args))


def _gather(manager: Any, name: str, plugin: Any) -> Declared | None:
    if plugin is None:
        return None

    def call(hook: str) -> list[Any]:
        others = [other for _name, other in manager.list_name_plugin() if other is not plugin]
        try:
            return manager.subset_hook_caller(hook, others)()
        except Exception as error:
            raise _mistake(name, "{hook} fails with {error}", hook=hook, error=repr(error)) from error

    def many(hook: str) -> tuple[Any, ...]:
        answers = call(hook)
        if any(isinstance(answer, str) or not isinstance(answer, Iterable) for answer in answers):
            raise _mistake(name, "{hook} must return a sequence of declarations", hook=hook)
        return tuple(item for answer in answers for item in answer)

    who = call("register_plugin")
    if not who:
        raise _mistake(name, "it does not implement register_plugin, which says who it is")
    if not isinstance(who[0], Plugin):
        raise _mistake(name, "register_plugin must return a bilan.sdk.plugins.Plugin")
    routes = call("register_routes")
    return Declared(
        who[0],
        datasets=many("register_datasets"),
        metrics=many("register_metrics"),
        filters=many("register_filters"),
        sources=many("register_sources"),
        reports=many("register_reports"),
        renderers=many("register_renderers"),
        query_fields=many("register_query_fields"),
        routes=routes[0] if routes else None,
    )


def _check(registry: Registry) -> None:
    _check_namespaces(registry)
    for one in registry.declared:
        name = one.plugin.name
        _check_keys(registry, one)
        for dataset in one.datasets:
            _check_dataset(name, dataset)
        for metric in one.metrics:
            _check_metric(registry, name, metric)
        for declared in one.filters:
            for key in declared.datasets:
                dataset = _dataset(registry, name, declared.key, key)
                _check_columns(name, declared.key, dataset, {declared.column})
        for kind in one.reports:
            for key in kind.datasets:
                _dataset(registry, name, kind.key, key)


def _check_namespaces(registry: Registry) -> None:
    taken: dict[str, str] = {}
    for one in registry.declared:
        plugin = one.plugin
        if plugin.contract != CONTRACT:
            raise _mistake(
                plugin.name, "it was written for version {theirs} of the contract, this server speaks {ours}",
                theirs=plugin.contract, ours=CONTRACT,
            )  # fmt: skip
        if not plugin.namespace.isidentifier() or not plugin.namespace.islower():
            raise _mistake(
                plugin.name, "its namespace {namespace} must be a lower-case word", namespace=plugin.namespace
            )
        if plugin.namespace in RESERVED and plugin.package != PROJECT:
            raise _mistake(
                plugin.name, "the namespace {namespace} belongs to the core", namespace=plugin.namespace
            )
        if plugin.namespace in taken:
            raise _mistake(
                plugin.name, "the namespace {namespace} is already taken by {other}",
                namespace=plugin.namespace, other=taken[plugin.namespace],
            )  # fmt: skip
        taken[plugin.namespace] = plugin.name


def _check_keys(registry: Registry, one: Declared) -> None:
    name, namespace = one.plugin.name, one.plugin.namespace
    groups: tuple[Sequence[Any], ...] = (one.datasets, one.metrics, one.filters, one.reports)
    for group in groups:
        for item in group:
            start, _dot, rest = item.key.partition(".")
            if start != namespace or not rest.isidentifier():
                raise _mistake(
                    name, "the key {key} must be {namespace} followed by a dot and a name",
                    key=item.key, namespace=namespace,
                )  # fmt: skip
        _unique(name, [item.key for item in group])
    _unique(name, [kind.key for kind in one.sources])
    _unique(
        name, [field.name for field in one.query_fields] + [d.key.partition(".")[2] for d in one.datasets]
    )
    formats = [r.format for other in registry.declared for r in other.renderers if isinstance(r, Renderer)]
    _unique(name, formats)


def _unique(name: str, keys: list[str]) -> None:
    for key in keys:
        if keys.count(key) > 1:
            raise _mistake(name, "the key {key} is declared twice", key=key)


def _check_dataset(name: str, dataset: Dataset) -> None:
    time = dataset.by_name.get(dataset.time)
    if time is None or time.type is not ColumnType.INSTANT or time.nullable:
        raise _mistake(
            name, "the time column of {key} must be a declared instant that is never empty", key=dataset.key
        )
    if not dataset.identity:
        raise _mistake(
            name, "{key} declares no identity, so nothing could tell two facts apart", key=dataset.key
        )
    _unique(name, [column.name for column in dataset.columns])
    _check_columns(name, dataset.key, dataset, {*dataset.identity, *dataset.sort})
    for column in dataset.columns:
        if (
            not column.name.isidentifier()
            or column.name in ("source", "ingested_at")
            or column.name.startswith("_")
        ):
            raise _mistake(
                name, "{column} cannot name a column of {key}", column=column.name, key=dataset.key
            )


def _check_metric(registry: Registry, name: str, metric: Metric) -> None:
    dataset = _dataset(registry, name, metric.key, metric.dataset)
    formula = metric.formula
    if isinstance(formula, Ratio):
        for key in (formula.numerator, formula.denominator):
            other = registry.metrics.get(key)
            if other is None or other.dataset != metric.dataset or isinstance(other.formula, Ratio):
                raise _mistake(
                    name, "the ratio {key} divides by or is made of {other}, which is no plain metric of {dataset}",
                    key=metric.key, other=key, dataset=metric.dataset,
                )  # fmt: skip
        return
    read = set(columns_of(formula.where)) if formula.where is not None else set[str]()
    if isinstance(formula, Distinct):
        read |= set(formula.columns)
    elif not isinstance(formula, Count):
        read.add(formula.column)
    _check_columns(name, metric.key, dataset, read)


def _dataset(registry: Registry, name: str, key: str, dataset: str) -> Dataset:
    found = registry.datasets.get(dataset)
    if found is None:
        raise _mistake(
            name, "{key} speaks of the dataset {dataset}, which nobody declares", key=key, dataset=dataset
        )
    return found


def _check_columns(name: str, key: str, dataset: Dataset, columns: set[str]) -> None:
    for column in sorted(columns - dataset.by_name.keys() - {"source"}):
        raise _mistake(
            name, "{key} reads the column {column}, which {dataset} does not have",
            key=key, column=column, dataset=dataset.key,
        )  # fmt: skip
