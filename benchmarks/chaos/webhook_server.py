"""What is posted to: it refuses, puts off, falls silent and hangs up, before and after it takes a post.

It writes down what it took and what it answered, beside the mail server's word.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

from benchmarks.chaos.mail_server import HOST, Mailboxes

HOOKS = "hooks.example.org"
"""The name under which it is found."""
SILENCE = 4.0
"""Seconds without an answer, more than a sender waits in the run."""
BEFORE = {"post refused": 0.03, "post put off": 0.05, "post dropped, not taken": 0.01}
AFTER = {"post taken, dropped": 0.02, "post taken, silent": 0.005, "post taken, answer lost": 0.01}


class Post(BaseHTTPRequestHandler):
    """A post, taken or not by chance."""

    boxes: ClassVar[Mailboxes]

    def do_POST(self) -> None:
        """Take it, or do not."""
        content = self.rfile.read(int(self.headers["content-length"]))
        boxes = self.boxes
        match boxes.fault(BEFORE):
            case "post refused":
                return self._answer(403)
            case "post put off":
                return self._answer(503)
            case "post dropped, not taken":
                self.close_connection = True
                return None
            case _:
                pass
        fault, ident = boxes.fault(AFTER), self.headers["idempotency-key"]
        address = boxes.hooks.get(self.path, self.path)
        boxes.keep(address, content, answered=not fault, posted=ident)
        match fault:
            case "post taken, answer lost":
                return self._answer(502)
            case "post taken, silent":
                time.sleep(SILENCE)
            case "":
                return self._answer(200)
            case _:
                pass
        self.close_connection = True
        return None

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's
        """Say nothing."""


@contextmanager
def webhook_server(mailboxes: Mailboxes) -> Generator[str]:
    """The endpoint in a thread of its own, until the end of the block; the setting by which it is found."""
    handler = type("Posts", (Post,), {"boxes": mailboxes})
    server = ThreadingHTTPServer((HOST, 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"{HOOKS}=http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
