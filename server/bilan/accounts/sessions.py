"""Signing in and out."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import anyio
import structlog
from tortoise.queryset import QuerySet

from bilan.accounts.addresses import lower
from bilan.accounts.door import Door, KnownBrowsers, network_of
from bilan.accounts.keys import hash_key, new_key
from bilan.accounts.last_used import LastUsed
from bilan.accounts.models import Person, Session
from bilan.accounts.passwords import Passwords
from bilan.accounts.policy import Action, require
from bilan.accounts.principals import principal_for
from bilan.accounts.rate_limit import Attempts
from bilan.accounts.values import PersonPrincipal, Principal, SessionInfo, SignedIn
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.sdk.errors import BilanError, NotFound, TooMany, Unauthenticated
from bilan.sdk.textdomain import _

log = structlog.get_logger("bilan.sign_in")

SEEN_EVERY = timedelta(minutes=5)
"""How exactly "last seen" is kept; a page view in between writes nothing."""
LATE = 1.0
"""Seconds after which a stranger hears that they tried too often. See docs/decisions/080."""


class Sessions:
    """The sign-ins of people at browsers.

    One lasts at most ``days``, and ends when nothing was done with it for
    ``idle_hours``. ``key`` is the server's secret. Strangers who tried too
    often hear of it ``late`` seconds later.
    """

    def __init__(
        self,
        catalog: Catalog,
        clock: Clock,
        passwords: Passwords,
        key: bytes,
        *,
        days: int = 14,
        idle_hours: int = 24,
        late: float = LATE,
    ) -> None:
        self._catalog, self._clock, self._late = catalog, clock, late
        self._passwords = passwords
        self.attempts = Attempts(catalog, clock)
        """How often signing in was tried; what is over is erased by its sweep."""
        self._door, self._browsers = Door(self.attempts), KnownBrowsers(key)
        self._lasts, self._idle = timedelta(days=days), timedelta(hours=idle_hours)
        self.last_used = LastUsed(lambda ident, at: Session.filter(id=ident).update(last_seen_at=at))

    async def sign_in(
        self, email: str, password: str, *, ip: str, user_agent: str = "", browser: str = ""
    ) -> SignedIn:
        """A new session for whoever knows the password. ``browser`` is what an earlier one left there.

        Raises ``Unauthenticated`` with one sentence for everything that can be
        wrong, after the same time, and ``TooMany`` after too many failures.
        """
        address = lower(email)
        person = await Person.get_or_none(email=address, active=True)
        known = person.id if person and self._browsers.knows(browser, person) else None
        try:
            bounds = await self._door.knock(address, ip, known)
            stranger = network_of(ip) if known is None else None
            held = person.password_hash if person else None
            if not await self._passwords.matches(held, password, stranger=stranger) or person is None:
                raise Unauthenticated(_("The e-mail address or the password is wrong."))
        except BilanError as error:
            if isinstance(error, TooMany) and known is None:
                # Whoever asks again at once would otherwise keep the server busy with refusing them.
                await anyio.sleep(self._late)
            # The name may be a password typed into the wrong field, so only people who are there are named.
            log.warning("sign-in failed", code=error.code, ip=ip, person=str(person.id) if person else None)
            raise
        await self._refresh(person, password)
        # Written down together: each transaction by itself waits for the disk, while others write as well.
        async with self._catalog.transaction():
            await self._door.opened(bounds)
            signed_in = await self._start(person, user_agent)
        log.info("signed in", ip=ip, person=str(person.id), known=known is not None)
        return signed_in

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
        rows = self._lasting().filter(person_id=actor.person)
        return tuple(_info(row) for row in await rows.order_by("-last_seen_at"))

    async def principal_of(self, token: str) -> PersonPrincipal | None:
        """Who holds this session, with the rights of this moment; ``None`` once it has ended."""
        now = self._clock.now()
        row = await self._lasting().get_or_none(token_hash=hash_key(token))
        if row is None:
            return None
        if now - row.last_seen_at >= SEEN_EVERY:
            self.last_used.note(row.id, now)
        return await principal_for(row.person_id)

    def _lasting(self) -> QuerySet[Session]:
        now = self._clock.now()
        return Session.filter(revoked_at__isnull=True, expires_at__gt=now, last_seen_at__gt=now - self._idle)

    async def _start(self, person: Person, user_agent: str) -> SignedIn:
        now, token = self._clock.now(), new_key()
        row = await Session.create(
            person_id=person.id,
            token_hash=hash_key(token),
            user_agent=user_agent[:400],
            created_at=now,
            last_seen_at=now,
            expires_at=now + self._lasts,
        )
        return SignedIn(token, row.expires_at, person.id, self._browsers.token(person))

    async def _refresh(self, person: Person, password: str) -> None:
        if self._passwords.outdated(person.password_hash):
            person.password_hash = await self._passwords.renew(password)
            await person.save(update_fields=["password_hash"])

    async def _end(self, **which: object) -> int:
        return await Session.filter(**which, revoked_at__isnull=True).update(revoked_at=self._clock.now())


def _info(row: Session) -> SessionInfo:
    return SessionInfo(row.id, row.user_agent, row.created_at, row.last_seen_at, row.expires_at)
