"""Routes of plugins: addresses that can be, and handlers that take what they are given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from inspect import iscoroutinefunction, signature

from bilan.registry.declared import Registry
from bilan.registry.mistakes import mistake
from bilan.sdk.messages import Message
from bilan.sdk.routes import PluginRoute
from bilan.sdk.textdomain import _

PATH = re.compile(r"/|(/([a-z0-9]+([.-][a-z0-9]+)*|\{[a-z][a-z_]*\}))+")
METHODS = frozenset({"GET", "POST"})


def check_routes(registry: Registry) -> None:
    """Raise ``Misdeclared`` for the first route that could not be asked, and for a second interface."""
    interfaces = [one.plugin.name for one in registry.declared if one.interface is not None]
    if len(interfaces) > 1:
        raise mistake(interfaces[1], _("the plugin {other} is the interface already", other=interfaces[0]))
    for declared in registry.declared:
        taken: list[tuple[str, tuple[str, ...]]] = []
        for route in declared.routes:
            for reason in (*_misaddressed(route), *_uncallable(route), *_shadowed(route, taken)):
                raise mistake(declared.plugin.name, reason)
            taken += [(method, _parts(route)) for method in route.methods]


def _misaddressed(route: PluginRoute) -> Iterator[Message]:
    if not PATH.fullmatch(route.path):
        yield _(
            "its route {path} must begin with a slash and be made of lower-case words and {names}",
            path=route.path, names="{names}",
        )  # fmt: skip
    if not route.methods or not METHODS.issuperset(route.methods):
        methods = ", ".join(map(str, route.methods))
        yield _("its route {path} takes GET, POST or both, not {methods}", path=route.path, methods=methods)
    elif route.open and route.methods != ("GET",):
        yield _("its open route {path} takes GET alone", path=route.path)
    if route.label is not None and ("GET" not in route.methods or "{" in route.path or route.open):
        yield _("its route {path} has a label, but is no page that can be listed", path=route.path)


def _uncallable(route: PluginRoute) -> Iterator[Message]:
    handle = route.handle
    if not iscoroutinefunction(handle) and not iscoroutinefunction(getattr(handle, "__call__", None)):  # noqa: B004
        yield _("the handler of its route {path} is not asynchronous", path=route.path)
    try:
        signature(handle).bind(None, None)
    except (TypeError, ValueError) as error:
        yield _(
            "the handler of its route {path} cannot be called: {error}", path=route.path, error=str(error)
        )


def _shadowed(route: PluginRoute, taken: list[tuple[str, tuple[str, ...]]]) -> Iterator[Message]:
    """Where an address of the route is one of an earlier route, too, which would answer first."""
    parts = _parts(route)
    for method, earlier in taken:
        if method in route.methods and len(earlier) == len(parts) and all(map(_covers, earlier, parts)):
            yield _("its route {path} stands where another one answers already", path=route.path)


def _parts(route: PluginRoute) -> tuple[str, ...]:
    return tuple(route.path.split("/"))


def _covers(earlier: str, part: str) -> bool:
    return earlier.startswith("{") or earlier == part
