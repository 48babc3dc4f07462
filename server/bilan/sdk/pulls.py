"""Sources whose facts are fetched from a service's API, again and again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from bilan.sdk.columns import FactColumns
from bilan.sdk.datasets import Fact, Reject, Retract
from bilan.sdk.delivery_reports import DeliveryReport
from bilan.sdk.errors import Unavailable
from bilan.sdk.http_client import HttpClient
from bilan.sdk.mailboxes import Mailbox, MailboxLogin
from bilan.sdk.messages import Message

LARGEST_STATE = 16 * 1024
"""Bytes that a checkpoint's state may have as JSON."""


class RateLimited(Unavailable):
    """The service wants to be asked again after so many seconds, which the pull does then.

    The client raises it where a service says so by 429 and its headers; a
    pull does, where a service says it in words of its own.
    """

    def __init__(self, message: Message, seconds: float, path: tuple[str, ...] = ()) -> None:
        super().__init__(message, path)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a pull goes on once all that it gave before has been written.

    ``state`` is small (at most 16 kB as JSON) and holds only what JSON has.
    ``done`` is how much of this pull is over, from 0 to 1, where that is
    known; ``said`` is what is being read, for people who watch.
    """

    state: Mapping[str, Any] = field(hash=False)
    done: float | None = None
    said: Message | None = None


@dataclass(frozen=True, slots=True)
class PullNote:
    """What people should know about what is pulled, such as a figure that the service no longer gives.

    The source's page and every report that the source feeds show it, until a
    pull ends that no longer says it.
    """

    message: Message


@dataclass(frozen=True, slots=True)
class PullRange:
    """Whole days, both included, as the service cuts them."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Checked:
    """What the credentials of a source are good for.

    ``said`` is a sentence that says what they can see. ``ends_at`` is when
    they end (UTC), where the service says so: people are warned before.
    ``missing`` are rights or figures that they lack.
    """

    said: Message
    ends_at: datetime | None = None
    missing: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Discovered:
    """A profile behind the credentials, which can become a source.

    ``settings`` are set on the new source beside those that were given (its
    token may be one of its own). ``key`` tells the profile from all others for good,
    whatever it is called: a profile that is connected again finds its old source by it.
    """

    name: str
    settings: Mapping[str, str] = field(hash=False, repr=False)
    key: str


class PullContext(Protocol):
    """What a pull, a check and a discovery are given."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """The source's settings, with defaults and secrets."""
        ...

    @property
    def client(self) -> HttpClient:
        """The way to the service."""
        ...

    @property
    def now(self) -> datetime:
        """When the pull began (UTC), by the core's clock: the same whatever interrupts it."""
        ...

    @property
    def range(self) -> PullRange | None:
        """The days of a back-fill; ``None`` where it is the usual pull."""
        ...

    @property
    def state(self) -> Mapping[str, Any] | None:
        """That of the last checkpoint; ``None`` at the very first, and at the start of a back-fill.

        The usual pulls of a source go on from each other's; a back-fill has
        a sequence of its own. Where a setting that is no secret has changed, they start over.
        """
        ...

    def picture(self, url: str) -> str:
        """Fetch a picture into the file store: its key, or empty where it cannot be had or used."""
        ...

    def mailbox(self, login: MailboxLogin) -> AbstractContextManager[Mailbox]:
        """A folder of a mailbox by IMAP, open while the block lasts, at a host that the pull names.

        Raises ``Unauthenticated`` where the mailbox does not let the user in, ``Invalid`` where it has no
        such folder or may not be asked, ``Unavailable`` where it does not answer.
        """
        ...


Pulled = Fact | Retract | Reject | FactColumns | DeliveryReport | PullNote | Checkpoint
"""What a pull gives."""


@runtime_checkable
class Pull(Protocol):
    """How facts are fetched from a service. All methods are blocking and run in threads of their own."""

    @property
    def every(self) -> timedelta:
        """How often, where the source says nothing else."""
        ...

    def hosts(self, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """The hosts that it may ask: ``graph.example.org``, or ``*.example.org`` for all below. Pure.

        Where a setting names one, as for a network of many servers, it is taken from there.
        """
        ...

    def pull(self, context: PullContext) -> Iterator[Pulled]:
        """What there is since the last checkpoint, or in the range of a back-fill.

        Killed anywhere, it is called anew with the state of the last
        checkpoint that was written: what it gave before that is never asked
        for again, what it gave afterwards may come a second time and is
        there once. It gives a checkpoint often enough (a page, a day), and one at
        its end with the state from which the next pull goes on. Raises what the client raises.
        """
        ...

    def check(self, context: PullContext) -> Checked:
        """Say what the settings can see, with as few requests as that takes. ``context.state`` is ``None``.

        Raises ``Unauthenticated``, ``Forbidden`` or ``Invalid`` with a sentence on what would be right.
        """
        ...


@runtime_checkable
class Discovery(Pull, Protocol):
    """A ``Pull`` that finds the profiles behind credentials.

    Its kind names in ``SourceKind.profile`` the setting that holds a
    profile's key, which is left open while they are looked for.
    """

    def discover(self, context: PullContext) -> Iterable[Discovered]:
        """The profiles that the credentials can see. Raises like ``check``."""
        ...
