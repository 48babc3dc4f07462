"""A plugin's routes asked without a server: over a harness, by a stranger or by somebody who may import."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from bilan.i18n import LocaleFormatter, Translator, formatter_for
from bilan.ingest.normalise import Normalisers
from bilan.ingest.recorded import facts_in, recording
from bilan.sdk.datasets import Fact, Retract
from bilan.sdk.errors import NotFound
from bilan.sdk.messages import Message
from bilan.sdk.query import QueryClient
from bilan.sdk.routes import PluginRoute, RouteActor, RoutePage, RouteReply, RouteRequest, RouteSource
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from bilan.testing.harness import PluginHarness

T = TypeVar("T")
SOMEBODY = RouteActor("Ada", "ada@example.org")
PUBLIC = "https://bilan.example.org"


@dataclass
class Visit:
    """Implements :class:`bilan.sdk.RouteContext`. What is recorded is taken in at once, in one batch."""

    harness: PluginHarness
    namespace: str
    actor: RouteActor | None = None
    sequence: int = 1
    language: str = "en"

    @property
    def now(self) -> datetime:
        return self.harness.now

    @property
    def formatter(self) -> LocaleFormatter:
        """The reader's, without a zone of their own."""
        return formatter_for(Translator.of(self.harness.registry.plugins.values()), self.language, "UTC")

    async def sources(self) -> tuple[RouteSource, ...]:
        kinds = [key for namespace, key in self.harness.registry.source_kinds if namespace == self.namespace]
        return tuple(RouteSource(str(self.harness.source), kind, "Test", True) for kind in kinds[:1])

    async def ask(self, work: Callable[[QueryClient], T]) -> T:
        return work(self.harness.client)

    async def run(self, work: Callable[[], T]) -> T:
        return work()

    async def record(self, source: str, facts: Sequence[Fact | Retract]) -> None:
        if source != str(self.harness.source):
            raise NotFound(_("There is no such source."))
        datasets = self.harness.registry.datasets
        body = recording(facts, self.namespace, Normalisers(datasets), self.now)
        self.harness.load(facts_in(body, datasets), sequence=self.sequence)

    def say(self, message: Message) -> str:
        return self.formatter.text(message)

    def address(self, path: str, *, public: bool = False) -> str:
        return f"{PUBLIC if public else ''}/plugins/{self.namespace}{path}"

    def __call__(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        form: Mapping[str, str] | None = None,
        method: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> RouteReply | RoutePage:
        """The answer of the route at a path, by ``POST`` where there is a form.

        Raises ``NotFound`` where there is no such route.
        """
        method = method or ("GET" if form is None else "POST")
        route, given = self._route(path, "GET" if method == "HEAD" else method)
        told = [{} if one is None else one for one in (query, form, headers)]
        request = RouteRequest(method, given, *told)
        context = replace(self, actor=None if route.open else self.actor or SOMEBODY)
        return asyncio.run(_answer(route, request, context))

    def _route(self, path: str, method: str) -> tuple[PluginRoute, Mapping[str, str]]:
        for declared in self.harness.registry.declared:
            for route in declared.routes if declared.plugin.namespace == self.namespace else ():
                given = _matched(route.path.split("/"), path.split("/"))
                if given is not None and method in route.methods:
                    return route, given
        raise NotFound(_("There is no page at this address."))


async def _answer(route: PluginRoute, request: RouteRequest, context: Visit) -> RouteReply | RoutePage:
    return await route.handle(request, context)


def _matched(declared: list[str], asked: list[str]) -> Mapping[str, str] | None:
    if len(declared) != len(asked):
        return None
    pairs = list(zip(declared, asked, strict=True))
    if any(one != other and not one.startswith("{") for one, other in pairs):
        return None
    return {one.strip("{}"): other for one, other in pairs if one.startswith("{")}
