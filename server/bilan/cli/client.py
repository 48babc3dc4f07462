"""The client of a command: asks the server where the state is, over its control socket.

Where none runs, this process serves the same for as long as the command takes.
See docs/decisions/050.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2

from bilan.cli.loading import loading
from bilan.cli.out import OutFile
from bilan.control_socket import data_dir, is_safe, socket_path
from bilan.sdk.errors import Unavailable
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _

CHUNK = 256 * 1024
AGAIN = 1.0
"""Seconds until a question is asked again that a part of the server, such as its database, left open."""
ASKED = 120
"""So often it is asked before the command gives up: a database takes less time to restart."""


class Refused(Exception):
    """What the server would not do: its sentence, and the path of what is to blame."""

    def __init__(self, message: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message, self.path = message, path


class Unanswered(Refused):
    """What the server cannot say now, as a part of it does not answer; asking again later is right."""


@asynccontextmanager
async def connected() -> AsyncGenerator[Client]:
    """The client of the server that runs on the data folder, or of one that this process runs for itself."""
    socket = socket_path(data_dir())
    if await answers(socket):
        async with client_of(socket) as client:
            yield client
    else:
        with loading():
            from bilan.cli.embedded import embedded_server  # noqa: PLC0415 - brings the whole server with it

        async with embedded_server() as socket, client_of(socket) as client:
            yield client


@asynccontextmanager
async def client_of(socket: Path) -> AsyncGenerator[Client]:
    """The client of the server behind this socket. Raises ``Unavailable`` where it breaks off."""
    # Nothing is encrypted between two processes of a machine, and reading whom to trust would take long.
    async with httpx2.AsyncClient(
        transport=httpx2.AsyncHTTPTransport(verify=False, uds=str(socket)),
        base_url="http://operator",
        timeout=None,
        headers={"accept-language": "en"},
    ) as http:
        try:
            yield Client(http)
        except httpx2.HTTPError as error:
            raise Unavailable(_("The server's answer broke off; see its log, then try again.")) from error


async def answers(socket: Path) -> bool:
    """Whether a running server listens on the socket."""
    try:
        if not is_safe(socket):
            return False
        stream = await anyio.connect_unix(str(socket))
    except OSError:
        return False
    await stream.aclose()
    return True


class Client:
    """What a command asks of the server."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """The data of a GraphQL query or mutation. Raises ``Refused``.

        Where a part of the server does not answer, a query is asked again; mutations might happen twice.
        """
        for left in reversed(range(1 if document.lstrip().startswith("mutation") else ASKED)):
            try:
                return await self._ask(document, variables)
            except Unanswered:
                if not left:
                    raise
                await anyio.sleep(AGAIN)
        raise AssertionError("a question is asked at least once")  # pragma: no cover - for the type checker

    async def _ask(self, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        response = await self._http.post("/graphql", json={"query": document, "variables": variables})
        await _check(response)
        answer = response.json()
        for error in answer.get("errors", ()):
            extensions = error["extensions"]
            if extensions["code"] == "invalid_query":
                raise Unavailable(_misunderstood())
            field = extensions.get("field")
            raise _refused(error, (field,) if field else ())
        return answer["data"]

    async def check_disk(self) -> None:
        """Raise ``Refused`` where the server has no room to write, nor to say what became of a run."""
        parts = (await self._http.get("/readyz")).json().get("parts", {})
        folder = parts.get("folder", {"ok": True})
        if not folder["ok"]:
            raise Refused(folder["detail"]["reason"])

    async def upload(self, file: Path, **asked: str | Sequence[str] | None) -> dict[str, str]:
        """What became of a file that was handed over. Raises ``Refused``."""
        response = await self._http.post("/uploads", params=_given(asked), content=_pieces(file))
        await _check(response)
        return response.json()

    async def download(self, path: str, out: OutFile, **asked: str | None) -> None:
        """Write what the server streams into the file. Raises ``Refused``."""
        async with self._http.stream("GET", path, params=_given(asked)) as response:
            await _check(response)
            async for piece in response.aiter_raw():
                out.write(piece)


async def _check(response: httpx2.Response) -> None:
    if response.is_error:
        await response.aread()
        try:
            (error,) = response.json()["errors"]
        except (ValueError, KeyError):
            raise Unavailable(_misunderstood()) from None
        field = error["extensions"].get("field", "")
        raise _refused(error, tuple(filter(None, field.split("."))))


def _refused(error: Mapping[str, Any], path: tuple[str, ...]) -> Refused:
    unanswered = error["extensions"]["code"] == Unavailable.code
    return (Unanswered if unanswered else Refused)(error["message"], path)


def _given(asked: Mapping[str, str | Sequence[str] | None]) -> dict[str, str | Sequence[str]]:
    return {key: value for key, value in asked.items() if value is not None}


def _misunderstood() -> Message:
    return _("The running server does not understand this command; are both of the same version?")


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    async with await anyio.open_file(path, "rb") as file:
        while piece := await file.read(CHUNK):
            yield piece
