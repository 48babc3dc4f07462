"""Routes of plugins, held against those that stand before them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from starlette.routing import BaseRoute, Match, Mount, Route

from bilan.registry.mistakes import mistake
from bilan.sdk.textdomain import _


def check_routes(plugin: str, routes: Iterable[Any], before: Iterable[BaseRoute]) -> None:
    """Raise ``Misdeclared`` about this plugin for a route that another one answers first."""
    taken = tuple(before)
    for route in routes:
        if not isinstance(route, BaseRoute):
            found = type(route).__name__
            raise mistake(plugin, _("its routes must be routes of Starlette, not {found}", found=found))
        for path, method in _addresses(route):
            if any(_answers(other, path, method) for other in taken):
                reason = _("its route {path} stands where another one answers already", path=path)
                raise mistake(plugin, reason)
        taken = (*taken, route)


def _addresses(route: BaseRoute) -> Iterator[tuple[str, str]]:
    if isinstance(route, Route):
        yield from ((route.path, method) for method in sorted(route.methods or {"GET"}))
    elif isinstance(route, Mount):
        yield from (
            (route.path + path, method) for inner in route.routes for path, method in _addresses(inner)
        )


def _answers(route: BaseRoute, path: str, method: str) -> bool:
    scope = {"type": "http", "path": path, "root_path": "", "method": method, "headers": []}
    return route.matches(scope)[0] is Match.FULL
