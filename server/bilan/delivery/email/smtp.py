"""Sends e-mails to a mail server by SMTP, many messages over one connection."""

from __future__ import annotations

import asyncio
import re

import aiosmtplib
from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPHeloError,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)
from email_validator import EmailNotValidError, validate_email

from bilan.delivery.email.connection import Connection, Server
from bilan.sdk.channels import BeforeSend, DeliveryStatus, RawMessage, Receipt

SECONDS = 30.0
"""The longest silence of a server, at each step."""
MESSAGES = 100
"""So many go over one connection; servers count them too."""
IDLE = 10.0
"""Seconds that a connection waits for the next message. Servers wait for minutes."""
SILENT = 10.0
"""Seconds for which a server that could not be reached is not called again."""
PERMANENT, SHUTTING_DOWN = 500, 421
NO_MAILBOX = frozenset({521, 550, 551, 553, 556})
"""Answers to a recipient's address that are about it, where no enhanced code says more (RFC 5321, 7504)."""
ENHANCED = re.compile(r"5\.(\d{1,3})\.(\d{1,3})\b")
ADDRESS_CODES = frozenset({(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1)})
"""No such mailbox or domain, no address, moved away, a domain without mail; a mailbox that is closed."""


class SmtpMailer:
    """Sends messages to one server, over one connection, or several side by side.

    ``name`` is told who calls. A connection is kept for the next message as long as its server has answered
    everything; it ends after ``MESSAGES`` of them, or ``IDLE`` seconds without one.
    Where no connection comes about, those who follow at once get the same answer:
    a hundred recipients do not wait for the same silence one after the other.
    """

    def __init__(
        self,
        server: Server,
        name: str,
        *,
        connections: int = 1,
        seconds: float = SECONDS,
        idle: float = IDLE,
        silent: float = SILENT,
    ) -> None:
        self._server, self._name, self._connections = server, name, connections
        self._seconds, self._idle, self._silent = seconds, idle, silent
        self._turns = asyncio.Semaphore(connections)
        self._kept: dict[Connection, asyncio.TimerHandle] = {}
        self._opening = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()
        self._open: set[Connection] = set()
        self._left_out = 0
        """Connections that the server did not take beside others."""
        self._unreachable: tuple[float, Receipt] | None = None

    async def send(self, message: RawMessage, before_send: BeforeSend) -> Receipt:
        """One message to one recipient.

        Until the content leaves, a failure is one to try again or a refusal.
        From then on only an answer of the server counts: without one nobody
        knows, and it is never tried again.
        """
        async with self._turns:
            return await self._send(message, before_send)

    async def aclose(self) -> None:
        """Take leave of the server."""
        turns = self._connections - self._left_out
        for _one in range(turns):
            await self._turns.acquire()
        try:
            while connection := self._take():
                await connection.close()
            await asyncio.gather(*self._closing)
        finally:
            for _one in range(turns):
                self._turns.release()

    async def _send(self, message: RawMessage, before_send: BeforeSend) -> Receipt:
        if connection := self._take():
            try:
                await connection.begin_anew()
                await _begin(connection.client, message)
            except (SMTPException, OSError) as error:
                if _about_recipient(error):
                    return await self._refused(connection, error)
                # The server hung up meanwhile, or had enough of this connection. Nothing has left.
                await connection.close()
            except BaseException:
                await connection.close()
                raise
            else:
                return await self._transfer(connection, message, before_send)
        return await self._send_anew(message, before_send)

    async def _send_anew(self, message: RawMessage, before_send: BeforeSend) -> Receipt:
        # One at a time: where the server is silent or gone, all learn it from the first.
        async with self._opening:
            freed = bool(self._kept)
            connection = None if freed else await self._connect()
        if isinstance(connection, Receipt):
            return connection
        if connection is None:
            if not freed:
                # It takes no more of them side by side: from now on the others alone, and this message's
                # turn is that of whoever is done first.
                self._left_out += 1
                await self._turns.acquire()
            return await self._send(message, before_send)
        self._open = {connection, *(one for one in self._open if one.client.is_connected)}
        try:
            await _begin(connection.client, message)
        except (SMTPException, OSError) as error:
            return await self._refused(connection, error)
        except BaseException:
            await connection.close()
            raise
        return await self._transfer(connection, message, before_send)

    async def _connect(self) -> Connection | Receipt | None:
        """A new connection, or why there is none; nothing where the server takes none beside others."""
        now = asyncio.get_running_loop().time()
        if self._unreachable is not None and now < self._unreachable[0]:
            return self._unreachable[1]
        connection = Connection(self._server, self._name, self._seconds)
        try:
            await connection.open()
        except (SMTPException, OSError) as error:
            await connection.close()
            if any(one.client.is_connected for one in self._open):
                return None
            receipt = _receipt(error)
            self._unreachable = (asyncio.get_running_loop().time() + self._silent, receipt)
            return receipt
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _transfer(
        self, connection: Connection, message: RawMessage, before_send: BeforeSend
    ) -> Receipt:
        reusable = False
        try:
            await before_send()
            try:
                answer = await connection.client.data(message.content)
            except (SMTPServerDisconnected, SMTPTimeoutError, OSError) as error:
                return Receipt(DeliveryStatus.UNKNOWN, str(error) or type(error).__name__)
            except SMTPResponseException as error:
                status = _after_content(error.code)
                reusable = status is not DeliveryStatus.UNKNOWN and error.code != SHUTTING_DOWN
                refused = status is DeliveryStatus.REFUSED and _no_mailbox(error.message) is True
                return Receipt(status, _reply(error), address_refused=refused)
            reusable = True
            return Receipt(DeliveryStatus.ACCEPTED, f"{answer.code} {answer.message}")
        finally:
            # Never again after an end that nobody knows.
            await (self._keep(connection) if reusable else connection.close())

    async def _refused(self, connection: Connection, error: SMTPException | OSError) -> Receipt:
        """Before the content; the connection serves others where it was about the recipient alone."""
        connection.begun = True
        await (self._keep(connection) if _about_recipient(error) else connection.close())
        return _receipt(error)

    def _take(self) -> Connection | None:
        """The connection that was kept last, which is nobody else's from now on."""
        if not self._kept:
            return None
        connection, timer = self._kept.popitem()
        timer.cancel()
        return connection

    async def _keep(self, connection: Connection) -> None:
        connection.messages += 1
        if connection.messages >= MESSAGES or not connection.client.is_connected:
            await connection.close()
            return
        loop = asyncio.get_running_loop()
        self._kept[connection] = loop.call_later(self._idle, self._expire, connection)

    def _expire(self, connection: Connection) -> None:
        if self._kept.pop(connection, None) is not None:
            closing = asyncio.ensure_future(connection.close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
            if not any(one.client.is_connected for one in self._open - {connection}):
                # After a silence the server is asked anew how many it takes.
                for _one in range(self._left_out):
                    self._turns.release()
                self._left_out = 0


async def _begin(client: aiosmtplib.SMTP, message: RawMessage) -> None:
    """From whom and to whom. Raises what the server, the library or the network has against it."""
    recipient, options, encoding = await _addressed(client, message.recipient)
    await client.mail(message.sender, options=options, encoding=encoding)
    await client.rcpt(recipient, encoding=encoding)


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


def _after_content(code: int) -> DeliveryStatus:
    """What an answer to the content says. What is no answer of the protocol says nothing."""
    if code // 100 == 2:
        return DeliveryStatus.ACCEPTED
    if code // 100 == 4:
        return DeliveryStatus.LATER
    return DeliveryStatus.REFUSED if code // 100 == 5 else DeliveryStatus.UNKNOWN


def _about_recipient(error: Exception) -> bool:
    """Whether the server takes other recipients over the same connection."""
    if isinstance(error, SMTPRecipientRefused):
        return error.code != SHUTTING_DOWN
    return isinstance(error, SMTPNotSupported)


def _receipt(error: SMTPException | OSError) -> Receipt:
    match error:
        case SMTPAuthenticationError() | SMTPHeloError():
            # The mistake is ours, and may be corrected while this waits.
            return Receipt(DeliveryStatus.LATER, _reply(error))
        case SMTPResponseException() if error.code < PERMANENT:
            return Receipt(DeliveryStatus.LATER, _reply(error))
        case SMTPRecipientRefused():
            said = _no_mailbox(error.message)
            refused = error.code in NO_MAILBOX if said is None else said
            return Receipt(DeliveryStatus.REFUSED, _reply(error), address_refused=refused)
        case SMTPResponseException():
            return Receipt(DeliveryStatus.REFUSED, _reply(error))
        case SMTPNotSupported():
            return Receipt(DeliveryStatus.REFUSED, str(error))
        case _:
            return Receipt(DeliveryStatus.LATER, str(error) or type(error).__name__)


def _no_mailbox(answer: str) -> bool | None:
    """Whether a refusal is about the recipient's address, by its enhanced code (RFC 3463); else ``None``.

    A server that refuses the sender, the content or a policy of its own says nothing about the address.
    """
    found = ENHANCED.match(answer)
    return None if found is None else (int(found[1]), int(found[2])) in ADDRESS_CODES


def is_about_address(answer: str) -> bool:
    """Whether an answer that begins with an enhanced code refuses the recipient's address for good."""
    return _no_mailbox(answer) is True


def _reply(error: SMTPResponseException) -> str:
    text = f"{error.code} {error.message}"
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())
