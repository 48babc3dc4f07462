"""A source as a plain value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bilan.sdk.messages import Message


@dataclass(frozen=True, slots=True)
class Source:
    """A source that somebody added.

    ``settings`` are without secrets, whose names are in ``sealed``. Settings
    and ``address`` (the unguessable part of the webhook's URL) are empty for
    who may not manage the source. ``last_received_at`` is when a post or file
    last came, ``last_event_at`` the time of the latest fact, of a day its first
    moment. All in UTC; ``zone`` reads times that name none. ``ends_at`` is when
    the token ends by which it is pulled, where that is known; ``notes`` say
    what the service does not give.
    """

    id: UUID
    workspace: UUID
    plugin: str
    kind: str
    name: str
    settings: Mapping[str, Any]
    sealed: frozenset[str]
    verify: bool
    address: str
    zone: str
    created_at: datetime
    last_received_at: datetime | None
    last_event_at: datetime | None
    removed_at: datetime | None
    ends_at: datetime | None = None
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedSource:
    """As much of a source as whoever reads its figures has to know."""

    id: UUID
    name: str
