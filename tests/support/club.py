"""A photo club: a service that is asked for likes, over real HTTP, and the plugin that asks it."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bilan import sdk

_ = sdk.messages("club")[0]
HOST = "api.club.example"
PAGE = 3
"""Albums on a page."""

ALBUMS = sdk.Dataset(
    "club.albums",
    _("Albums"),
    _("What was liked on a day."),
    (
        sdk.Column("counted_at", sdk.ColumnType.INSTANT, _("Counted")),
        sdk.Column("album", sdk.ColumnType.TEXT, _("Album"), dimension=True),
        sdk.Column("likes", sdk.ColumnType.INTEGER, _("Likes")),
    ),
    identity=("album",),
    time="counted_at",
    sort=("counted_at",),
    keep=sdk.Keep.LAST,
)
LIKES = sdk.Metric("club.likes", ALBUMS.key, _("Likes"), _("All likes."), sdk.Sum("likes"), _("the sum"))


@dataclass(frozen=True)
class Answer:
    """What the service answers once instead of what it would."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: bytes = b"{}"
    before: Callable[[], object] = lambda: None
    """Called before it is sent, such as to wait."""
    hangs_up: bool = False


@dataclass
class Club:
    """The service: what it knows, what it is to answer first, and what it was asked."""

    albums: dict[str, dict[str, dict[str, Any]]] = field(
        default_factory=lambda: {"alpine": albums(8), "baltic": albums(4)}
    )
    """Albums by club and name."""
    tokens: dict[str, list[str]] = field(default_factory=lambda: {"good": ["alpine", "baltic"]})
    """The clubs that a token sees."""
    ends_at: str | None = None
    first: deque[Answer | None] = field(default_factory=deque[Answer | None])
    """What it answers first; ``None`` is what it would answer anyway."""
    asked: list[str] = field(default_factory=list[str])
    origin: str = ""
    connections: int = 0

    def answer(self, path: str, headers: Any) -> Answer:
        """What is answered to a request."""
        self.asked.append(path)
        if self.first and (answer := self.first.popleft()) is not None:
            return answer
        address = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        clubs = self.tokens.get(headers.get("authorization", "").removeprefix("Bearer "))
        if clubs is None:
            return Answer(401, body=b'{"error": "bad token"}')
        if address.path == "/clubs":
            return said({"clubs": clubs, "ends_at": self.ends_at})
        club = address.path.removeprefix("/albums/")
        if club not in clubs:
            return Answer(403)
        return self._page(club, query)

    def _page(self, club: str, query: dict[str, str]) -> Answer:
        known = [one for name, one in sorted(self.albums[club].items()) if name > query.get("after", "")]
        if "first" in query:
            known = [one for one in known if query["first"] <= one["day"] <= query["last"]]
        page = known[:PAGE]
        links = {}
        if len(known) > PAGE:
            kept = "".join(f"&{name}={query[name]}" for name in ("first", "last") if name in query)
            there = f"https://{HOST}/albums/{club}?after={page[-1]['album']}{kept}"
            links = {"Link": f'<{there}>; rel="next"'}
        return said(page, **links)


def albums(count: int, start: date = date(2026, 3, 1)) -> dict[str, dict[str, Any]]:
    """So many albums, one a day, the first with 10 likes, each with one more."""
    return {
        f"a{n:02}": {"album": f"a{n:02}", "likes": 10 + n, "day": (start + timedelta(days=n)).isoformat()}
        for n in range(count)
    }


def said(value: Any, **headers: str) -> Answer:
    """An answer in JSON."""
    return Answer(200, headers, json.dumps(value).encode())


class _Server(ThreadingHTTPServer):
    """Says nothing of clients that hang up."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@contextmanager
def served(club: Club) -> Generator[Club]:
    """The service at a port of its own, as ``club.origin``."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else the body waits 40 ms for the client's word on the headers

        def setup(self) -> None:
            club.connections += 1
            super().setup()

        def do_GET(self) -> None:
            answer = club.answer(self.path, self.headers)
            answer.before()
            self.send_response_only(answer.status)
            for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)
            self.close_connection = answer.hangs_up

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            club.asked.append(body.decode())
            self.do_GET()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    club.origin = f"http://127.0.0.1:{server.server_port}"
    try:
        yield club
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Albums:
    """Implements :class:`bilan.sdk.Discovery`; a state is the last album of a page."""

    every: timedelta = timedelta(hours=1)

    def hosts(self, settings: sdk.Settings) -> tuple[str, ...]:
        return (HOST,)

    def pull(self, context: sdk.PullContext) -> Iterator[sdk.Pulled]:
        days = context.range
        asked = {"first": days.first.isoformat(), "last": days.last.isoformat()} if days else {}
        after = (context.state or {}).get("after")
        url = f"https://{HOST}/albums/{context.settings['club']}"
        params = {**asked, **({"after": after} if after else {})}
        while url:
            page = context.client.get(url, params=params, headers=_signed(context.settings))
            found = page.json()
            if isinstance(found, dict):
                yield sdk.PullNote(_("The club tells no likes any more."))
                found = []
            for album in found:
                yield _read(album)
            url, params = page.links.get("next", ""), {}
            if found:
                after = found[-1]["album"]
            said_of = _("Albums after {name}", name=after or "none")
            yield sdk.Checkpoint({"after": after} if url else {}, 0.5 if url else 1.0, said_of)

    def check(self, context: sdk.PullContext) -> sdk.Checked:
        found = context.client.get(f"https://{HOST}/clubs", headers=_signed(context.settings)).json()
        ends_at = datetime.fromisoformat(found["ends_at"]) if found["ends_at"] else None
        return sdk.Checked(_("The token sees {count} clubs.", count=len(found["clubs"])), ends_at)

    def discover(self, context: sdk.PullContext) -> Iterator[sdk.Discovered]:
        found = context.client.get(f"https://{HOST}/clubs", headers=_signed(context.settings)).json()
        for club in found["clubs"]:
            yield sdk.Discovered(f"Club {club}", {}, club)


def _read(album: Any) -> sdk.Fact | sdk.Reject:
    if album["likes"] is None:
        return sdk.Reject(1, _("An album without likes."), json.dumps(album))
    at = datetime.fromisoformat(album["day"]).replace(tzinfo=UTC)
    return sdk.Fact(ALBUMS.key, {"counted_at": at, "album": album["album"], "likes": album["likes"]})


def _signed(settings: sdk.Settings) -> dict[str, str]:
    return {"authorization": f"Bearer {settings['token']}"}


TOKEN = sdk.Parameter("token", _("Token"), sdk.ParameterKind.SECRET, required=True)
CLUB = sdk.Parameter("club", _("Club"), sdk.ParameterKind.TEXT, required=True)
NOTE = sdk.Parameter("note", _("Note"), sdk.ParameterKind.TEXT)
KIND = sdk.SourceKind(
    "club", _("Club"), _("Albums of a club."), (TOKEN, CLUB, NOTE), pull=Albums(), profile="club"
)
PLUGIN = sdk.Plugin(
    "club", "club", _("Club"), "fixtures", datasets=(ALBUMS,), metrics=(LIKES,), sources=(KIND,)
)
