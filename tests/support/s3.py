"""As much of S3's protocol as the file store uses: objects put whole or in parts, read, measured, removed."""

from __future__ import annotations

import re
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

COMPLETE = "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>"
BEGUN = (
    "<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>k</Key>"
    "<UploadId>1</UploadId></InitiateMultipartUploadResult>"
)


class Bucket(ThreadingHTTPServer):
    """Objects by their path. Signatures are not checked, but must be there."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Bucket  # pyright: ignore[reportIncompatibleVariableOverride]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass

    def do_PUT(self) -> None:
        path, query, body = self._read()
        if "partNumber" in query:
            self.server.parts.setdefault(path, {})[int(query["partNumber"][0])] = body
        else:
            self.server.objects[path] = body
        self._answer(200, b"", ETag='"e"')

    def do_POST(self) -> None:
        path, query, body = self._read()
        if "uploads" in query:
            self._answer(200, BEGUN.encode())
        elif "delete" in query:
            keys = re.findall(r"<Key>(.+?)</Key>", body.decode())
            for key in keys:
                self.server.objects.pop(f"{path.rstrip('/')}/{key}", None)
            # As S3 does, missing objects are said to be deleted too.
            deleted = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
            self._answer(200, f"<DeleteResult>{deleted}</DeleteResult>".encode())
        else:
            parts = self.server.parts.pop(path)
            self.server.objects[path] = b"".join(parts[number] for number in sorted(parts))
            self._answer(200, COMPLETE.encode())

    def do_GET(self) -> None:
        path, _query, _body = self._read()
        found = self.server.objects.get(path)
        if found is None:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        else:
            self._answer(200, found, ETag='"e"', **{"Last-Modified": "Sun, 01 Mar 2026 12:00:00 GMT"})

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        path, _query, _body = self._read()
        self.server.objects.pop(path, None)
        self._answer(204, b"")

    def _read(self) -> tuple[str, dict[str, list[str]], bytes]:
        assert self.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=key/")
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        return parts.path, parse_qs(parts.query, keep_blank_values=True), body

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@contextmanager
def bucket() -> Generator[Bucket]:
    """A bucket that answers while the block lasts."""
    with Bucket() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
