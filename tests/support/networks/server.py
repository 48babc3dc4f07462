"""The server of all networks: by the host that a request names it answers as one of them.

Three ways lead to it: an httpx transport that takes the networks' hosts to it (``Routed``), a plain
address with the host in front of the path (``server.base("graph.facebook.com")``), and the
``Host`` header of any client.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from collections import Counter
from collections.abc import Generator, Iterable
from datetime import UTC
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2

from support.networks.bluesky import Bluesky
from support.networks.calls import Answer, Call, Refused
from support.networks.content import Content
from support.networks.faults import Act, Cut, Fault
from support.networks.mastodon import Mastodon
from support.networks.meta.site import Meta
from support.networks.sites import Endpoint, Site
from support.networks.world import World
from support.networks.youtube import YouTube

NOBODY = Answer(421, b"no such host")


class Networks(ThreadingHTTPServer):
    """The networks of a world. ``calls`` are the requests so far, in order of their arrival."""

    daemon_threads = False
    """Its end waits for the requests that are under way."""

    def __init__(self, world: World, largest: int | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.connected: set[socket.socket] = set()
        self.world = world
        self.youtube = YouTube(world, largest)
        self.sites: list[Site] = [kind(world, largest) for kind in (Mastodon, Bluesky, Meta, Content)]
        self.sites.append(self.youtube)
        self.calls: list[Call] = []
        self.strayed: list[str] = []
        """Hosts that were asked and belong to no network."""
        self.faults: list[Fault] = []
        self.released = threading.Event()
        """Set when the server stops: what hangs or waits for it goes on."""
        self._counting = threading.Lock()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up; an error of the server's own is told."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def hosts(self) -> dict[str, Site]:
        """The networks by their hosts."""
        return {host: site for site in self.sites for host in site.hosts}

    @property
    def counts(self) -> Counter[str]:
        """How often each endpoint was asked."""
        return Counter(call.endpoint for call in list(self.calls))

    def base(self, host: str) -> str:
        """A plain address of one of the hosts."""
        return f"{self.url}/@{host}"

    def order(self, endpoint: str, act: Act, skip: int = 0, times: int | None = 1) -> Fault:
        """Let something go wrong from now on. What an earlier order takes a later one does not see."""
        fault = Fault(endpoint, act, skip, times)
        self.faults.append(fault)
        return fault

    def forget(self) -> None:
        """No more faults, and counting begins anew."""
        self.faults.clear()
        self.calls.clear()
        self.strayed.clear()

    def transport(self) -> Routed:
        """An httpx transport that finds the networks here and nobody else anywhere."""
        return Routed(self)

    def client(self) -> httpx2.Client:
        """A client through that transport."""
        return httpx2.Client(transport=self.transport(), trust_env=False)

    def answered(self, call: Call) -> Answer | Cut:
        """The answer to a request, or what a fault makes of it."""
        site = self.hosts.get(call.host)
        if site is None:
            self.strayed.append(call.host)
            return NOBODY
        endpoint = site.find(call)
        with self._counting:
            self.calls.append(call)
            site.asked += 1
            taken = next((fault for fault in self.faults if fault.takes(call.endpoint)), None)

        def proceed() -> Answer:
            return _handled(site, endpoint, call)

        given = taken.act(call, proceed, site) if taken else proceed()
        said = given.answer if isinstance(given, Cut) else given
        said.headers = {**site.headers(call), **said.headers}
        call.status = said.status
        return given


def _handled(site: Site, endpoint: Endpoint | None, call: Call) -> Answer:
    """What the network says in the present state of its world."""
    with site.world.lock:
        if endpoint is None:
            return site.missing(call)
        try:
            return endpoint.handle(call)
        except Refused as refused:
            return refused.answer


class Routed(httpx2.BaseTransport):
    """Takes requests to the networks' hosts to the server; other hosts do not exist."""

    def __init__(self, server: Networks) -> None:
        self._server = server
        self._real = httpx2.HTTPTransport(verify=False)  # plain HTTP: a context for TLS takes long to make

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send the request as it is, its ``Host`` included, to the local port."""
        host = request.url.host
        if host not in self._server.hosts:
            self._server.strayed.append(host)
            raise httpx2.ConnectError(f"no such host: {host}", request=request)
        local = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._server.server_port)
        headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"host"]
        routed = httpx2.Request(
            request.method, local, headers=[(b"Host", host.encode()), *headers],
            stream=request.stream, extensions=request.extensions,
        )  # fmt: skip
        return self._real.handle_request(routed)

    def close(self) -> None:
        """End the connections."""
        self._real.close()


class _Handler(BaseHTTPRequestHandler):
    server: Networks  # pyright: ignore[reportIncompatibleVariableOverride]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    """An answer is sent in two parts: the second would wait 40 ms for the client's word on the first."""

    def setup(self) -> None:
        super().setup()
        self.server.connected.add(self.request)

    def finish(self) -> None:
        self.server.connected.discard(self.request)
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass

    def do_GET(self) -> None:
        given = self.server.answered(self._call())
        if isinstance(given, Cut):
            self._send(given.answer, given.bytes)
            self.close_connection = True
        else:
            self._send(given, len(given.body))

    def do_POST(self) -> None:
        self.do_GET()

    def _call(self) -> Call:
        parts = urlsplit(self.path)
        host, path = self.headers["host"], parts.path
        base = f"https://{host}"
        if path.startswith("/@"):
            written, _slash, rest = path.removeprefix("/@").partition("/")
            base, host, path = f"http://{host}/@{written}", written, f"/{rest}"
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        fields = self._pairs(parts.query)
        if self.headers.get_content_type() == "application/x-www-form-urlencoded":
            fields += self._pairs(body.decode())
        named = {name.lower(): value for name, value in self.headers.items()}
        return Call(self.command, host.partition(":")[0], base, path, fields, named, body)

    @staticmethod
    def _pairs(text: str) -> list[tuple[str, str]]:
        return parse_qsl(text, keep_blank_values=True)

    def _send(self, said: Answer, first: int) -> None:
        self.send_response_only(said.status)
        # A service's clock is that of its world: clients reckon with it when they are limited.
        self.send_header("Date", format_datetime(self.server.world.now.astimezone(UTC), usegmt=True))
        for name, value in {**said.headers, "Content-Length": str(len(said.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if said.status not in {204, 304}:
            self.wfile.write(said.body[:first])


@contextlib.contextmanager
def networks(world: World, largest: int | None = None) -> Generator[Networks]:
    """The server of a world while the block lasts. Pages have at most ``largest`` entries."""
    with Networks(world, largest) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
            thread.join()
            for connection in list(server.connected):
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


def endpoints(calls: Iterable[Call]) -> list[str]:
    """The names of the endpoints that were asked, in order."""
    return [call.endpoint for call in calls]
