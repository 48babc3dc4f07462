"""What must hold between declarations before the server starts."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

from bilan.registry.columns import check_dataset, check_filter, check_metric, dataset_of
from bilan.registry.declared import Declared, Registry
from bilan.registry.mistakes import mistake
from bilan.sdk.hooks import CONTRACT, PROJECT
from bilan.sdk.messages import Message
from bilan.sdk.parameters import Parameter
from bilan.sdk.plugins import Plugin
from bilan.sdk.rendering import Renderer
from bilan.sdk.textdomain import _

RESERVED = frozenset({"contact", "bilan", "core"})
"""Namespaces of the core."""


def check(registry: Registry) -> None:
    """Raise ``Misdeclared`` for the first declaration that cannot work."""
    _check_plugins(registry)
    for one in registry.declared:
        _check_keys(one)
        _check_samples(one)
        _check_parameters(one)
    _check_looks(registry)
    _check_channels(registry)
    for one in registry.declared:
        name = one.plugin.name
        for dataset in one.datasets:
            check_dataset(name, dataset)
        for metric in one.metrics:
            check_metric(registry, name, metric)
        for declared in one.filters:
            check_filter(registry, name, declared)
        for kind in one.reports:
            for key in kind.datasets:
                dataset_of(registry, name, kind.key, key)


def _check_plugins(registry: Registry) -> None:
    taken: dict[str, str] = {}
    for one in registry.declared:
        plugin = one.plugin
        if reason := _unusable(plugin, taken):
            raise mistake(plugin.name, reason)
        taken[plugin.namespace] = plugin.name


def _unusable(plugin: Plugin, taken: dict[str, str]) -> Message | None:
    namespace = plugin.namespace
    if plugin.contract != CONTRACT:
        return _(
            "it was written for version {theirs} of the contract, this server speaks version {ours}",
            theirs=plugin.contract, ours=CONTRACT,
        )  # fmt: skip
    if not namespace.isidentifier() or not namespace.islower():
        return _("its namespace {namespace} must be a lower-case word", namespace=namespace)
    if namespace in RESERVED and plugin.package != PROJECT:
        return _("the namespace {namespace} belongs to the core", namespace=namespace)
    if not _importable(plugin.package):
        return _("its package {package}, where its translations are, is not there", package=plugin.package)
    if namespace in taken:
        return _(
            "its namespace {namespace} is already taken by the plugin {other}",
            namespace=namespace, other=taken[namespace],
        )  # fmt: skip
    return None


def _importable(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def _check_keys(one: Declared) -> None:
    name, namespace = one.plugin.name, one.plugin.namespace
    for group in (one.datasets, one.metrics, one.filters, one.reports):
        for item in group:
            start, _dot, rest = item.key.partition(".")
            if start != namespace or not rest.isidentifier():
                reason = _(
                    "the key {key} must be {namespace}, a dot and a word", key=item.key, namespace=namespace
                )
                raise mistake(name, reason)
        unique(name, (item.key for item in group))
    unique(name, (kind.key for kind in one.sources))
    for kind in one.sources:
        unique(name, (reader.key for reader in kind.readers))
    # Datasets and query fields stand side by side below the plugin's field in GraphQL.
    fields = [field.name for field in one.query_fields]
    unique(name, [*fields, *(dataset.key.partition(".")[2] for dataset in one.datasets)])


def _check_samples(one: Declared) -> None:
    kinds = {kind.key for kind in one.sources}
    unique(one.plugin.name, (sample.name for sample in one.samples))
    for sample in one.samples:
        if sample.kind not in kinds:
            reason = _("the sample {sample} is of the kind {kind}, which it does not declare",
                       sample=sample.name, kind=sample.kind)  # fmt: skip
            raise mistake(one.plugin.name, reason)


def _check_parameters(one: Declared) -> None:
    groups: list[tuple[str, tuple[Parameter, ...]]] = [
        *((kind.key, kind.parameters) for kind in one.reports),
        *((kind.key, kind.settings) for kind in one.sources),
        *(
            (renderer.format, renderer.options)
            for renderer in one.renderers
            if isinstance(renderer, Renderer)
        ),
    ]
    for owner, parameters in groups:
        keys = [parameter.key for parameter in parameters]
        unique(one.plugin.name, (f"{owner}.{key}" for key in keys))
        for parameter in parameters:
            for other in set(parameter.depends_on) - set(keys):
                reason = _(
                    "the parameter {key} of {owner} depends on {other}, which does not exist",
                    key=parameter.key, owner=owner, other=other,
                )  # fmt: skip
                raise mistake(one.plugin.name, reason)


def _check_looks(registry: Registry) -> None:
    taken: dict[str, str] = {}
    for one in registry.declared:
        for renderer in one.renderers:
            what = renderer.format if isinstance(renderer, Renderer) else f"{renderer.format}/{renderer.kind}"
            if what in taken:
                reason = _("the plugin {other} already draws {format}", other=taken[what], format=what)
                raise mistake(one.plugin.name, reason)
            taken[what] = one.plugin.name


def _check_channels(registry: Registry) -> None:
    taken: set[str] = set()
    for one in registry.declared:
        for channel in one.channels:
            if channel.key in taken:
                reason = _("another plugin already hands over by {channel}", channel=channel.key)
                raise mistake(one.plugin.name, reason)
            taken.add(channel.key)


def unique(name: str, keys: Iterable[str]) -> None:
    """Raise about this plugin where a key occurs twice."""
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise mistake(name, _("the key {key} is declared twice", key=key))
        seen.add(key)
