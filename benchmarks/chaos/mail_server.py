"""A mail server that refuses, puts off, falls silent and hangs up, before, during and after the content.

It writes down what it took and what it answered: its word, against which the ledger is held.
"""

from __future__ import annotations

import asyncio
import random
import re
import threading
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

HOST = "127.0.0.1"
SILENT = 3600
"""Seconds without an answer; the connection is long gone by then."""
FIRST_BYTES = 200
"""Of the content, after which a connection is cut."""
MESSAGE_ID = re.compile(rb"^Message-ID: <(.+?)@", re.MULTILINE)
GREETING = {"the connection dropped": 0.02}
BEFORE = {"refused": 0.03, "put off": 0.03, "silent before": 0.005, "dropped before": 0.02}
DURING = {"dropped during": 0.02}
AFTER = {
    "content refused": 0.01, "content put off": 0.02, "dropped, not taken": 0.01, "dropped after": 0.02,
    "silent after": 0.005,
}  # fmt: skip
"""How often each fault comes, of all that get so far."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that was taken over, kept as a file of its ``number``; ``answered`` where that was said."""

    number: int
    recipient: str
    ident: str
    answered: bool
    posted: bool = False
    """Whether it came to a webhook."""


@dataclass
class Mailboxes:
    """What the servers took over, and the faults they had. ``share`` of 0 is a server without faults."""

    folder: Path
    chance: random.Random
    share: float = 1.0
    taken: list[Taken] = field(default_factory=list[Taken])
    faults: Counter[str] = field(default_factory=Counter[str])
    lines: set[asyncio.Transport] = field(default_factory=set[asyncio.Transport])
    """Its connections."""
    hooks: dict[str, str] = field(default_factory=dict[str, str])
    """The addresses of webhooks as the ledger knows them, by the path that is posted to."""
    port: int = 0
    keeping: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """The setting of a server that sends here."""
        return f"smtp://{HOST}:{self.port}?tls=never"

    def content(self, one: Taken) -> bytes:
        """A message as it came."""
        return (self.folder / str(one.number)).read_bytes()

    def fault(self, faults: dict[str, float]) -> str:
        """One of these, or none, by chance."""
        left = self.chance.random()
        for name, often in faults.items():
            left -= often * self.share
            if left < 0:
                self.faults[name] += 1
                return name
        return ""

    def keep(self, recipient: str, content: bytes, *, answered: bool, posted: str = "") -> None:
        """Take a message over; one that was ``posted`` says so by its id."""
        found = None if posted else MESSAGE_ID.search(content)
        ident = found[1].decode() if found else posted
        with self.keeping:
            one = Taken(len(self.taken), recipient, ident, answered, posted=bool(posted))
            (self.folder / str(one.number)).write_bytes(content)
            self.taken.append(one)

    # The names are the library's.

    async def handle_RCPT(  # noqa: N802
        self, server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """The answer to a recipient."""
        match self.fault(BEFORE):
            case "refused":
                return "550 nobody of this name"
            case "put off":
                return "450 come again later"
            case "silent before":
                await asyncio.sleep(SILENT)
            case "dropped before":
                server.transport.abort()
            case _:
                envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """The answer to a message."""
        (recipient,) = envelope.rcpt_tos
        match self.fault(AFTER):
            case "content refused":
                return "554 this looks like advertising"
            case "content put off":
                return "452 no room at the moment"
            case "dropped, not taken":
                server.transport.abort()
                return "451 never heard"
            case "dropped after":
                self.keep(recipient, envelope.content, answered=False)
                server.transport.abort()
            case "silent after":
                self.keep(recipient, envelope.content, answered=False)
                await asyncio.sleep(SILENT)
            case _:
                self.keep(recipient, envelope.content, answered=True)
        return "250 taken"


class Line(SMTP):
    """A server's end of a connection, which may be cut as it comes about, or within the content."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hang up at once, or begin."""
        super().connection_made(transport)
        assert isinstance(transport, asyncio.Transport)
        self._line = transport
        self.event_handler.lines.add(transport)
        if self.event_handler.fault(GREETING):
            transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the connection."""
        self.event_handler.lines.discard(self._line)
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - the library's
        """Take the content, or cut the connection within it."""
        if not arg and self.envelope and self.envelope.rcpt_tos and self.event_handler.fault(DURING):
            await self.push("354 go on")
            await self._reader.read(FIRST_BYTES)
            self._line.abort()
            return
        await super().smtp_DATA(arg)


@contextmanager
def mail_server(folder: Path, chance: random.Random, share: float = 1.0) -> Generator[Mailboxes]:
    """A mail server in a thread of its own, until the end of the block."""
    folder.mkdir()
    mailboxes, loop = Mailboxes(folder, chance, share), asyncio.new_event_loop()
    opening = loop.create_server(lambda: Line(mailboxes, enable_SMTPUTF8=True, loop=loop), HOST, 0)
    server = loop.run_until_complete(opening)
    mailboxes.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def close() -> None:
        server.close()
        for line in mailboxes.lines:
            line.abort()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0.05)

    try:
        yield mailboxes
    finally:
        asyncio.run_coroutine_threadsafe(close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
