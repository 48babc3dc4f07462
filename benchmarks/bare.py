"""The reference of what is asked over HTTP: a Starlette application that does nothing else.

``python -m benchmarks.bare FOLDER``: prints its port, serves until its input ends.
``/duckdb`` answers a statement, ``/bytes`` so many bytes, ``/drop`` parses and drops.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import anyio.to_thread
import duckdb
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks import reference


def application(folder: Path) -> Starlette:
    """The three routes."""
    db = reference.connect(folder)
    threads = threading.local()

    def asked(sql: str) -> bytes:
        if (cursor := getattr(threads, "cursor", None)) is None:
            cursor = threads.cursor = db.cursor()
        assert isinstance(cursor, duckdb.DuckDBPyConnection)
        found = cursor.execute(sql)
        names = [column[0] for column in found.description or ()]
        return orjson.dumps([dict(zip(names, row, strict=True)) for row in found.fetchall()])

    async def question(request: Request) -> Response:
        sql = orjson.loads(await request.body())["sql"]
        return Response(await anyio.to_thread.run_sync(asked, sql), media_type="application/json")

    kept: dict[int, bytes] = {}

    async def same(request: Request) -> Response:
        await request.body()
        size = int(request.query_params["size"])
        return Response(kept.setdefault(size, b"x" * size), media_type="application/json")

    async def drop(request: Request) -> Response:
        await request.json()
        return Response(b"{}", media_type="application/json")

    return Starlette(
        routes=[
            Route("/duckdb", question, methods=["POST"]),
            Route("/bytes", same, methods=["POST"]),
            Route("/drop", drop, methods=["POST"]),
        ]
    )


@contextmanager
def serving(folder: Path) -> Generator[int]:
    """The port of one in a process of its own, until the end of the block."""
    command = [sys.executable, "-m", "benchmarks.bare", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def main(folder: Path) -> None:
    """Serve."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(application(folder), log_level="warning", access_log=False)
    uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
