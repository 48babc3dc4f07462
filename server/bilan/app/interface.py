"""Addresses of the interface, held against those that stand before them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount, Route

from bilan.registry.mistakes import mistake
from bilan.sdk.textdomain import _


def check_interface(plugin: str, routes: Iterable[Any], before: Iterable[BaseRoute]) -> None:
    """Raise ``Misdeclared`` about this plugin for a page that another route answers first, or would shadow.

    ``/plugins/`` is for plugins' own routes, whichever are installed.
    """
    taken = (*before, Route("/plugins/{rest:path}", _nowhere, methods=["GET", "POST"]))
    for route in routes:
        if not isinstance(route, BaseRoute):
            found = type(route).__name__
            raise mistake(plugin, _("its pages must be routes of Starlette, not {found}", found=found))
        for path, method in _addresses(route):
            if any(_answers(other, path, method) for other in taken):
                reason = _("its page {path} stands where another one answers already", path=path)
                raise mistake(plugin, reason)
        taken = (*taken, route)


async def _nowhere(_request: Request) -> Response:
    return Response(status_code=404)


def _addresses(route: BaseRoute) -> Iterator[tuple[str, str]]:
    if isinstance(route, Route):
        yield from ((route.path, method) for method in sorted(route.methods or {"GET"}))
    elif isinstance(route, Mount):
        yield from (
            (route.path + path, method) for inner in route.routes for path, method in _addresses(inner)
        )


def _answers(route: BaseRoute, path: str, method: str) -> bool:
    if type(route) is Route:  # as Route.matches, which a start would spend a tenth of its time in
        return method in (route.methods or {method}) and route.path_regex.match(path) is not None
    scope = {"type": "http", "path": path, "root_path": "", "method": method, "headers": []}
    return route.matches(scope)[0] is Match.FULL
