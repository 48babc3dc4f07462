"""Streams that end early: their last line says so, and the transfer breaks off."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from uuid import uuid4

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bilan.app.serving import UvicornServer, listening, serving
from bilan.http.streams import Stream
from bilan.query.limiter import Overloaded, QuestionLimiter
from bilan.sdk.errors import TooLarge
from bilan.sdk.messages import Message, messages

_ = messages("bilan")[0]


def flowing(rows: int, error: Exception | None = None) -> Iterator[bytes]:
    for number in range(rows):
        yield f"row {number}\n".encode()
    if error is not None:
        raise error


def last_line(code: str, message: Message) -> bytes:
    return f"{code}: {message}\n".encode()


def application(pieces: Iterator[bytes], place: AbstractAsyncContextManager[None] | None = None) -> Starlette:
    async def rows(_request: Request) -> Response:
        return await Stream.begin(pieces, last_line, media_type="text/csv", place=place)

    return Starlette(routes=[Route("/rows", rows)])


def download(port: int) -> tuple[int, bytes, bool]:
    """The status, what came, and whether it came to its end."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/rows")
    response = connection.getresponse()
    try:
        return response.status, response.read(), True
    except http.client.IncompleteRead as broken:
        return response.status, broken.partial, False
    finally:
        connection.close()


async def downloaded(app: Starlette) -> tuple[int, bytes, bool]:
    with listening("127.0.0.1", 0) as listener:
        async with serving(UvicornServer(app), listener):
            return await asyncio.to_thread(download, listener.getsockname()[1])


async def test_what_is_whole_comes_to_its_end() -> None:
    assert await downloaded(application(flowing(3))) == (200, b"row 0\nrow 1\nrow 2\n", True)
    assert await downloaded(application(flowing(0))) == (200, b"", True)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (TooLarge(_("It took too long.")),
         b"too_large: Incomplete: this ends before its last row. It took too long.\n"),
        (ZeroDivisionError("secret"),
         b"error: Incomplete: this ends before its last row. The server made a mistake.\n"),
    ],
)  # fmt: skip
async def test_what_ends_early_says_so_and_breaks_off(error: Exception, line: bytes) -> None:
    came = await downloaded(application(flowing(2, error)))
    assert came == (200, b"row 0\nrow 1\n" + line, False)


async def test_what_cannot_begin_has_a_status_of_its_own() -> None:
    with pytest.raises(TooLarge):
        await Stream.begin(flowing(0, TooLarge(_("No."))), last_line, media_type="text/csv")


@pytest.mark.parametrize("error", [None, ZeroDivisionError()])
async def test_a_place_is_had_until_the_last_piece_was_sent(error: Exception | None) -> None:
    limiter, seen = QuestionLimiter(1, 1), list[int]()

    def watched() -> Iterator[bytes]:
        for piece in flowing(2, error):
            seen.append(limiter.asking)
            yield piece

    await downloaded(application(watched(), limiter.place(uuid4())))
    assert (seen, limiter.asking) == ([1, 1], 0)


async def test_a_place_is_given_back_where_nothing_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = QuestionLimiter(1, 1)
    with pytest.raises(ZeroDivisionError):
        await Stream.begin(
            flowing(0, ZeroDivisionError()), last_line, media_type="", place=limiter.place(uuid4())
        )
    assert limiter.asking == 0
    monkeypatch.setattr("bilan.query.limiter.QUEUE", 0)
    async with limiter.place(None):
        with pytest.raises(Overloaded):
            await Stream.begin(flowing(1), last_line, media_type="", place=limiter.place(uuid4()))
