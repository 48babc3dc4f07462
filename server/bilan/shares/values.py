"""Shares as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bilan.accounts.values import ViewerPrincipal
from bilan.delivery.values import DeliveryState
from bilan.shares.event_kinds import ShareEventKind


@dataclass(frozen=True, slots=True)
class ShareDraft:
    """What somebody asks to be shared, with whom and how.

    ``viewers`` are addresses. ``latest`` shows the latest run of the run's
    report in place of this one. Without a ``password`` one is generated.
    ``views`` is how often each viewer may open it, ``language`` by default
    that of each viewer, ``origins`` are sites that may frame it.
    ``separately`` sends the password in an e-mail of its own. ``key`` is
    chosen by whoever asks: the same one again shares nothing again.
    """

    viewers: tuple[str, ...]
    key: str
    latest: bool = False
    password: str = ""
    message: str = ""
    days: int = 30
    views: int | None = None
    downloads: bool = True
    language: str | None = None
    origins: tuple[str, ...] = ()
    separately: bool = False


@dataclass(frozen=True, slots=True)
class ShareOptions:
    """What may be changed of a share: all of it is as it says from then on.

    ``days`` is after how many days from now it ends; without, that stays as it is.
    """

    days: int | None = None
    views: int | None = None
    downloads: bool = True
    language: str | None = None
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody with whom a report is shared. ``mail`` is what became of the e-mail with their link."""

    id: UUID
    address: str
    name: str
    views: int
    created_at: datetime
    last_opened_at: datetime | None
    revoked_at: datetime | None
    mail: DeliveryState | None


@dataclass(frozen=True, slots=True)
class ShareEvent:
    """Something that happened to a share: ``who`` did it, or whom it is about."""

    kind: ShareEventKind
    at: datetime
    who: str
    viewer: str
    detail: str


@dataclass(frozen=True, slots=True)
class Share:
    """A report that is shared. ``run`` is the one shown; without it, always the latest of ``report``."""

    id: UUID
    workspace: UUID
    run: UUID | None
    report: UUID | None
    kind: str
    title: str
    message: str
    language: str | None
    downloads: bool
    most_views: int | None
    origins: tuple[str, ...]
    expires_at: datetime
    stopped_at: datetime | None
    created_by_name: str
    created_at: datetime
    over: bool
    """Whether it was stopped or its time has come: nobody gets in."""
    viewers: tuple[Viewer, ...]
    events: tuple[ShareEvent, ...]
    """The latest first; of a share among others none."""

    @property
    def live_viewers(self) -> tuple[Viewer, ...]:
        """Those who are not revoked."""
        return tuple(one for one in self.viewers if one.revoked_at is None)


@dataclass(frozen=True, slots=True)
class SharePage:
    """Some shares of a workspace, the latest first, and how many there are."""

    shares: tuple[Share, ...]
    total: int


@dataclass(frozen=True, slots=True)
class NewShare:
    """A share, and the password that was just set; empty where it is shared already, as it is shown once."""

    share: Share
    password: str


@dataclass(frozen=True, slots=True)
class Viewing:
    """A viewer who is let in, and what the share allows them."""

    viewer: ViewerPrincipal
    share: UUID
    token: str
    message: str
    sender: str
    language: str | None
    downloads: bool
    latest: bool
    origins: tuple[str, ...]
    expires_at: datetime
