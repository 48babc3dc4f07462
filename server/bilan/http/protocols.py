"""HTTP and websockets as Uvicorn speaks them, over counted connections that end where somebody dawdles.

Uvicorn waits for ever for the rest of a request, begins with it at its head, reads whatever comes as soon as
it comes, and takes connections until no file can be opened. See docs/decisions/073 and docs/decisions/093.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from bilan.http.connections import SECONDS, Connections
from bilan.http.paced import Paced

SHARE = 10_240
"""Bytes of a body that come in ``SECONDS``, unless it ends: a kilobyte a second."""
RATE = 8_192
"""Bytes a second that a body brings on the whole: the slowest line over which anybody sends files."""
GRACE = 30.0
"""Seconds in which it may bring less, or stand still together later on."""
UNWANTED = 32 * 1024**2
"""Bytes of a body that still come after the answer, until the connection is closed: whoever sends them
should have the time to read that they were refused."""
UNREAD_SECONDS = 60.0
"""So long an answer waits for somebody who reads none of it."""
HEAD = 65_536
"""Bytes of a request that are not its body: its head, and what stands around the pieces of a body."""
AROUND = 8
"""So many more may stand around each byte of a body that comes in pieces."""
LITTLE = 16_384
"""Whoever brings less at a time, and not all of it, is read on in turn with others who do."""
UPGRADES = 100
"""Websockets that may wait to be opened, for a second."""
AHEAD = 16
"""Requests that may wait on one connection for earlier answers. Browsers send one at a time."""
LATE = b"408 Request Timeout", b"The request took too long to come."
CROWDED = b"429 Too Many Requests", b"Too many websockets are being opened; try again in a few seconds."
LONG = b"431 Request Header Fields Too Large", b"The head of the request is too long."

Application = Callable[..., Any]


class Ahead(Exception):
    """A client sends requests faster than it reads answers; httptools ends the reading for any error."""


class PatientHttp(HttpToolsProtocol):
    """HTTP over one connection, which is closed where its client dawdles."""

    def __init__(self, *given: Any, counted: Connections, **named: Any) -> None:
        super().__init__(*given, **named)
        self._counted = counted
        self._unread: asyncio.TimerHandle | None = None
        self._share = 0
        self._waited = 0.0
        self._received = self._body = self._answered = 0
        self._reading = True
        self._resting: Paced | None = None
        self._unbegun: Application | None = None
        self.address = ""

    @property
    def silent(self) -> bool:
        """Whether a head or a body is awaited, and nothing here keeps it from coming."""
        return self._reading and not self._held_up

    def drop(self) -> None:
        """End the connection at once."""
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        self._await(self._late_head)
        self._counted.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._counted.heard(self)
        self._received += len(data)
        super().data_received(data)
        if not self._reading or self.transport.is_closing():
            return
        if self._received - self._body > HEAD + AROUND * self._body:
            self._refuse(*LONG)
        elif self._answered and self._body - self._answered > UNWANTED:
            self.drop()
        elif self._answered or len(data) < LITTLE:
            self._rest(self._counted.unwanted if self._answered else self._counted.little)

    def handle_websocket_upgrade(self) -> None:
        """Open a websocket in its turn: that takes far longer than to ask for it."""
        self._forget()
        self._reading = False
        if len(self._counted.upgrades) >= UPGRADES:
            self._refuse(*CROWDED)
        else:
            self.transport.pause_reading()
            self._counted.upgrades.do(self.loop, self._upgrade)

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= AHEAD:
            # Uvicorn reads on after each answer, and a megabyte holds tens of thousands of requests.
            raise Ahead
        super().on_message_begin()
        self._reading = True
        self._received = self._body = self._answered = 0
        self._await(self._late_head)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._share, self._waited = self._body, 0.0
        self._await(self._late_body)

    def on_body(self, body: bytes) -> None:
        self._body += len(body)
        super().on_body(body)
        if self._unbegun is not None and len(self.cycle.body) > HIGH_WATER_LIMIT:
            self._begin(self._unbegun)

    def on_message_complete(self) -> None:
        self._reading = False
        self._forget()
        super().on_message_complete()
        if self._unbegun is not None:
            self._begin(self._unbegun)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._answered = max(self._body, 1) if self._reading else 0
        # Until the next request, which Uvicorn waits for no longer than its keep-alive lasts.
        self._reading = self._reading or self.cycle.response_complete

    def send_400_response(self, msg: str) -> None:
        """Say what is wrong with the request, unless the answer to an earlier one is being made."""
        cycle = self._current
        if cycle is None or cycle.response_complete:
            super().send_400_response(msg)
        else:
            self.transport.close()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self._unread or self.loop.call_later(UNREAD_SECONDS, self.drop)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._read_again()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Application) -> None:
        """Begin with a request once its body has come, or as much of it as is held without being read.

        Hundreds whose bodies do not come would otherwise be looked up, and given up, each by itself.
        """
        if cycle.more_body and not cycle.waiting_for_100_continue and len(cycle.body) <= HIGH_WATER_LIMIT:
            self._unbegun = app
        else:
            super()._start_asgi_task(cycle, app)

    def _begin(self, app: Application) -> None:
        self._unbegun = None
        super()._start_asgi_task(self.cycle, app)

    def _rest(self, turns: Paced) -> None:
        """Read on in turn with others; what comes meanwhile is read together."""
        if self._resting is None:
            self._resting = turns
            self.transport.pause_reading()
            turns.do(self.loop, self._read_on)

    def _read_on(self) -> None:
        self._resting = None
        if not self.flow.read_paused:
            self.transport.resume_reading()

    def _upgrade(self) -> None:
        self._ended()
        if not self.transport.is_closing():
            super().handle_websocket_upgrade()
            self.transport.resume_reading()

    @property
    def _held_up(self) -> bool:
        """Whether the server itself does not read on, or has not asked for the body yet."""
        cycle = self._current
        return self.flow.read_paused or (cycle is not None and cycle.waiting_for_100_continue)

    @property
    def _current(self) -> RequestResponseCycle | None:
        return self.cycle  # none until the first head has come, whatever Uvicorn declares

    def _await(self, late: Callable[[], None]) -> None:
        self._counted.late.set(self.loop, self, late)

    def _forget(self) -> None:
        self._counted.late.clear(self)

    def _ended(self) -> None:
        self._forget()
        self._counted.upgrades.clear(self._upgrade)
        if self._resting is not None:
            self._resting.clear(self._read_on)
        self._read_again()
        self._counted.leave(self)

    def _read_again(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _late_head(self) -> None:
        if self._held_up:
            self._await(self._late_head)
        else:
            self._refuse(*LATE)

    def _late_body(self) -> None:
        if not self._held_up:
            self._waited += SECONDS
            on_the_whole = RATE * (self._waited - GRACE)
            if self._body - self._share < SHARE or self._body < on_the_whole:
                self._refuse(*LATE)
                return
        self._share = self._body
        self._await(self._late_body)

    def _refuse(self, status: bytes, sentence: bytes) -> None:
        cycle = self._current
        if cycle is None or cycle.response_complete or not cycle.response_started:
            length = str(len(sentence)).encode()
            self.transport.write(
                b"HTTP/1.1 %s\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: %s\r\n"
                b"connection: close\r\n\r\n%s" % (status, length, sentence)
            )
        self.transport.close()


class CountedWebSocket(WebSocketsSansIOProtocol):
    """A websocket, counted among the connections. It is never silent: pings tell whether anybody is there."""

    silent = False

    def __init__(self, *given: Any, counted: Connections, **named: Any) -> None:
        super().__init__(*given, **named)
        self._counted = counted
        self.address = ""

    def drop(self) -> None:
        """End the connection at once."""
        self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        self._counted.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._counted.leave(self)
        super().connection_lost(exc)


def protocols(counted: Connections) -> tuple[Any, Any]:
    """The protocols of HTTP and websockets by which Uvicorn counts its connections."""
    return partial(PatientHttp, counted=counted), partial(CountedWebSocket, counted=counted)
