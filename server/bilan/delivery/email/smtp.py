"""Hands e-mails over to a mail server by SMTP, one connection a message."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib
from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPHeloError,
    SMTPNotSupported,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)
from email_validator import EmailNotValidError, validate_email

from bilan.sdk.channels import BeforeSend, DeliveryStatus, RawMessage, Receipt
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

PORTS = {"smtp": 25, "smtps": 465}
TLS = ("auto", "require", "never")
SECONDS = 30.0
"""The longest silence of a server, at each step."""
PERMANENT = 500


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


class SmtpMailer:
    """Hands packages over to one server. ``name`` is what it is told who calls."""

    def __init__(self, server: Server, name: str, *, seconds: float = SECONDS) -> None:
        self._server, self._name, self._seconds = server, name, seconds

    async def send(self, message: RawMessage, before_send: BeforeSend) -> Receipt:
        """One message to one recipient.

        Until the content leaves, a failure is one to try again or a refusal.
        From then on only an answer of the server counts: without one nobody
        knows, and it is never tried again.
        """
        client, lines = self._client(), list[asyncio.BaseTransport | None]()
        try:
            opened = await self._open(client, message, lines)
            return opened or await self._hand_over(client, message, before_send)
        finally:
            await _hang_up(client, lines)

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            # Without a name the library would tell that of this machine.
            local_hostname=self._name,
            timeout=self._seconds,
            use_tls=server.implicit,
            start_tls=False
            if server.implicit
            else {"auto": None, "require": True, "never": False}[server.tls],
            tls_context=ssl.create_default_context(cafile=server.ca) if server.tls != "never" else None,
        )

    async def _open(
        self, client: aiosmtplib.SMTP, message: RawMessage, lines: list[asyncio.BaseTransport | None]
    ) -> Receipt | None:
        """Everything before the content; a receipt where it ends here."""
        server = self._server
        try:
            await client.connect()
            # The client forgets its line when the server hangs up, encrypted or not.
            lines.append(client.transport)
            if server.user:
                await client.login(server.user, server.password)
            recipient, options, encoding = await _addressed(client, message.recipient)
            await client.mail(message.sender, options=options, encoding=encoding)
            await client.rcpt(recipient, encoding=encoding)
        except SMTPAuthenticationError as error:
            # The mistake is ours, and may be corrected while this waits.
            return Receipt(DeliveryStatus.LATER, _said(error))
        except SMTPHeloError as error:
            return Receipt(DeliveryStatus.LATER, _said(error))
        except SMTPResponseException as error:
            return Receipt(
                DeliveryStatus.REFUSED if error.code >= PERMANENT else DeliveryStatus.LATER, _said(error)
            )
        except SMTPNotSupported as error:
            return Receipt(DeliveryStatus.REFUSED, str(error))
        except (SMTPException, OSError, ssl.SSLError) as error:
            return Receipt(DeliveryStatus.LATER, str(error) or type(error).__name__)
        return None

    async def _hand_over(
        self, client: aiosmtplib.SMTP, message: RawMessage, before_send: BeforeSend
    ) -> Receipt:
        await before_send()
        try:
            answer = await client.data(message.content)
        except (SMTPServerDisconnected, SMTPTimeoutError, OSError) as error:
            return Receipt(DeliveryStatus.UNKNOWN, str(error) or type(error).__name__)
        except SMTPResponseException as error:
            return Receipt(
                DeliveryStatus.REFUSED if error.code >= PERMANENT else DeliveryStatus.LATER, _said(error)
            )
        return Receipt(DeliveryStatus.ACCEPTED, f"{answer.code} {answer.message}")


async def _hang_up(client: aiosmtplib.SMTP, lines: list[asyncio.BaseTransport | None]) -> None:
    """Takes leave, and gives the socket back before anything else happens.

    Closing alone would leave an encrypted connection open until the server
    confirmed that too; everything that matters was answered by then.
    """
    try:
        with suppress(SMTPException, OSError):
            if client.is_connected:
                await client.quit(timeout=2)
    finally:
        client.close()
        for line in lines:
            if isinstance(line, asyncio.Transport):
                line.abort()
    # The loop gives the socket back in its next round.
    await asyncio.sleep(0)


async def _addressed(client: aiosmtplib.SMTP, address: str) -> tuple[str, list[str], str]:
    """The address as this server can take it: a domain of any letters has a form in ASCII, a name has not."""
    try:
        plain = validate_email(address, check_deliverability=False, globally_deliverable=False).ascii_email
    except EmailNotValidError as error:
        raise SMTPNotSupported(str(error)) from error
    if plain is not None:
        return plain, [], "ascii"
    if client.is_ehlo_or_helo_needed:
        await client.ehlo()
    if not client.supports_extension("SMTPUTF8"):
        raise SMTPNotSupported(f"The mail server takes no addresses with letters beyond ASCII: {address}")
    return address, ["SMTPUTF8"], "utf-8"


def _said(error: SMTPResponseException) -> str:
    return " ".join(_words(f"{error.code} {error.message}"))


def _words(text: str) -> Iterator[str]:
    yield from "".join(one if one.isprintable() else " " for one in text).split()
