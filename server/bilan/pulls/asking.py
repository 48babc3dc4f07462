"""A source as its plugin's code asks for it: settings, client, range and state."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from bilan.clock import Clock
from bilan.outbound import ImapMailbox, OutboundClient, PrivateHosts, open_mailbox
from bilan.registry.declared import Registry
from bilan.sdk.errors import BilanError, Invalid, Unavailable
from bilan.sdk.mailboxes import MailboxLogin
from bilan.sdk.pulls import Pull, PullRange
from bilan.sdk.sources import SourceKind
from bilan.sdk.textdomain import _
from bilan.sources import Source
from bilan.sources.settings import secrets_of

log = structlog.get_logger(__name__)

FetchPictures = Callable[
    [UUID, PrivateHosts, Callable[[], None]], AbstractContextManager[Callable[[str], str]]
]
"""Opens what brings pictures of a source into the file store: their keys by their addresses. Blocking.

It is given the source, the hosts that may be private, and what to call while it waits.
"""


@contextmanager
def no_pictures(
    _source: UUID, _private: PrivateHosts, _check: Callable[[], None]
) -> Generator[Callable[[str], str]]:
    """Keeps none."""
    yield lambda _url: ""


@dataclass(slots=True)
class AskContext:
    """Implements :class:`bilan.sdk.PullContext`."""

    settings: Mapping[str, Any]
    client: OutboundClient
    now: datetime
    open_mailbox: Callable[[MailboxLogin], AbstractContextManager[ImapMailbox]]
    fetch: Callable[[str], str] = lambda _url: ""
    range: PullRange | None = None
    state: Mapping[str, Any] | None = None
    pictures_missing: int = field(default=0, init=False)

    def picture(self, url: str) -> str:
        """The picture's key, or empty."""
        key = self.fetch(url) if url else ""
        if url and not key:
            self.pictures_missing += 1
        return key

    def mailbox(self, login: MailboxLogin) -> AbstractContextManager[ImapMailbox]:
        """The folder, at a host that the pull names."""
        return self.open_mailbox(login)


class Asking:
    """Opens the way to the services of sources."""

    def __init__(
        self, registry: Registry, clock: Clock, private: PrivateHosts, pictures: FetchPictures = no_pictures
    ) -> None:
        self._registry, self._clock, self._private, self._pictures = registry, clock, private, pictures

    def kind(self, plugin: str, kind: str) -> SourceKind | None:
        """The kind, where it is installed."""
        return self._registry.source_kinds.get((plugin, kind))

    def pull_of(self, source: Source) -> tuple[SourceKind, Pull]:
        """The source's kind and how it is pulled.

        Raises ``Unavailable`` where its plugin is not installed, ``Invalid`` where its kind is not pulled.
        """
        kind = self.kind(source.plugin, source.kind)
        if kind is None:
            raise Unavailable(_("The plugin of {kind} is not installed.", kind=source.kind))
        if kind.pull is None:
            raise Invalid(_("Sources of this kind are not fetched: facts come to them."), ("source",))
        return kind, kind.pull

    @contextmanager
    def open(
        self,
        pull: Pull,
        settings: Mapping[str, Any],
        check: Callable[[], None] = lambda: None,
        *,
        now: datetime | None = None,
        source: UUID | None = None,
    ) -> Generator[AskContext]:
        """What the plugin's code is given, with a client that is open while the block runs. Blocking."""
        hosts = _hosts(pull, settings)
        with ExitStack() as stack:
            client = stack.enter_context(OutboundClient(hosts, self._private, self._clock.now, check))
            context = AskContext(
                settings,
                client,
                now or self._clock.now(),
                lambda login: open_mailbox(login, hosts, self._private, check),
            )
            if source is not None:
                fetch = stack.enter_context(self._pictures(source, self._private, check))
                context.fetch = lambda url: _picture(fetch, source, url, check)
            yield context

    def hosts(self, pull: Pull, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """The hosts that are asked, for people; none where the settings do not say them."""
        try:
            return _hosts(pull, settings)
        except BilanError:
            return ()


def _picture(fetch: Callable[[str], str], source: UUID, url: str, check: Callable[[], None]) -> str:
    try:
        return fetch(url)
    except Exception as error:
        check()
        log.info("a picture cannot be had", source=str(source), because=type(error).__name__)
        return ""


def _hosts(pull: Pull, settings: Mapping[str, Any]) -> tuple[str, ...]:
    try:
        return tuple(pull.hosts(settings))
    except BilanError:
        raise
    except Exception as error:
        raise Invalid(_("The plugin does not say which hosts it asks.")) from error


def secrets_in(kind: SourceKind, settings: Mapping[str, Any]) -> frozenset[str]:
    """The values of the settings that are secret."""
    return frozenset(str(settings[key]) for key in secrets_of(kind) if settings.get(key))
