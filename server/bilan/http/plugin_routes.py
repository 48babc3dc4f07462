"""Addresses of plugins: who may ask, what the plugin is given, and how its answer is sent.

See docs/decisions/087.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qsl, quote

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bilan.accounts.door import network_of
from bilan.accounts.policy import Action, allowed, require, signed_in
from bilan.accounts.values import Principal, Scope
from bilan.catalog.text import sanitise
from bilan.catalog.troubles import trouble_of
from bilan.i18n import LocaleFormatter, formatter_for, negotiate
from bilan.ingest.normalise import Normalisers
from bilan.ingest.recorded import recording
from bilan.sdk.datasets import Fact, Retract
from bilan.sdk.errors import BilanError, Forbidden, Invalid, NotFound, TooMany
from bilan.sdk.messages import Message
from bilan.sdk.query import QueryClient
from bilan.sdk.routes import (
    Interface,
    PluginRoute,
    RouteActor,
    RoutePage,
    RouteRequest,
    RouteSource,
)
from bilan.sdk.textdomain import _
from bilan.sources import Source
from bilan.sources.recent import Recent

if TYPE_CHECKING:
    from bilan.clock import Clock
    from bilan.services import Services

T = TypeVar("T")
PREFIX = "/plugins"
MOST_NAMES = 100
"""Different names in a query or form that a route is given."""
LONGEST_VALUE = 2_000
LONGEST_QUERY = 16_000
"""Characters of an address's query that are read at all."""
OF_ADDRESS = 60
"""How often in a minute facts are recorded for strangers of one address."""
MOST_ADDRESSES = 100_000
MINUTE = timedelta(minutes=1)


class OftenRecorded(TooMany):
    """So much was recorded for one address that the next has to wait."""

    retry_after = 60


class RecordPace:
    """How often facts were recorded for strangers, by their address, in the present minute."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since = clock.now()
        self._counted = Counter[str]()

    def count(self, address: str) -> None:
        """Count one more. Raises ``OftenRecorded``."""
        now = self._clock.now()
        if not self._since <= now < self._since + MINUTE or len(self._counted) >= MOST_ADDRESSES:
            self._since, self._counted = now, Counter()
        network = network_of(address)
        if self._counted[network] >= OF_ADDRESS:
            raise OftenRecorded(_("Too much comes from your address; try again in a minute."))
        self._counted[network] += 1


class PluginRoutes:
    """The endpoints of all plugins' routes."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._normalisers = Normalisers(services.registry.datasets)
        self._pace = RecordPace(services.clock)
        self._of_plugin = Recent[str, tuple[Source, ...]](services.clock)

    def routes(self) -> list[Route]:
        """The routes as the server mounts them."""
        return [
            Route(
                PREFIX + "/" + declared.plugin.namespace + ("" if route.path == "/" else route.path),
                self._endpoint(declared.plugin.namespace, route),
                methods=list(route.methods),
            )
            for declared in self._services.registry.declared
            for route in declared.routes
        ]

    def _endpoint(self, namespace: str, route: PluginRoute) -> Callable[[Request], object]:
        async def endpoint(http: Request) -> Response:
            # At an open route nobody is known, so that nobody's rights can be used there.
            actor = None if route.open else signed_in(http.state.actor)
            if actor is not None and http.method == "POST":
                _check_writing(actor)
            context = _Context(self, namespace, http, actor)
            try:
                answer = await route.handle(await _request(http), context)
            finally:
                await http.close()
            if isinstance(answer, RoutePage):
                return await self._page(http, context, answer)
            return Response(answer.content, answer.status, dict(answer.headers), answer.content_type)

        return endpoint

    async def _page(self, http: Request, context: _Context, page: RoutePage) -> Response:
        interface = self._services.registry.interface
        if interface is not None:
            shown: Response = await interface.page(http, page)
            return shown
        return HTMLResponse(
            f"<!doctype html><title>{context.say(page.title)}</title>{page.content}", page.status
        )

    async def known(self, namespace: str, actor: Principal | None) -> tuple[Source, ...]:
        """The plugin's sources in use that somebody may read; for nobody those of every workspace."""
        if actor is not None:
            found = await self._services.sources.list(actor)
            return tuple(
                one
                for one in found
                if one.plugin == namespace and allowed(actor, Action.READ_SOURCE, sources=(one.id,))
            )
        kept = self._of_plugin.get(namespace)
        if kept is None:
            kept = self._of_plugin.put(namespace, await self._services.sources.of_plugin(namespace))
        return kept

    async def ask(self, namespace: str, actor: Principal | None, work: Callable[[QueryClient], T]) -> T:
        """What ``work`` gives, which asks over these sources."""
        sources = await self.known(namespace, actor)
        session = await self._services.query.session([one.id for one in sources])
        return await self._services.query.ask(actor.person if actor else None, session, work)

    async def record(
        self,
        namespace: str,
        actor: Principal | None,
        address: str,
        source: str,
        facts: Sequence[Fact | Retract],
    ) -> None:
        """Write facts down in a source of the plugin."""
        found = next((one for one in await self.known(namespace, actor) if str(one.id) == source), None)
        if found is None:
            raise NotFound(_("There is no such source."))
        now = self._services.clock.now()
        if actor is not None:
            require(actor, Action.IMPORT, sources=(found.id,))
        body = recording(facts, namespace, self._normalisers, now)
        if actor is None:
            self._pace.count(address)
        await self._services.inbox.record(found.id, body, now)

    @property
    def services(self) -> Services:
        """What the server is made of."""
        return self._services


