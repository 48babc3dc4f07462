"""Runs an operation where the state is: in a running server, or else in this process."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

import anyio
import httpx2

from bilan.control_socket import data_dir, is_safe, socket_path
from bilan.operations.events import Step, unframe
from bilan.sdk.errors import Unavailable
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _

CHUNK = 256 * 1024


async def steps(name: str, arguments: Mapping[str, Any], upload: Path | None) -> AsyncGenerator[Step]:
    """What the operation tells, step by step."""
    socket = socket_path(data_dir())
    if await server_answers(socket):
        found = _through_socket(socket, name, arguments, upload)
    else:
        from bilan.cli.alone import alone  # noqa: PLC0415 - brings the whole server with it

        found = alone(name, arguments, pieces(upload) if upload else None)
    async with aclosing(found):
        async for step in found:
            yield step


async def server_answers(socket: Path) -> bool:
    """Whether a running server listens on the operator's socket."""
    try:
        if not is_safe(socket):
            return False
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
        try:
            response = await client.send(request, stream=True)
            try:
                if response.is_error:
                    raise Unavailable(_misunderstood())
                async with aclosing(unframe(response.aiter_bytes())) as found:
                    async for step in found:
                        yield step
            finally:
                await response.aclose()
        except httpx2.HTTPError as error:
            raise Unavailable(_("The server's answer broke off; see its log, then try again.")) from error


def _misunderstood() -> Message:
    return _("The running server does not understand this command; are both of the same version?")


async def pieces(path: Path) -> AsyncIterator[bytes]:
    """A file in pieces."""
    async with await anyio.open_file(path, "rb") as file:
        while piece := await file.read(CHUNK):
            yield piece
