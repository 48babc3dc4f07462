"""What the services of this area take and hand out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

EMAIL = "email"
"""The channel that reaches whoever has an address of e-mail."""


class RecipientKind(StrEnum):
    """Who a recipient is."""

    PERSON = "person"
    """A person of the workspace, known by their account."""
    EXTERNAL = "external"
    """Anybody else, known by an address that they have to confirm."""
    WEBHOOK = "webhook"
    """A place that a channel of its own posts to, such as a chat; see ``channel``."""


class RecipientState(StrEnum):
    """Whether e-mails go to a recipient."""

    NEW = "new"
    """Nobody has asked them yet to confirm their address: the first e-mail does."""
    WAITING = "waiting"
    """They were asked, and have not answered yet."""
    LAPSED = "lapsed"
    """They were asked, and did not answer in time."""
    CONFIRMED = "confirmed"
    """They have confirmed their address, or are a person of the workspace."""
    UNSUBSCRIBED = "unsubscribed"
    """They want no more e-mails."""
    SUPPRESSED = "suppressed"
    """Their mail server said that it takes nothing for this address."""
    CLOSED = "closed"
    """Their account is closed."""


class Audience(StrEnum):
    """Who may receive reports of a kind."""

    PEOPLE = "people"
    """People of the workspace alone."""
    ANYONE = "anyone"
    """External recipients too."""


class FirstEmail(StrEnum):
    """What an external recipient gets first."""

    CONFIRMATION = "confirmation"
    """A link to confirm their address and no figures; the report follows once they did."""
    WITH_REPORT = "with_report"
    """The first report, with that link in it; nothing more until they confirm."""


def full_name(first: str, last: str, address: str) -> str:
    """What to call somebody; their address where nobody wrote a name down."""
    return f"{first} {last}".strip() or address


@dataclass(frozen=True, slots=True)
class RecipientDraft:
    """An external recipient as somebody writes them down. Empty preferences follow the workspace."""

    address: str
    first_name: str = ""
    last_name: str = ""
    language: str | None = None
    zone: str | None = None
    formats: tuple[str, ...] | None = None
    """The files that they get of whatever is sent; without, those of the sending."""


@dataclass(frozen=True, slots=True)
class TargetDraft:
    """A target as somebody fills it in: ``settings`` are those that its channel declares, as in a form."""

    name: str
    settings: Mapping[str, Any]
    language: str | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class RecipientInfo:
    """A recipient as things are now. Moments are in UTC.

    ``id`` is a person's own, or that of the entry in the address book.
    ``language`` and ``zone`` (of instants, never of days) are empty where
    the workspace's language and the report's zone count. ``first_name``
    holds a person's whole name, and a target's. ``channel`` is what reaches
    them; ``settings`` are a target's, without its secrets. ``answer`` is what a mail server said of an
    address that is suppressed.
    """

    id: UUID
    kind: RecipientKind
    address: str
    first_name: str
    last_name: str
    language: str | None
    zone: str | None
    state: RecipientState
    formats: tuple[str, ...] | None = None
    """The files they get of whatever is sent; without, those of the sending."""
    channel: str = EMAIL
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    sees_persons: bool = False
    """Whether they hold the permission to see rows about single persons."""
    answer: str | None = None
    asked_at: datetime | None = None
    asked_until: datetime | None = None
    confirmed_at: datetime | None = None
    added_by_name: str = ""
    created_at: datetime | None = None

    @property
    def name(self) -> str:
        """What to call them; their address where nobody wrote a name down."""
        return full_name(self.first_name, self.last_name, self.address)

    @property
    def external(self) -> bool:
        """Whether they are no person of the workspace."""
        return self.kind is not RecipientKind.PERSON


@dataclass(frozen=True, slots=True)
class RecipientPage:
    """Some entries of the address book, by name, and how many the whole list has."""

    recipients: tuple[RecipientInfo, ...]
    total: int


def no_audiences() -> Mapping[str, Audience]:
    """No kind of report for which a workspace chose another audience than the usual."""
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class RecipientRules:
    """Whom reports of a workspace may go to.

    ``domains`` are those that external addresses may have; all without any.
    ``audiences`` are by the key of a report kind, where the workspace chose
    otherwise: reports about single persons go to people alone, others to anyone.
    """

    domains: tuple[str, ...] = ()
    audiences: Mapping[str, Audience] = field(default_factory=no_audiences)
    first_email: FirstEmail = FirstEmail.CONFIRMATION


@dataclass(frozen=True, slots=True)
class SuppressionPage:
    """Some suppressed addresses, the latest first, and how many the whole list has."""

    suppressions: tuple[Suppression, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address to which nothing is sent. ``address`` is empty where its recipient was erased."""

    id: UUID
    address: str | None
    answer: str
    since: datetime