class _Context:
    """Implements :class:`bilan.sdk.RouteContext` for one request."""

    def __init__(self, routes: PluginRoutes, namespace: str, http: Request, actor: Principal | None) -> None:
        self._routes, self._namespace, self._http, self._actor = routes, namespace, http, actor
        self._formatter: LocaleFormatter | None = None

    @property
    def now(self) -> datetime:
        return self._routes.services.clock.now()

    @property
    def actor(self) -> RouteActor | None:
        return None if self._actor is None else RouteActor(self._actor.name, self._actor.email)

    async def sources(self) -> tuple[RouteSource, ...]:
        actor = self._actor
        with _troubles_told():
            known = await self._routes.known(self._namespace, actor)
        return tuple(
            RouteSource(
                str(one.id), one.kind, one.name,
                actor is None or allowed(actor, Action.IMPORT, sources=(one.id,)),
            )
            for one in known
        )  # fmt: skip

    async def ask(self, work: Callable[[QueryClient], T]) -> T:
        with _troubles_told():
            return await self._routes.ask(self._namespace, self._actor, work)

    async def run(self, work: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(work)

    async def record(self, source: str, facts: Sequence[Fact | Retract]) -> None:
        address = self._http.client.host if self._http.client else ""
        with _troubles_told():
            await self._routes.record(self._namespace, self._actor, address, source, facts)

    def say(self, message: Message) -> str:
        if self._formatter is None:
            services, actor = self._routes.services, self._actor
            interface: Interface | None = services.registry.interface
            if interface is not None:
                language = interface.language(self._http)
            else:
                language = negotiate(self._http.headers.get("accept-language", ""))
            self._formatter = formatter_for(services.translator, language, actor.zone if actor else "UTC")
        return self._formatter.text(message)

    def address(self, path: str, *, public: bool = False) -> str:
        server = self._routes.services.settings.public_url if public else ""
        return f"{server}{PREFIX}/{self._namespace}{quote(path)}"


@contextmanager
def _troubles_told() -> Generator[None]:
    """Let a database that restarts and a disk that is full be ``Unavailable``, which handlers know."""
    try:
        yield
    except BilanError:
        raise
    except Exception as error:
        if (trouble := trouble_of(error)) is None:
            raise
        raise trouble from error


def _check_writing(actor: Principal) -> None:
    """Refuse a token that only reads, whatever the route does."""
    scopes = getattr(actor, "scopes", None)
    if scopes is not None and Scope.WRITE not in scopes:
        raise Forbidden(_("This takes a token with the scope {scope}.", scope=str(Scope.WRITE)))


async def _request(http: Request) -> RouteRequest:
    form: dict[str, str] = {}
    if http.method == "POST":
        try:
            given = await http.form(max_files=0, max_fields=MOST_NAMES)
        except HTTPException:
            raise Invalid(_("What the browser sent could not be read; go back and try again.")) from None
        form = _bounded((name, value) for name, value in given.multi_items() if isinstance(value, str))
        if any(isinstance(value, str) and len(value) > LONGEST_VALUE for value in given.values()):
            raise Invalid(_("A text has at most {most} characters.", most=LONGEST_VALUE))
    query = parse_qsl(http.url.query[:LONGEST_QUERY], keep_blank_values=True)
    return RouteRequest(
        http.method, _bounded(http.path_params.items()), _bounded(query), form, _headers(http)
    )


def _headers(http: Request) -> Mapping[str, str]:
    """The headers without what proves who somebody is."""
    return {name: value for name, value in http.headers.items() if name not in ("cookie", "authorization")}


def _bounded(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        if len(found) >= MOST_NAMES:
            break
        found.setdefault(_clean(name), _clean(value))
    return found


def _clean(text: str) -> str:
    kept = sanitise(text[:LONGEST_VALUE])
    return "".join(one for one in kept if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cs"))
