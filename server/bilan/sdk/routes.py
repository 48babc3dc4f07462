"""Addresses of a plugin's own, below ``/plugins/`` and its namespace. See docs/decisions/087."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from bilan.sdk.datasets import Fact, Retract
from bilan.sdk.messages import Message
from bilan.sdk.query import QueryClient

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RouteRequest:
    """What somebody asks of a plugin's address. Header names are lower case.

    Of the address's query and of a form it holds the first value under each
    name, at most 100 names and 2,000 characters a value, without control characters
    other than line breaks and tabs; what is beyond that is left out of a query, and a form refused.
    """

    method: str
    """``GET``, ``HEAD`` or ``POST``."""
    path: Mapping[str, str] = field(default_factory=dict[str, str])
    """What stands in the address in place of each ``{name}`` of the route's path."""
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    form: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class RouteReply:
    """An answer as it is sent, by default plain text."""

    content: str | bytes = ""
    status: int = 200
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def to(cls, address: str, status: int = 303) -> RouteReply:
        """The way to another address, which is the plugin's own to choose and never the request's."""
        return cls(status=status, headers={"location": address})


@dataclass(frozen=True, slots=True)
class RoutePage:
    """An answer that the interface shows as one of its pages.

    ``content`` is markup of what stands below the title, every value in it
    escaped (``markupsafe.Markup`` with ``format`` or a template does).
    """

    title: Message
    content: str
    status: int = 200
    lead: Message | None = None


@dataclass(frozen=True, slots=True)
class RouteActor:
    """Who asks, where somebody has to be signed in."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class RouteSource:
    """A source in use of one of the plugin's own kinds."""

    id: str
    kind: str
    name: str
    editable: bool
    """Whether facts may be recorded in it."""


class RouteContext(Protocol):
    """All that a route has of the server, bounded to the plugin and to what the actor may."""

    @property
    def now(self) -> datetime:
        """The present moment, in UTC."""
        ...

    @property
    def actor(self) -> RouteActor | None:
        """Who asks; always ``None`` at an open route."""
        ...

    async def sources(self) -> tuple[RouteSource, ...]:
        """The plugin's sources in use that the actor may read; at an open route those of every workspace."""
        ...

    async def ask(self, work: Callable[[QueryClient], T]) -> T:
        """What ``work`` gives, which asks in a thread, scoped to :meth:`sources`.

        Raises ``TooMany`` where too many are asking, ``Unavailable`` where a part of the server
        does not answer.
        """
        ...

    async def run(self, work: Callable[[], T]) -> T:
        """What ``work`` gives, which computes in a thread. A route itself only ever waits."""
        ...

    async def record(self, source: str, facts: Sequence[Fact | Retract]) -> None:
        """Write facts of the plugin's datasets down; when this returns, they survive a crash.

        They wait in the same inbox as posts and show within seconds. Raises
        ``Invalid`` for facts that could not be used, ``NotFound`` and ``Forbidden`` where the
        actor may not import into the source, ``Unavailable`` where the inbox
        is full or the catalog does not answer, ``TooMany`` where an address
        of strangers has had more than 60 written down in a minute.
        """
        ...

    def say(self, message: Message) -> str:
        """A message in the reader's language."""
        ...

    def address(self, path: str, *, public: bool = False) -> str:
        """Where one of the plugin's own paths is: for a page's links, or in ``public`` for other sites."""
        ...


RouteHandler = Callable[[RouteRequest, RouteContext], Awaitable[RouteReply | RoutePage]]


@dataclass(frozen=True, slots=True)
class PluginRoute:
    """An address below ``/plugins/`` and the plugin's namespace.

    ``path`` begins with a slash; ``{name}`` stands for one part of the address.
    ``handle`` is asynchronous and raises ``BilanError`` with a sentence for
    what it refuses. Whoever asks has to be signed in, or bring a token, which
    needs the scope ``write`` for ``POST``. An ``open`` route is for
    strangers: it takes ``GET`` alone, and its handler decides for itself
    what strangers may have. ``label`` lists the address among what is
    administered.
    """

    path: str
    handle: RouteHandler
    methods: tuple[str, ...] = ("GET",)
    open: bool = False
    label: Message | None = None


@dataclass(frozen=True, slots=True)
class Interface:
    """The pages for people, of which a server has one: routes of Starlette behind the core's own.

    They stand at addresses of their own choice and get the server's services
    in ``app.state``, which no version of the contract promises anything of:
    what a plugin adds are :class:`PluginRoute`. Of ``BilanError`` ``errors``
    render what is refused anywhere, of ``Exception`` what nobody expected.
    ``page`` and ``language`` show a :class:`RoutePage` to the sender of a request.
    """

    routes: tuple[Any, ...]
    page: Callable[[Any, RoutePage], Awaitable[Any]]
    language: Callable[[Any], str]
    errors: Mapping[int | type[Exception], Callable[..., Awaitable[Any]]] = field(
        default_factory=dict[int | type[Exception], Callable[..., Awaitable[Any]]]
    )
