"""Signing in and out."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from bilan.accounts.addresses import lower
from bilan.accounts.keys import hash_key, new_key
from bilan.accounts.models import Person, Session
from bilan.accounts.passwords import Passwords
from bilan.accounts.policy import Action, require
from bilan.accounts.principals import principal_for
from bilan.accounts.rate_limit import RateLimit
from bilan.accounts.values import PersonPrincipal, Principal, SessionInfo, SignedIn
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.sdk.errors import NotFound, Unauthenticated
from bilan.sdk.textdomain import _

ATTEMPTS = 5
"""How often one address may be tried from one place within a quarter of an hour."""
SEEN_EVERY = timedelta(minutes=5)
"""How exactly "last seen" is kept; a page view in between writes nothing."""


class Sessions:
    """The sign-ins of people at browsers. ``days`` is how long one lasts."""

    def __init__(self, catalog: Catalog, clock: Clock, passwords: Passwords, *, days: int = 14) -> None:
        self._clock = clock
        self._passwords = passwords
        self._rate_limit = RateLimit(catalog, clock, "sign-in", ATTEMPTS)
        self._lasts = timedelta(days=days)

    async def sign_in(self, email: str, password: str, *, ip: str, user_agent: str = "") -> SignedIn:
        """A new session for whoever knows the password.

        Raises ``Unauthenticated`` with one sentence for everything that can be
        wrong, after the same time, and ``TooMany`` after too many failures.
        """
        address = lower(email)
        await self._rate_limit.hit(address, ip)
        person = await Person.get_or_none(email=address, active=True)
        if not await self._passwords.matches(person.password_hash if person else None, password):
            person = None
        if person is None:
            raise Unauthenticated(_("The e-mail address or the password is wrong."))
        await self._rate_limit.reset(address, ip)
        await self._refresh(person, password)
        return await self._start(person.id, user_agent)

    async def sign_out(self, token: str) -> None:
        """End this session. Ending one twice changes nothing."""
        await self._end(token_hash=hash_key(token))

    async def sign_out_everywhere(self, actor: Principal) -> None:
        """End all of the actor's sessions, this one among them."""
        require(actor, Action.MANAGE_SELF)
        await self._end(person_id=actor.person)

    async def end(self, actor: Principal, session: UUID) -> None:
        """End one of the actor's own sessions. Raises ``NotFound``."""
        require(actor, Action.MANAGE_SELF)
        if not await self._end(id=session, person_id=actor.person):
            raise NotFound(_("You have no such session."))

    async def list(self, actor: Principal) -> tuple[SessionInfo, ...]:
        """The actor's sessions that still last, the latest first."""
        require(actor, Action.MANAGE_SELF)
        rows = Session.filter(
            person_id=actor.person, revoked_at__isnull=True, expires_at__gt=self._clock.now()
        )
        return tuple(_info(row) for row in await rows.order_by("-last_seen_at"))

    async def principal_of(self, token: str) -> PersonPrincipal | None:
        """Who holds this session, with the rights of this moment; ``None`` once it has ended."""
        now = self._clock.now()
        row = await Session.get_or_none(
            token_hash=hash_key(token), revoked_at__isnull=True, expires_at__gt=now
        )
        if row is None:
            return None
        if now - row.last_seen_at >= SEEN_EVERY:
            await Session.filter(id=row.id).update(last_seen_at=now)
        return await principal_for(row.person_id)

    async def _start(self, person: UUID, user_agent: str) -> SignedIn:
        now, token = self._clock.now(), new_key()
        row = await Session.create(
            person_id=person,
            token_hash=hash_key(token),
            user_agent=user_agent[:400],
            created_at=now,
            last_seen_at=now,
            expires_at=now + self._lasts,
        )
        return SignedIn(token, row.expires_at, person)

    async def _refresh(self, person: Person, password: str) -> None:
        if self._passwords.outdated(person.password_hash):
            await Person.filter(id=person.id).update(password_hash=await self._passwords.hash(password))

    async def _end(self, **which: object) -> int:
        return await Session.filter(**which, revoked_at__isnull=True).update(revoked_at=self._clock.now())


def _info(row: Session) -> SessionInfo:
    return SessionInfo(row.id, row.user_agent, row.created_at, row.last_seen_at, row.expires_at)
