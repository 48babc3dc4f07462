"""A connection to a mail server, by the address in the settings."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTPException

from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

PORTS = {"smtp": 25, "smtps": 465}
TLS = ("auto", "require", "never")


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server and how to reach it.

    ``tls``: ``auto`` encrypts where the server offers it, ``require``
    refuses to go on without, ``never`` does not. ``ca`` is a file of
    certificates to trust in place of the system's.
    """

    host: str
    port: int
    implicit: bool = False
    tls: str = "auto"
    user: str = ""
    password: str = field(default="", repr=False)
    ca: str | None = None


def server_at(url: str) -> Server:
    """The server of a setting such as ``smtp://user:password@host:587?tls=require``.

    A password is never sent in the clear unless that was asked for by
    ``tls=never``. Raises ``Invalid`` with what would be right.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Invalid(_WRONG, ("mail_url",)) from None
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    tls = query.get("tls", "require" if parts.username else "auto")
    if parts.scheme not in PORTS or not parts.hostname or tls not in TLS:
        raise Invalid(_WRONG, ("mail_url",))
    return Server(
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        implicit=parts.scheme == "smtps",
        tls=tls,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        ca=query.get("ca"),
    )


_WRONG = _(
    "BILAN_MAIL_URL must be like smtp://user:password@host:587?tls=require or smtps://host; "
    "tls is auto, require or never."
)


class Connection:
    """One connection, which may carry several messages, one after the other."""

    def __init__(self, server: Server, name: str, seconds: float) -> None:
        self._server = server
        self._line: asyncio.BaseTransport | None = None
        self.messages = 0
        """How many it has carried."""
        self.begun = False
        """Whether the server still holds a message that it did not take."""
        self.client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            # Without a name the library would tell that of this machine.
            local_hostname=name,
            timeout=seconds,
            use_tls=server.implicit,
            start_tls=False
            if server.implicit
            else {"auto": None, "require": True, "never": False}[server.tls],
            tls_context=_trusting(server.ca) if server.tls != "never" else None,
        )

    async def open(self) -> None:
        """Connect, encrypt and sign in. Raises what the library raises."""
        await self.client.connect()
        # The client forgets its line when the server hangs up, encrypted or not.
        self._line = self.client.transport
        if self._server.user:
            await self.client.login(self._server.user, self._server.password)

    async def begin_anew(self) -> None:
        """Have the server forget a message that was begun. Raises what the library raises."""
        if self.begun:
            await self.client.rset()
            self.begun = False

    async def close(self) -> None:
        """Take leave, and give the socket back before anything else happens.

        Closing alone would leave an encrypted connection open until the server
        confirmed that too; everything that matters was answered by then.
        """
        try:
            with suppress(SMTPException, OSError):
                if self.client.is_connected:
                    await self.client.quit(timeout=2)
        finally:
            self.client.close()
            if isinstance(self._line, asyncio.Transport):
                self._line.abort()
        # The loop gives the socket back in its next round.
        await asyncio.sleep(0)


@cache
def _trusting(ca: str | None) -> ssl.SSLContext:
    """Whom to trust, read once: for each connection that would take longer than a message."""
    return ssl.create_default_context(cafile=ca)
