"""The processes: a server that serves and works, and a worker that only works."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from pathlib import Path
from typing import Any

import anyio
import uvicorn

from bilan.app.assembly import Bilan
from bilan.app.errors import unwrapped
from bilan.app.web import control_application, web_application
from bilan.control_socket import is_safe
from bilan.http.accepting import Acceptor
from bilan.http.connections import Connections, own_or, room
from bilan.http.protocols import protocols
from bilan.sdk.errors import Conflict, Invalid
from bilan.sdk.textdomain import _
from bilan.settings import Settings

BACKLOG = 2048
MESSAGE = 256 * 1024
"""Bytes of the longest message through a websocket."""
LAST_ANSWERS = 5.0
"""Seconds that commands through the socket have to end when the server does."""
SWITCH = 0.001
"""Seconds after which a thread that computes lets another of the process go on (CPython's own: 0.005)."""
SHARED = ("clickhouse:", "clickhouses:")
Ready = Callable[[Bilan, str], Awaitable[None]]


async def serve(settings: Settings, ready: Ready) -> None:
    """Serve pages, webhooks and GraphQL until a signal says to stop; work as well.

    ``ready`` is called with the server's address once it answers. Raises
    ``Conflict`` where the port is taken.
    """
    # The event loop waits less for threads that compute; it asks for its turn at every answer.
    sys.setswitchinterval(SWITCH)
    with listening(settings.host, settings.port) as listener:
        port = listener.getsockname()[1]
        settings = settings.model_copy(update={"port": port})
        async with Bilan.open(settings) as bilan, bilan.working():
            with listen_unix(settings.socket_path) as control:
                proxies = settings.trusted_proxies
                counted = Connections(
                    room(settings.connections), settings.connections_of_one, own=own_or(proxies)
                )
                public = UvicornServer(web_application(bilan), proxies, counted)
                operator = UvicornServer(control_application(bilan))
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(_stop_on_signal, bilan, public, operator)
                    tasks.start_soon(_say_ready, public, bilan, ready)
                    async with anyio.create_task_group() as servers:
                        servers.start_soon(operator.serve, [control])
                        await public.serve([listener])
                        operator.should_exit = True
                        servers.cancel_scope.deadline = anyio.current_time() + LAST_ANSWERS
                    tasks.cancel_scope.cancel()


async def work(settings: Settings) -> None:
    """Do jobs until a signal says to stop; serve nothing.

    Raises ``Invalid`` for settings that would keep the worker from sharing the server's work.
    """
    if not settings.broker_url:
        text = _("A worker takes its jobs from a queue: set BILAN_BROKER_URL to amqp://… or redis://….")
        raise Invalid(text)
    if not settings.warehouse_url.startswith(SHARED):
        text = _("A worker shares the warehouse with the server: set BILAN_WAREHOUSE_URL to clickhouse://….")
        raise Invalid(text)
    async with Bilan.open(settings) as bilan, bilan.working():
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async for _signal in signals:
                return


class UvicornServer(uvicorn.Server):
    """Uvicorn without signal handlers of its own: two servers share this process.

    Where its connections are ``counted``, they are bounded and may not dawdle.
    """

    def __init__(
        self, application: object, trusted_proxies: str = "", counted: Connections | None = None
    ) -> None:
        self._counted = counted
        self._acceptors: list[Acceptor] = []
        http, ws = protocols(counted) if counted is not None else ("httptools", "websockets-sansio")
        super().__init__(
            uvicorn.Config(
                application,  # type: ignore[arg-type]
                http=http,
                ws=ws,
                log_config=None,
                lifespan="off",
                server_header=False,
                ws_max_size=MESSAGE,
                ws_max_queue=8,
                timeout_graceful_shutdown=10,
                proxy_headers=bool(trusted_proxies),
                forwarded_allow_ips=trusted_proxies,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen. Counted connections are taken many at a time: each by itself waits for the interpreter."""
        if self._counted is None:
            await super().startup(sockets)
            return
        await super().startup([])
        for listener in sockets or ():
            self._acceptors.append(Acceptor(listener, self._protocol))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more, and end what is going on."""
        for acceptor in self._acceptors:
            acceptor.close()
        await super().shutdown(sockets)

    def _protocol(self) -> asyncio.Protocol:
        loop = asyncio.get_running_loop()
        made: Any = self.config.http_protocol_class
        return made(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state, _loop=loop
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(server: UvicornServer, listener: socket.socket) -> AsyncGenerator[None]:
    """The server answers at the listener while the block runs, and ends what it is doing after it."""
    with unwrapped():
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(server.serve, [listener])
            await _started(server)
            try:
                yield
            finally:
                server.should_exit = True


async def _started(server: UvicornServer) -> None:
    while not server.started:  # noqa: ASYNC110 - uvicorn tells by a flag only
        await anyio.sleep(0.01)


async def _stop_on_signal(bilan: Bilan, *servers: uvicorn.Server) -> None:
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _signal in signals:
            # Whoever watches a run would keep their connection open until the run is over.
            bilan.services.run_events.stop()
            for server in servers:
                # A second signal does not wait for open connections.
                server.force_exit = server.should_exit
                server.should_exit = True


async def _say_ready(server: UvicornServer, bilan: Bilan, ready: Ready) -> None:
    await _started(server)
    settings = bilan.services.settings
    await ready(bilan, settings.public_url)


@contextlib.contextmanager
def listening(host: str, port: int) -> Generator[socket.socket]:
    """A bound socket. Port 0 takes a free one. Raises ``Conflict`` where the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            text = _(
                "{host}:{port} cannot be used ({reason}); choose another port with --port or BILAN_PORT.",
                host=host, port=str(port), reason=error.strerror or str(error),
            )  # fmt: skip
            raise Conflict(text, ("port",)) from error
        listener.listen(BACKLOG)
        yield listener


@contextlib.contextmanager
def listen_unix(path: Path) -> Generator[socket.socket]:
    """A Unix socket that only this user can open. What an earlier server left behind is replaced."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not is_safe(path):
        text = _(
            "Others can write to {folder}; remove it, or use a shorter BILAN_DATA_DIR.",
            folder=str(path.parent),
        )
        raise Conflict(text)
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        # Made under a mask, so that it is never there with wider rights, not even for a moment.
        mask = os.umask(0o177)
        try:
            listener.bind(str(path))
        finally:
            os.umask(mask)
        listener.listen(BACKLOG)
        ours = path.stat().st_ino
        try:
            yield listener
        finally:
            # A server that was started later on the same folder keeps its own.
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_ino == ours:
                    path.unlink()
