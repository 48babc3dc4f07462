"""What a plugin's open routes answer to strangers: each rule yields sentences about what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bilan.registry.declared import Declared
from bilan.sdk.errors import BilanError
from bilan.sdk.routes import PluginRoute, RouteReply
from bilan.testing.source_rules import EveryHeader
from bilan.testing.visits import Visit

if TYPE_CHECKING:
    from bilan.testing.harness import PluginHarness

ELSEWHERE = "elsewhere.example"
ODD: tuple[Mapping[str, str], ...] = (
    {},
    {"": ""},
    EveryHeader(f"https://{ELSEWHERE}/"),
    EveryHeader(f"//{ELSEWHERE}"),
    EveryHeader("\u202e\u0000\r\nlocation: x" * 100),
)
"""Queries by strangers; the last ones say the same whatever is looked for."""
PARTS = ("nothing", f"https:%2F%2F{ELSEWHERE}", "..", "a" * 2000)
"""What a stranger writes in place of the names in an address."""


def check_open_routes(harness: PluginHarness, one: Declared) -> Iterator[str]:
    """An open route answers or refuses in a sentence, and leads nobody where the request says."""
    visit = Visit(harness, one.plugin.namespace)
    for route in one.routes:
        if route.open:
            yield from _visited(visit, route)


def _visited(visit: Visit, route: PluginRoute) -> Iterator[str]:
    for part in PARTS:
        path = "/".join(part if each.startswith("{") else each for each in route.path.split("/"))
        for query in ODD:
            for method in ("GET", "HEAD"):
                if reason := _answered(visit, path, query, method):
                    yield f"the open route {route.path} {reason}"
                    return


def _answered(visit: Visit, path: str, query: Mapping[str, str], method: str) -> str | None:
    try:
        answer = visit(path, query, method=method, headers=query)
    except BilanError:
        return None
    except Exception as error:
        return f"fails when it is asked for {path}: {error!r} in place of an answer or a sentence"
    location = answer.headers.get("location", "") if isinstance(answer, RouteReply) else ""
    if urlsplit(location).netloc == ELSEWHERE:
        return "leads wherever the request says"
    return None
