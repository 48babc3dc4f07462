"""Clients that post again and again, at a server that answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat

import pytest
from benchmarks.traffic import Post

from benchmarks import traffic


class Answering(BaseHTTPRequestHandler):
    """Answers a post with the status that its path names and with its body."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(int(self.path[1:]))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's
        """Say nothing."""


@contextmanager
def answering() -> Generator[int]:
    """The port of such a server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def test_every_post_is_sent_once_and_counted_as_it_is_answered() -> None:
    posts = [Post("/200", b"four"), Post("/200", b"seven.."), Post("/429", b""), Post("/503", b"")] * 5
    heard: list[int] = []

    with answering() as port:
        found = traffic.run(
            port, iter(posts), clients=3, seconds=60, told=lambda status, _at: heard.append(status)
        )

    assert (len(found.answered), len(found.refused), found.sizes) == (10, 10, {4, 7})
    assert sorted(heard) == [200] * 10 + [429] * 5 + [503] * 5


def test_a_wrong_answer_ends_the_measure() -> None:
    with answering() as port, pytest.raises(RuntimeError, match="answered with 500: oh no"):
        traffic.run(port, repeat(Post("/500", b"oh no")), clients=2, seconds=60)


def test_a_graphql_error_is_no_answer() -> None:
    with answering() as port, pytest.raises(RuntimeError, match="errors"):
        traffic.run(port, repeat(Post("/200", b'{"errors": [{}]}')), clients=1, seconds=60)
