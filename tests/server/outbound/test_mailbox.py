"""A mailbox is read over connections that prove themselves, and nothing in it changes by that."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from bilan.outbound import ImapMailbox, PrivateHosts, open_mailbox
from bilan.sdk import Cancelled, Invalid, MailboxLogin, MailboxSecurity, Unauthenticated, Unavailable
from bilan.sdk.mailboxes import LARGEST_PIECE
from bilan.sdk.textdomain import _
from fixtures.dovecot import PASSWORD, USER, MailServer

NONE, TLS, STARTTLS = MailboxSecurity.NONE, MailboxSecurity.TLS, MailboxSecurity.STARTTLS


def mail(number: int, text: str = "x") -> bytes:
    return f"From: a@b.org\r\nMessage-ID: <{number}@b.org>\r\n\r\n{text}\r\n".encode()


def opened(
    server: MailServer,
    security: MailboxSecurity = NONE,
    *,
    private: str = "localhost",
    password: str = PASSWORD,
    folder: str = "INBOX",
    hosts: tuple[str, ...] | None = None,
    check: Callable[[], None] = lambda: None,
) -> AbstractContextManager[ImapMailbox]:
    port = server.tls if security is TLS else server.plain
    login = MailboxLogin("localhost", USER, password, port, folder, security)
    return open_mailbox(login, hosts or (f"localhost:{port}",), PrivateHosts(private), check)


def test_messages_are_read_in_order_and_none_is_marked_as_read(dovecot: MailServer) -> None:
    dovecot.put(*map(mail, range(1, 4)))
    with opened(dovecot) as mailbox:
        uids = mailbox.uids()
        assert [mailbox.fetch(uid) for uid in uids] == [mail(number) for number in range(1, 4)]
        assert list(mailbox.uids(uids[1])) == [uids[2]]
        assert list(mailbox.uids(uids[2])) == []
        assert mailbox.fetch(uids[2] + 1) is None
    assert dovecot.ids() == ["<1@b.org>", "<2@b.org>", "<3@b.org>"]


def test_only_what_is_named_is_deleted(dovecot: MailServer) -> None:
    dovecot.put(*map(mail, range(1, 4)))
    client = dovecot.client()
    client.select()
    client.store("3", "+FLAGS", r"(\Deleted)")
    client.logout()
    with opened(dovecot) as mailbox:
        uids = list(mailbox.uids())
        mailbox.delete([*uids[:2], uids[2] + 7])
        mailbox.delete(uids[:1])
    assert dovecot.ids() == ["<3@b.org>"]


def test_of_a_large_message_the_beginning_is_read(dovecot: MailServer) -> None:
    dovecot.put(mail(1, "y" * 78 * 3 + "\r\n" + ("z" * 76 + "\r\n") * 20_000))
    with opened(dovecot) as mailbox:
        [uid] = mailbox.uids()
        found = mailbox.fetch(uid)
    assert found is not None
    assert (len(found), found[:13]) == (LARGEST_PIECE, b"From: a@b.org")


@pytest.mark.parametrize("security", [TLS, STARTTLS])
def test_a_server_that_proves_itself_is_spoken_to_encrypted(
    dovecot: MailServer, security: MailboxSecurity, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.put(mail(1))
    with pytest.raises(Unavailable, match="its certificate is wrong"), opened(dovecot, security):
        pass
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.certificate))
    with opened(dovecot, security) as mailbox:
        assert len(mailbox.uids()) == 1


def test_a_host_that_is_not_named_as_private_is_asked_neither_in_the_clear_nor_at_all(
    dovecot: MailServer,
) -> None:
    with pytest.raises(Invalid, match="over an encrypted connection alone"), opened(dovecot, private=""):
        pass
    with pytest.raises(Invalid, match="private network"), opened(dovecot, TLS, private=""):
        pass
    with pytest.raises(Invalid, match="none of the hosts"), opened(dovecot, hosts=("localhost:1",)):
        pass


def test_a_wrong_password_and_a_folder_that_is_not_there_are_said(dovecot: MailServer) -> None:
    with (
        pytest.raises(Unauthenticated, match=r"does not let bounces@example\.org in"),
        opened(dovecot, password="wrong"),
    ):
        pass
    with pytest.raises(Invalid, match="has no folder Nowhere"), opened(dovecot, folder="Nowhere"):
        pass


def test_reading_ends_when_it_is_cancelled_and_a_server_that_is_away_is_told(dovecot: MailServer) -> None:
    dovecot.put(mail(1))
    asked = 0

    def check() -> None:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise Cancelled(_("It was stopped."))

    with opened(dovecot, check=check) as mailbox:
        mailbox.uids()
        with pytest.raises(Cancelled):
            mailbox.uids()
    login = MailboxLogin("localhost", USER, PASSWORD, 1, security=NONE)
    with (
        pytest.raises(Unavailable, match="cannot be reached"),
        open_mailbox(login, ("localhost:1",), PrivateHosts("localhost"), lambda: None),
    ):
        pass
