"""A small ClickHouse server: the HTTP protocol of clickhouse-connect over chDB, in a process of its own.

Run with the folder of the data; prints the port it listens on. It understands
what the client sends: statements in the body or as form fields, bound
parameters, settings in the URL, inserts in the Native and the Arrow format.
"""

from __future__ import annotations

import json
import os
import re
import socket
import sys
import tempfile
from typing import Any

import anyio.to_thread
import chdb
import lz4.frame
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

# What follows the end of the line is data, whatever it begins with.
INSERT = re.compile(rb"^\s*INSERT INTO .*? FORMAT (\w+)[ \t]*\n", re.DOTALL)
TRANSPORT = frozenset(
    {"query", "database", "default_format", "compress", "wait_end_of_query", "session_id", "query_id"}
    | {"client_protocol_version", "send_progress_in_http_headers", "http_headers_progress_interval_ms"}
    | {"enable_http_compression", "role", "buffer_size", "decompress", "quota_key", "session_timeout"}
)
CODE = re.compile(r"Code: (\d+)")


async def answer(request: Request) -> Response:
    """One statement, on a connection of its own."""
    body, fields = b"", dict(request.query_params)
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_part_size=2**30) as form:
            fields |= {name: str(value) for name, value in form.items()}
    else:
        body = await request.body()
        if request.headers.get("content-encoding") == "lz4":
            body = lz4.frame.decompress(body)
    try:
        result, headers = await anyio.to_thread.run_sync(run, fields, body)
    except Exception as error:
        code = CODE.search(str(error))
        headers = {"X-ClickHouse-Exception-Code": code[1] if code else "1001"}
        return Response(str(error), 500, headers=headers)
    return Response(result, headers=headers)


def run(fields: dict[str, str], body: bytes) -> tuple[bytes, dict[str, str]]:
    """Choose the database, apply the settings (read-only last), run the statement."""
    connection: Any = chdb.connect(FOLDER)
    try:
        if database := fields.get("database"):
            connection.query(f"USE `{database}`")
        settings = {n: v for n, v in fields.items() if n not in TRANSPORT and not n.startswith("param_")}
        for name, value in sorted(settings.items(), key=lambda pair: pair[0] == "readonly"):
            connection.query(f"SET {name} = {text(value)}")
        parameters = {n.removeprefix("param_"): v for n, v in fields.items() if n.startswith("param_")}
        statement = fields.get("query", "").encode() or body
        if body and "query" in fields and INSERT.match(statement + b"\n"):
            statement += b"\n" + body  # what is inserted as a file comes beside its statement
        found = INSERT.match(statement)
        if found:
            return insert(connection, found, statement), {}
        default = fields.get("default_format", "TabSeparated")
        result = connection.query(statement.decode(), default, params=parameters)
        summary = {"read_rows": str(result.rows_read()), "read_bytes": str(result.bytes_read())}
        return result.bytes() or b"", {"X-ClickHouse-Summary": json.dumps(summary)}
    finally:
        connection.close()


def insert(connection: Any, found: re.Match[bytes], statement: bytes) -> bytes:
    """Rows that follow the statement go through a file: chDB takes no data beside a statement."""
    head = found[0].decode().strip()
    with tempfile.NamedTemporaryFile(suffix=".rows") as file:
        file.write(statement[found.end() :])
        file.flush()
        into, _format, name = head.rpartition(" FORMAT ")
        connection.query(f"{into} FROM INFILE {text(file.name)} FORMAT {name}")
    return b""


def text(value: str) -> str:
    """A literal."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


async def ping(_request: Request) -> Response:
    """Whether anybody is here."""
    return Response("Ok.\n")


app = Starlette(routes=[Route("/ping", ping), Route("/", answer, methods=["GET", "POST"])])

if __name__ == "__main__":
    FOLDER = os.path.realpath(sys.argv[1])
    # The engine lives as long as a connection is open.
    engine = chdb.connect(FOLDER)
    listening = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)  # noqa: T201 - this is how it says where it is
    uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False)).run(sockets=[listening])
