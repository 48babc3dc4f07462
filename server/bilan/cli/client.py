"""Runs an operation where the state is: in a running server, or else in this process."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

import anyio
import httpx2

from bilan.app import Bilan
from bilan.operations.catalogue import OPERATIONS
from bilan.operations.events import Step, unframe
from bilan.settings import Settings

CHUNK = 256 * 1024


async def steps(
    settings: Settings, name: str, arguments: Mapping[str, Any], upload: Path | None
) -> AsyncGenerator[Step]:
    """What the operation tells, step by step."""
    if await server_answers(settings.socket_path):
        found = _through_socket(settings.socket_path, name, arguments, upload)
    else:
        found = _in_process(settings, name, arguments, upload)
    async with aclosing(found):
        async for step in found:
            yield step


async def server_answers(socket: Path) -> bool:
    """Whether a running server listens on the operator's socket."""
    try:
        stream = await anyio.connect_unix(str(socket))
    except OSError:
        return False
    await stream.aclose()
    return True


async def _through_socket(
    socket: Path, name: str, arguments: Mapping[str, Any], upload: Path | None
) -> AsyncGenerator[Step]:
    transport = httpx2.AsyncHTTPTransport(uds=str(socket))
    async with httpx2.AsyncClient(transport=transport, base_url="http://operator", timeout=None) as client:
        request = client.build_request(
            "POST",
            f"/{name}",
            headers={"x-arguments": json.dumps(arguments)},
            content=pieces(upload) if upload else None,
        )
        response = await client.send(request, stream=True)
        try:
            async with aclosing(unframe(response.aiter_bytes())) as found:
                async for step in found:
                    yield step
        finally:
            await response.aclose()


async def _in_process(
    settings: Settings, name: str, arguments: Mapping[str, Any], upload: Path | None
) -> AsyncGenerator[Step]:
    async with Bilan.open(settings, local=True) as bilan, bilan.working():
        found = OPERATIONS[name](bilan.services, arguments, pieces(upload) if upload else None)
        async with aclosing(found):
            async for step in found:
                yield step


async def pieces(path: Path) -> AsyncIterator[bytes]:
    """A file in pieces."""
    async with await anyio.open_file(path, "rb") as file:
        while piece := await file.read(CHUNK):
            yield piece
