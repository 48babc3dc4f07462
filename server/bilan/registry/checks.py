"""What must hold between declarations before the server starts."""

from __future__ import annotations

from importlib.util import find_spec

from bilan.registry.activities import check_activities
from bilan.registry.columns import check_dataset, check_filter, check_metric, check_metrics_of, dataset_of
from bilan.registry.declared import Declared, Registry
from bilan.registry.derivations import check_derivations
from bilan.registry.looks import check_looks
from bilan.registry.mistakes import mistake, unique
from bilan.registry.parameters import check_parameters
from bilan.registry.pulls import unpullable
from bilan.registry.query_fields import check_query_fields
from bilan.registry.report_kinds import check_report_kinds
from bilan.registry.routes import check_routes
from bilan.registry.types import wrong_types
from bilan.sdk.hooks import CONTRACT, PROJECT
from bilan.sdk.messages import Message
from bilan.sdk.parameters import ParameterKind
from bilan.sdk.plugins import Plugin
from bilan.sdk.sources import RoutedWebhook, Sample, SourceKind
from bilan.sdk.textdomain import _

RESERVED = frozenset({"contact", "bilan", "core"})
"""Namespaces of the core."""


def check(registry: Registry) -> None:
    """Raise ``Misdeclared`` for the first declaration that cannot work."""
    _check_plugins(registry)
    for one in registry.declared:
        _check_types(one)
        _check_keys(one)
        _check_samples(one)
        check_parameters(one)
        check_query_fields(one)
    check_looks(registry)
    _check_channels(registry)
    check_routes(registry)
    for one in registry.declared:
        name = one.plugin.name
        for dataset in one.datasets:
            check_dataset(name, dataset)
        check_derivations(one)
        for metric in one.metrics:
            check_metric(registry, name, metric)
        for dataset in one.datasets:
            check_metrics_of(registry, name, dataset)
        for declared in one.filters:
            check_filter(registry, name, declared)
        check_report_kinds(registry, one)
        check_activities(registry, one)
        for kind in one.reports:
            for key in kind.datasets:
                dataset_of(registry, name, kind.key, key)


def _check_types(one: Declared) -> None:
    groups = (
        one.datasets, one.metrics, one.filters, one.sources, one.samples, one.reports, one.renderers,
        one.channels, one.query_fields, one.routes, tuple(filter(None, (one.interface,))),
    )  # fmt: skip
    for declaration in (one.plugin, *(item for group in groups for item in group)):
        for field, wanted, found in wrong_types(declaration):
            reason = _(
                "{field} of the {declaration} {key} must be {wanted}, not {found}",
                field=field, declaration=type(declaration).__name__, key=_key(declaration),
                wanted=wanted, found=found,
            )  # fmt: skip
            raise mistake(one.plugin.name, reason)


def _key(declaration: object) -> str:
    names = (getattr(declaration, name, None) for name in ("key", "name", "format", "path"))
    return next((str(name) for name in names if name), "")


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
        if reason := _unroutable(kind) or unpullable(kind):
            raise mistake(name, reason)
    # Datasets and query fields stand side by side below the plugin's field in GraphQL.
    fields = [field.name for field in one.query_fields]
    unique(name, [*fields, *(dataset.key.partition(".")[2] for dataset in one.datasets)])


def _unroutable(kind: SourceKind) -> Message | None:
    if not kind.routed_by:
        return None
    texts = {one.key for one in kind.settings if one.kind is ParameterKind.TEXT}
    if kind.routed_by not in texts:
        return _(
            "posts of {kind} are routed by {setting}, which is none of its text settings",
            kind=kind.key, setting=kind.routed_by,
        )  # fmt: skip
    if not isinstance(kind.webhook, RoutedWebhook):
        return _("posts of {kind} are routed, but its webhook has no “split”", kind=kind.key)
    return None


def _check_samples(one: Declared) -> None:
    kinds = {kind.key: kind for kind in one.sources}
    unique(one.plugin.name, (sample.name for sample in one.samples))
    for sample in one.samples:
        if reason := _unreadable(sample, kinds.get(sample.kind)):
            raise mistake(one.plugin.name, reason)


def _unreadable(sample: Sample, kind: SourceKind | None) -> Message | None:
    named = {"sample": sample.name, "kind": sample.kind}
    if kind is None:
        return _("the sample {sample} is of the kind {kind}, which it does not declare", **named)
    if sample.posts is not None and kind.webhook is None:
        return _("the sample {sample} has posts, but {kind} has no webhook", **named)
    if (sample.answers is not None or sample.mails is not None) and kind.pull is None:
        return _("the sample {sample} has answers, but {kind} is not pulled", **named)
    if sample.files is not None and not kind.readers:
        return _("the sample {sample} has files, but {kind} has no reader", **named)
    return None


def _check_channels(registry: Registry) -> None:
    taken: set[str] = set()
    for one in registry.declared:
        for channel in one.channels:
            if channel.key in taken:
                reason = _("another plugin already hands over by {channel}", channel=channel.key)
                raise mistake(one.plugin.name, reason)
            taken.add(channel.key)
