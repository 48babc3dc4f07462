"""People and what they may do, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, Literal
from uuid import UUID


class WorkspaceRole(StrEnum):
    """What somebody is in the workspace. Says nothing about which sources they may see."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"

    @property
    def rank(self) -> int:
        """The higher, the more rights."""
        return (WorkspaceRole.MEMBER, WorkspaceRole.ADMIN, WorkspaceRole.OWNER).index(self)


class SourceRole(StrEnum):
    """What somebody is on one source. Says nothing about the workspace."""

    ADMIN = "admin"
    EDITOR = "editor"
    MODERATOR = "moderator"
    GUEST = "guest"

    @property
    def rank(self) -> int:
        """The higher, the more rights."""
        return (SourceRole.GUEST, SourceRole.MODERATOR, SourceRole.EDITOR, SourceRole.ADMIN).index(self)


class Permission(StrEnum):
    """What is granted by name, whatever somebody's role."""

    EXPORT_CONTACT_DATA = "export_contact_data"
    """See and take along rows about single persons."""


class Scope(StrEnum):
    """What a token may be used for."""

    READ = "read"
    WRITE = "write"


def no_roles() -> Mapping[UUID, SourceRole]:
    """Nothing, which nobody can add to."""
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Principal:
    """What every principal has. ``first_weekday`` counts from Monday = 0."""

    workspace: UUID
    name: str
    language: str = "en"
    zone: str = "UTC"
    first_weekday: int = 0
    workspace_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPrincipal(_Principal):
    """A person who acts by session or token, with the rights they have at this moment.

    ``scopes`` are those of the token, which narrow what its person may; ``None`` for a session.
    """

    person: UUID
    email: str
    role: WorkspaceRole | None
    permissions: frozenset[Permission] = frozenset()
    source_roles: Mapping[UUID, SourceRole] = field(default_factory=no_roles)
    scopes: frozenset[Scope] | None = None

    @property
    def via(self) -> Literal["session", "token"]:
        """What proves who they are."""
        return "session" if self.scopes is None else "token"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorPrincipal(_Principal):
    """The operator, who reached the server's own machine: nobody's person, who may do everything."""

    name: str = "operator"
    person: ClassVar[None] = None
    email: ClassVar[str] = ""
    role: ClassVar[None] = None
    permissions: ClassVar[frozenset[Permission]] = frozenset()
    source_roles: ClassVar[Mapping[UUID, SourceRole]] = no_roles()
    via: ClassVar[Literal["operator"]] = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulePrincipal(_Principal):
    """A schedule that acts for its owner, with the rights that they have at this moment.

    It makes and sends reports and does nothing else, whatever its owner may.
    """

    schedule: UUID
    person: UUID
    """Its owner."""
    email: str
    role: WorkspaceRole | None
    permissions: frozenset[Permission] = frozenset()
    source_roles: Mapping[UUID, SourceRole] = field(default_factory=no_roles)
    scopes: ClassVar[None] = None
    via: ClassVar[Literal["schedule"]] = "schedule"


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerPrincipal(_Principal):
    """A viewer who holds a grant, without an account: they may read one report's run and nothing else."""

    grant: UUID
    """What they hold: a grant of a share, or an e-mail with a link."""
    run: UUID
    """The one run that they may see, at this moment."""
    email: str
    permissions: frozenset[Permission] = frozenset()
    person: ClassVar[None] = None
    role: ClassVar[None] = None
    source_roles: ClassVar[Mapping[UUID, SourceRole]] = no_roles()
    scopes: ClassVar[None] = None
    via: ClassVar[Literal["viewer"]] = "viewer"


Principal = PersonPrincipal | SchedulePrincipal | ViewerPrincipal | OperatorPrincipal
"""A principal: on whose behalf something is done. :mod:`bilan.accounts.policy` decides for all of them.
The parameter ``actor`` of nearly every service is the principal who acts."""


@dataclass(frozen=True, slots=True)
class WorkspaceInfo:
    """A workspace and its defaults. ``first_weekday`` counts from Monday = 0."""

    id: UUID
    name: str
    zone: str
    first_weekday: int
    language: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the workspace. Without a language or zone of their own, the workspace's count."""

    id: UUID
    email: str
    name: str
    role: WorkspaceRole
    permissions: frozenset[Permission]
    language: str | None
    zone: str | None
    active: bool
    created_at: datetime
    source_roles: Mapping[UUID, SourceRole] = field(default_factory=no_roles)
    invited: bool = False
    """Whether they have not chosen a password yet."""
    every_source: SourceRole | None = None
    """Their role on every source, later ones too; ``source_roles`` holds what comes of both."""


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A sign-in that still lasts."""

    id: UUID
    user_agent: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh sign-in. The token goes into the person's cookie and is kept nowhere else.

    ``browser`` goes into another one, which outlasts the session: by it the browser is known next time.
    """

    token: str
    expires_at: datetime
    person: UUID
    browser: str = ""


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """A token, without the token: ``prefix`` is its beginning, to tell it from others."""

    id: UUID
    name: str
    prefix: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made. ``token`` is shown once and cannot be looked up again."""

    token: str
    info: TokenInfo
