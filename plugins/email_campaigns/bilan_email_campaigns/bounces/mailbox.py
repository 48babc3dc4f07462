"""Reports in a mailbox, read by IMAP: each once, and deleted only where that is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bilan.sdk import (
    Checked,
    Checkpoint,
    DeliveryReport,
    Fact,
    Invalid,
    Mailbox,
    MailboxLogin,
    MailboxSecurity,
    PullContext,
    Pulled,
    PullNote,
    PullRange,
    Settings,
    read_text,
)
from bilan_email_campaigns.bounces.facts import facts_in
from bilan_email_campaigns.textdomain import _, ngettext

MOST = 1_000
"""Messages that are read at most where they are deleted afterwards: a checkpoint names each of them."""
PORTS = {MailboxSecurity.TLS: 993, MailboxSecurity.STARTTLS: 143, MailboxSecurity.NONE: 143}


class BounceMailbox:
    """Implements :class:`bilan.sdk.Pull`."""

    every = timedelta(minutes=15)

    def hosts(self, settings: Settings) -> tuple[str, ...]:
        """The mail server, at its port."""
        login = login_of(settings)
        return (f"{login.host}:{login.port}",)

    def check(self, context: PullContext) -> Checked:
        """How many messages there are."""
        login = login_of(context.settings)
        with context.mailbox(login) as mailbox:
            count = len(mailbox.uids())
        return Checked(
            ngettext(
                "{user} reads one message in {folder}.",
                "{user} reads {count} messages in {folder}.",
                count=count, user=login.user, folder=login.folder,
            )
        )  # fmt: skip

    def pull(self, context: PullContext) -> Iterator[Pulled]:
        """The reports behind the last one that was read; those of the days of a back-fill."""
        state = context.state or {}
        with context.mailbox(login_of(context.settings)) as mailbox:
            known = state.get("validity") == mailbox.uid_validity
            reading = _MailboxReading(mailbox, context, state if known else {})
            yield from reading.run()


class _MailboxReading:
    def __init__(self, mailbox: Mailbox, context: PullContext, state: Any) -> None:
        self._mailbox, self._context = mailbox, context
        self._deletes = bool(context.settings.get("delete")) and context.range is None
        self._last = int(state.get("uid", 0))
        # What an earlier pull read has been written by now.
        self._read = [int(uid) for uid in state.get("read", ())]
        self._others = int(state.get("others", 0)) if state.get("going") else 0

    def run(self) -> Iterator[Pulled]:
        if self._deletes and self._read:
            self._mailbox.delete(self._read)
        self._read = []
        uids = self._mailbox.uids(self._last)
        uids = uids[:MOST] if self._deletes else uids
        for number, uid in enumerate(uids, start=1):
            yield from self._one(uid)
            yield Checkpoint(self._state(going=True), number / len(uids), _("Messages"))
        if self._others:
            yield PullNote(
                ngettext(
                    "One message of the mailbox is no report of a mail server, and was left alone.",
                    "{count} messages of the mailbox are no reports of mail servers, and were left alone.",
                    count=self._others,
                )
            )
        yield Checkpoint(self._state(going=False), 1.0)

    def _one(self, uid: int) -> Iterator[Fact | DeliveryReport]:
        self._last = uid
        if (raw := self._mailbox.fetch(uid)) is None:
            return
        found = list(facts_in(raw, self._context.settings))
        if not found:
            self._others += 1
        elif self._deletes:
            self._read.append(uid)
        yield from found if self._context.range is None else _within(found, self._context.range)

    def _state(self, *, going: bool) -> dict[str, Any]:
        state: dict[str, Any] = {"validity": self._mailbox.uid_validity, "uid": self._last}
        if self._read:
            state["read"] = list(self._read)
        if going:
            state |= {"going": True, "others": self._others}
        return state


def _within(found: Sequence[Fact | DeliveryReport], days: PullRange) -> Iterator[Fact | DeliveryReport]:
    """The facts of the days (UTC), and what the core is told, whatever day that was."""
    for one in found:
        at = one.row["occurred_at"] if isinstance(one, Fact) else None
        if not isinstance(at, datetime) or days.first <= at.astimezone(UTC).date() <= days.last:
            yield one


def login_of(settings: Settings) -> MailboxLogin:
    """Where the mailbox is. Raises ``Invalid`` where the settings do not say it."""
    host, user = (read_text(settings.get(key)).strip() for key in ("host", "user"))
    if not host or not user:
        raise Invalid(_("Give the mail server and the user of the mailbox."), ("host",))
    security = MailboxSecurity(settings.get("security") or MailboxSecurity.TLS)
    name, _colon, port = host.partition(":") if host.count(":") == 1 else (host, "", "")
    if port and not port.isdecimal():
        raise Invalid(_("Write the mail server as mail.example.org or mail.example.org:993."), ("host",))
    return MailboxLogin(
        host=name.lower(),
        user=user,
        password=read_text(settings.get("password")),
        port=int(port) if port else PORTS[security],
        folder=read_text(settings.get("folder")).strip() or "INBOX",
        security=security,
    )
