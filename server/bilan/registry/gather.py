"""Finds the plugins, calls their hooks once and hands over what they declared. See docs/decisions/002."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import entry_points
from typing import Any, TypeVar

import pluggy

from bilan.registry.checks import check
from bilan.registry.declared import Declared, Registry
from bilan.registry.mistakes import mistake
from bilan.sdk.activity import CORE
from bilan.sdk.channels import Channel
from bilan.sdk.datasets import Dataset
from bilan.sdk.filters import Filter
from bilan.sdk.hooks import PROJECT, hook_manager, hookimpl
from bilan.sdk.metrics import Metric
from bilan.sdk.plugins import Plugin, QueryField
from bilan.sdk.rendering import BlockRenderer, Renderer
from bilan.sdk.reports import ReportKind
from bilan.sdk.routes import Interface, PluginRoute
from bilan.sdk.sources import Sample, SourceKind
from bilan.sdk.textdomain import _

T = TypeVar("T")


def load(extra: Sequence[tuple[str, Any]] = (), *, installed: bool = True) -> Registry:
    """Gather what the installed plugins (and ``extra`` ones, by name) declare.

    Raises ``Misdeclared`` with the plugin's name for whatever cannot work.
    """
    manager = hook_manager()
    manager.register(CORE, "core")
    entries = entry_points(group=PROJECT) if installed else ()
    for entry in sorted(entries, key=lambda entry: entry.name):
        _register(manager, entry.name, entry.load)
    for name, plugin in extra:
        _register(manager, name, lambda plugin=plugin: plugin)
    registry = Registry(
        tuple(_Hooks(manager, name).declared() for name, _plugin in manager.list_name_plugin())
    )
    check(registry)
    return registry


def _register(manager: Any, name: str, loader: Callable[[], Any]) -> None:
    if manager.has_plugin(name):
        raise mistake(name, _("another plugin of this name is installed"))
    try:
        plugin = loader()
        manager.register(PluginHooks(plugin) if isinstance(plugin, Plugin) else plugin, name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        reason = _("a hook is unknown to this server or takes other arguments: {error}", error=str(error))
        raise mistake(name, reason) from error
    except Exception as error:
        raise mistake(name, _("it cannot be loaded: {error}", error=repr(error))) from error
    for hook in sorted(name for name in dir(plugin) if name.startswith("register_")):
        if not hasattr(getattr(plugin, hook), f"{PROJECT}_impl") and not isinstance(plugin, Plugin):
            raise mistake(name, _("its function {hook} is not marked with @hookimpl", hook=hook))


class PluginHooks:
    """The one hook of a plugin that is a value, which declares everything at once."""

    def __init__(self, plugin: Plugin) -> None:
        self._plugin = plugin

    @hookimpl
    def register_plugin(self) -> Plugin:
        return self._plugin


class _Hooks:
    """One plugin's answers, hook by hook."""

    def __init__(self, manager: Any, name: str) -> None:
        self._manager = manager
        self._name = name

    def declared(self) -> Declared:
        plugin = self._one("register_plugin", Plugin)
        if plugin is None:
            raise mistake(self._name, _("it does not implement register_plugin, which says who it is"))
        return Declared(
            plugin,
            datasets=self._many("register_datasets", plugin.datasets, Dataset),
            metrics=self._many("register_metrics", plugin.metrics, Metric),
            filters=self._many("register_filters", plugin.filters, Filter),
            sources=self._many("register_sources", plugin.sources, SourceKind),
            samples=self._many("register_samples", plugin.samples, Sample),
            reports=self._many("register_reports", plugin.reports, ReportKind),
            renderers=self._many("register_renderers", plugin.renderers, Renderer, BlockRenderer),
            channels=self._many("register_channels", plugin.channels, Channel),
            query_fields=self._many("register_query_fields", plugin.query_fields, QueryField),
            routes=self._many("register_routes", plugin.routes, PluginRoute),
            interface=self._one("register_interface", Interface) or plugin.interface,
        )

    def _one(self, hook: str, kind: type[T]) -> T | None:
        for answer in self._call(hook):
            return self._expect(hook, answer, kind)
        return None

    def _many(self, hook: str, declared: Any, *kinds: type[T]) -> tuple[T, ...]:
        """What the plugin's value declares at once, then what its hook answers."""
        answers = [declared, *self._call(hook)]
        if any(isinstance(answer, str) or not isinstance(answer, Iterable) for answer in answers):
            raise mistake(self._name, _("{hook} must return a sequence of declarations", hook=hook))
        return tuple(self._expect(hook, item, *kinds) for answer in answers for item in answer)

    def _expect(self, hook: str, item: Any, *kinds: type[T]) -> T:
        if isinstance(item, kinds):
            return item
        wanted = " or ".join(kind.__name__ for kind in kinds)
        found = type(item).__name__
        reason = _("{hook} must give {wanted}, not {found}", hook=hook, wanted=wanted, found=found)
        raise mistake(self._name, reason)

    def _call(self, hook: str) -> list[Any]:
        implementations = getattr(self._manager.hook, hook).get_hookimpls()
        try:
            return [one.function() for one in implementations if one.plugin_name == self._name]
        except Exception as error:
            reason = _("{hook} fails with {error}", hook=hook, error=repr(error))
            raise mistake(self._name, reason) from error
