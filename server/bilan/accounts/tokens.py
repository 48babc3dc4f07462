"""Tokens: what programs sign in with. Each acts as the person who made it, never with more rights."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import msgspec

from bilan.accounts.keys import hash_key, new_key
from bilan.accounts.last_used import LastUsed
from bilan.accounts.models import ApiToken
from bilan.accounts.policy import Action, require
from bilan.accounts.principals import OF_TOKEN, principal_of
from bilan.accounts.values import NewToken, PersonPrincipal, Principal, Scope, TokenInfo
from bilan.catalog.statements import instant_of, rows
from bilan.catalog.text import clean_name
from bilan.clock import Clock
from bilan.sdk.errors import Invalid, NotFound, Unauthenticated
from bilan.sdk.textdomain import _

PREFIX = "bilan_"
SHOWN = len(PREFIX) + 6
USED_EVERY = timedelta(minutes=5)
"""How exactly "last used" is kept."""


class Tokens:
    """The tokens of people."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.last_used = LastUsed(lambda ident, at: ApiToken.filter(id=ident).update(last_used_at=at))

    async def create(
        self, actor: Principal, name: str, scopes: Iterable[Scope], *, days: int | None = None
    ) -> NewToken:
        """A token that lasts so many days, or until it is revoked. Writing includes reading.

        Only a person who is signed in can make one. Raises ``Forbidden``, ``Invalid``.
        """
        require(actor, Action.MANAGE_SELF)
        if actor.person is None:
            raise Invalid(_("A token belongs to a person; sign in as one."))
        now, token = self._clock.now(), new_key(PREFIX)
        row = await ApiToken.create(
            person_id=actor.person,
            name=_name(name),
            prefix=token[:SHOWN],
            token_hash=hash_key(token),
            scopes=frozenset({Scope.READ, *scopes}),
            created_at=now,
            expires_at=now + timedelta(days=_days(days)) if days is not None else None,
        )
        return NewToken(token, _info(row))

    async def list(self, actor: Principal) -> tuple[TokenInfo, ...]:
        """The actor's own tokens, revoked and expired ones too, the latest first."""
        require(actor, Action.READ_WORKSPACE)
        own = await ApiToken.filter(person_id=actor.person).order_by("-created_at")
        return tuple(_info(row) for row in own)

    async def revoke(self, actor: Principal, token: UUID) -> None:
        """End one of the actor's own tokens. Raises ``NotFound``."""
        require(actor, Action.MANAGE_SELF)
        own = ApiToken.filter(id=token, person_id=actor.person)
        if not await own.exists():
            raise NotFound(_("You have no such token."))
        await own.filter(revoked_at__isnull=True).update(revoked_at=self._clock.now())

    async def principal_of(self, token: str) -> PersonPrincipal:
        """Who the token acts for, with their rights of this moment, narrowed to its scopes.

        Raises ``Unauthenticated`` once it is revoked or expired or its person deactivated.
        """
        found = await rows(OF_TOKEN, hash_key(token))
        now = self._clock.now()
        if not found:
            raise _refused()
        row = found[0]
        expires = instant_of(row["expires_at"])
        if row["revoked_at"] is not None or (expires is not None and expires <= now):
            raise _refused()
        used = instant_of(row["last_used_at"])
        if used is None or now - used >= USED_EVERY:
            self.last_used.note(UUID(str(row["token"])), now)
        return principal_of(found, msgspec.json.decode(row["scopes"], type=frozenset[Scope]))


def _refused() -> Unauthenticated:
    return Unauthenticated(_("The token is unknown, revoked or expired; make a new one."))


def _name(name: str) -> str:
    name = clean_name(name)
    if not name or len(name) > 100:
        raise Invalid(_("A token needs a name of at most 100 characters."), ("name",))
    return name


def _days(days: int) -> int:
    if not 1 <= days <= 3_650:
        raise Invalid(_("A token lasts from 1 to 3650 days."), ("days",))
    return days


def _info(row: ApiToken) -> TokenInfo:
    return TokenInfo(
        row.id,
        row.name,
        row.prefix,
        row.scopes,
        row.created_at,
        row.expires_at,
        row.last_used_at,
        row.revoked_at,
    )
