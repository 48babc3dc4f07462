"""A mailbox by IMAP, over connections to the hosts that a pull names. See docs/decisions/116."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import httpcore2
import httpx2

from bilan.outbound.addresses import public_addresses
from bilan.outbound.hosts import PrivateHosts, check_host
from bilan.sdk.errors import Invalid, Unauthenticated, Unavailable
from bilan.sdk.mailboxes import LARGEST_PIECE, MailboxLogin, MailboxSecurity
from bilan.sdk.textdomain import _

PATIENCE = 30.0
"""Seconds that the server may take for each piece of an answer."""
LARGEST = LARGEST_PIECE + 65_536
"""Bytes of one piece of an answer: those of a message that are asked for, and what stands around them."""
TOGETHER = 500
"""UIDs that one command names."""
VALIDITY = re.compile(rb"(\d+)")


class _Connection(imaplib.IMAP4):
    """IMAP over a socket that was connected by :func:`_connect`, with answers of a bounded size."""

    def __init__(self, connected: socket.socket) -> None:
        self._connected = connected
        super().__init__()

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        """Take the socket."""
        del host, port, timeout
        self.host, self.port, self.sock = "", 0, self._connected
        self.file: Any = self.sock.makefile("rb")

    def read(self, size: int) -> bytes:
        """So much of an answer. Raises ``imaplib.IMAP4.error`` for more than was asked for."""
        if size > LARGEST:
            raise imaplib.IMAP4.error(f"a piece of {size} bytes")
        return self.file.read(size)


class ImapMailbox:
    """Implements :class:`bilan.sdk.Mailbox`."""

    def __init__(
        self, connection: imaplib.IMAP4, host: str, uid_validity: int, check: Callable[[], None]
    ) -> None:
        self._connection, self._host, self._check = connection, host, check
        self.uid_validity = uid_validity

    def uids(self, after: int = 0) -> Sequence[int]:
        """The UIDs behind this one."""
        [found] = self._ask(lambda: self._connection.uid("SEARCH", f"UID {after + 1}:*")) or [b""]
        # The range of a last message that lies before it names that one, whichever way round it is written.
        return sorted(uid for uid in map(int, (found or b"").split()) if uid > after)

    def fetch(self, uid: int) -> bytes | None:
        """The message as far as it is read."""
        wanted = f"(BODY.PEEK[]<0.{LARGEST_PIECE}>)"
        parts = self._ask(lambda: self._connection.uid("FETCH", str(uid), wanted))
        return next((part[1] for part in parts if isinstance(part, tuple)), None)

    def delete(self, uids: Sequence[int]) -> None:
        """Flag these as deleted and expunge them, and none that somebody else flagged."""
        for start in range(0, len(uids), TOGETHER):
            self._delete(",".join(map(str, uids[start : start + TOGETHER])))

    def _delete(self, named: str) -> None:
        self._ask(lambda: self._connection.uid("STORE", named, "+FLAGS.SILENT", r"(\Deleted)"))
        # Signed in, a server can do more than it said before. Without UIDPLUS, the flag does.
        [told] = self._ask(self._connection.capability) or [b""]
        if b"UIDPLUS" in bytes(told or b"").upper().split():
            self._ask(lambda: self._connection.uid("EXPUNGE", named))

    def _ask(self, command: Callable[[], tuple[str, list[Any]]]) -> list[Any]:
        self._check()
        return _answer(self._host, command)


@contextmanager
def open_mailbox(
    login: MailboxLogin, hosts: Sequence[str], private: PrivateHosts, check: Callable[[], None]
) -> Generator[ImapMailbox]:
    """Sign in and open the folder. Raises as :meth:`bilan.sdk.PullContext.mailbox` says. Blocking."""
    check()
    connection = _connected(login, hosts, private)
    try:
        _sign_in(connection, login)
        folder = '"' + login.folder.replace("\\", r"\\").replace('"', r"\"") + '"'
        with _told(login.host):
            state, _said = connection.select(folder)
        if state != "OK":
            raise Invalid(
                _("{host} has no folder {folder}.", host=login.host, folder=login.folder), ("folder",)
            )
        _name, validity = connection.response("UIDVALIDITY")
        found = VALIDITY.search(bytes((validity or [b""])[0] or b""))
        yield ImapMailbox(connection, login.host, int(found[1]) if found else 0, check)
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            connection.logout()
        # Taking leave closes the connection, unless that went wrong.
        _shut(connection)


def _connected(login: MailboxLogin, hosts: Sequence[str], private: PrivateHosts) -> imaplib.IMAP4:
    """A connection over which nobody listens, unless the host is private and that was asked for."""
    try:
        url = httpx2.URL(f"https://{login.host}:{login.port}")
    except httpx2.InvalidURL as error:
        raise Invalid(_("{host} is no name of a mail server.", host=login.host), ("host",)) from error
    check_host(url, hosts)
    if login.security is MailboxSecurity.NONE and url.host not in private.origins:
        raise Invalid(
            _("{host} is asked over an encrypted connection alone, unless the operator names it in "
              "{setting}.", host=login.host, setting=private.setting), ("security",),
        )  # fmt: skip
    with _told(login.host), ExitStack() as closing:
        raw = closing.enter_context(_connect(url, login.port, private))
        context = ssl.create_default_context()
        if login.security is MailboxSecurity.TLS:
            raw = closing.enter_context(context.wrap_socket(raw, server_hostname=login.host))
        connection = _Connection(raw)
        closing.callback(_shut, connection)
        if login.security is MailboxSecurity.STARTTLS:
            # The name that the certificate has to prove.
            connection.host = login.host
            connection.starttls(context)
        closing.pop_all()
    return connection


def _shut(connection: imaplib.IMAP4) -> None:
    with suppress(OSError):
        connection.shutdown()


def _connect(url: httpx2.URL, port: int, private: PrivateHosts) -> socket.socket:
    """Connect to a public address of the host, or to what stands in for a private one."""
    if url.host in private.origins:
        origin = private.origins[url.host]
        at = (url.host, port) if origin is None else (origin.host, origin.port or port)
        return socket.create_connection(at, PATIENCE)
    addresses = public_addresses(url.host, port, private)
    for address in addresses[:-1]:
        with suppress(OSError):
            return socket.create_connection((address, port), PATIENCE)
    return socket.create_connection((addresses[-1], port), PATIENCE)


def _sign_in(connection: imaplib.IMAP4, login: MailboxLogin) -> None:
    """Raise ``Unauthenticated`` where the mailbox does not let the user in."""
    user, password = login.user, login.password
    plain = "AUTH=PLAIN" in connection.capabilities
    try:
        if plain:
            # LOGIN takes no letters beyond ASCII.
            connection.authenticate("PLAIN", lambda _challenge: f"\0{user}\0{password}".encode())
        else:
            connection.login(user, password)
    except imaplib.IMAP4.abort as error:
        raise Unavailable(_("{host} hung up.", host=login.host)) from error
    except (imaplib.IMAP4.error, UnicodeEncodeError) as error:
        raise Unauthenticated(
            _("{host} does not let {user} in: the user name or the password is wrong.",
              host=login.host, user=user)
        ) from error  # fmt: skip
    except OSError as error:
        raise _away(login.host, error) from error


def _answer(host: str, command: Callable[[], tuple[str, list[Any]]]) -> list[Any]:
    with _told(host):
        state, found = command()
    if state != "OK":
        said = b" ".join(part for part in found if isinstance(part, bytes))
        raise Invalid(_("{host} refused: {answer}", host=host, answer=said.decode("utf-8", "replace")[:200]))
    return found


@contextmanager
def _told(host: str) -> Generator[None]:
    """Say in a sentence what goes wrong with a connection."""
    try:
        yield
    except imaplib.IMAP4.abort as error:
        raise Unavailable(_("{host} hung up.", host=host)) from error
    except imaplib.IMAP4.error as error:
        raise Invalid(_("{host} does not speak IMAP as expected.", host=host)) from error
    except (OSError, httpcore2.ConnectError) as error:
        raise _away(host, error) from error


def _away(host: str, error: Exception) -> Unavailable:
    if isinstance(error, TimeoutError):
        return Unavailable(_("{host} does not answer in time.", host=host))
    if isinstance(error, ssl.SSLCertVerificationError):
        return Unavailable(_("{host} does not prove that it is {host}: its certificate is wrong.", host=host))
    return Unavailable(_("{host} cannot be reached.", host=host))
