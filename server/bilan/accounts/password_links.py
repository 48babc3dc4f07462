"""One-time links by which people choose their own password: nobody else ever reads it.

See docs/decisions/069.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

from itsdangerous import BadSignature, Signer

from bilan.accounts import policy
from bilan.accounts.models import ApiToken, Membership, Person, Session
from bilan.accounts.passwords import Passwords, is_unchosen, unchosen
from bilan.accounts.policy import Action, require
from bilan.accounts.reading import find, member_of
from bilan.accounts.values import Member, Principal, WorkspaceRole
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.sdk.errors import Conflict, Expired
from bilan.sdk.textdomain import _

LASTS = timedelta(days=7)
RESET_LASTS = timedelta(hours=1)
"""How long a link lasts that anybody at a sign-in page had sent to somebody's address."""
PURPOSE = b"bilan password links"


class PasswordLinks:
    """Makes links, and takes the password that is chosen through one. ``key`` is the server's secret.

    A link is signed together with the password that it replaces, so it is
    over with the first that is chosen, through it or otherwise.
    """

    def __init__(
        self, catalog: Catalog, clock: Clock, passwords: Passwords, key: bytes, public_url: str
    ) -> None:
        self._catalog, self._clock, self._passwords = catalog, clock, passwords
        self._signer = Signer(key, salt=PURPOSE, key_derivation="hmac", digest_method=hashlib.sha256)
        self._public_url = public_url

    async def issue(self, actor: Principal, person: UUID) -> str:
        """The address of a new link for somebody who never chose a password; earlier ones are over.

        The operator may also have somebody choose another one, whose sessions
        and tokens last until they do. Raises ``Forbidden``, ``NotFound``, and
        ``Conflict`` where a password is chosen at this very moment.
        """
        return self.url(await self.invitation(actor, person))

    async def invitation(self, actor: Principal, person: UUID) -> str:
        """What a link tells that :meth:`issue` would make, to be signed by :meth:`url`. Raises as it does."""
        require(actor, Action.MANAGE_PEOPLE)
        membership = await find(actor.workspace, person)
        policy.require_over(actor, WorkspaceRole(membership.role))
        row = membership.person
        if not is_unchosen(row.password_hash):
            policy.require_operator(actor)
        else:
            # A password that was chosen since the row was read is not written over.
            held, row.password_hash = row.password_hash, unchosen()
            if not await Person.filter(id=row.id, password_hash=held).update(password_hash=row.password_hash):
                raise Conflict(_("The password of {name} has just been changed; try again.", name=row.name))
        return self._told(row, LASTS)

    def reset(self, person: Person) -> str:
        """What a link tells by which somebody chooses a password in place of the one they forgot."""
        return self._told(person, RESET_LASTS)

    def url(self, told: str) -> str:
        """The address of the link that tells this; nobody else can make one."""
        return f"{self._public_url}/welcome/{self._signer.sign(told).decode()}"

    async def holder(self, token: str) -> Member:
        """Whose link it is. Raises ``Expired`` for one that is over, was used, or is none of ours."""
        row = await self._resolved(token)
        return await member_of(await Membership.get(person_id=row.id).select_related("person"))

    async def choose(self, token: str, password: str) -> None:
        """Set the password, which ends the person's sessions and tokens. Raises ``Expired``, ``Invalid``."""
        row = await self._resolved(token)
        hashed = await self._passwords.hash(password, (row.email, row.name))
        now = self._clock.now()
        async with self._catalog.transaction():
            # Of two who choose at once, the second finds that the link is over.
            if not await Person.filter(id=row.id, password_hash=row.password_hash).update(
                password_hash=hashed
            ):
                raise _over()
            await Session.filter(person_id=row.id, revoked_at__isnull=True).update(revoked_at=now)
            await ApiToken.filter(person_id=row.id, revoked_at__isnull=True).update(revoked_at=now)

    def _told(self, row: Person, lasts: timedelta) -> str:
        until = int((self._clock.now() + lasts).timestamp())
        return f"{row.id.hex}.{until}.{_fingerprint(row)}"

    async def _resolved(self, token: str) -> Person:
        try:
            ident, until, fingerprint = self._signer.unsign(token).decode().split(".")
        except (BadSignature, UnicodeError) as error:
            raise _over() from error
        row = await Person.get_or_none(id=UUID(ident), active=True)
        late = datetime.fromtimestamp(int(until), UTC) <= self._clock.now()
        if row is None or late or not secrets.compare_digest(fingerprint, _fingerprint(row)):
            raise _over()
        return row


def _fingerprint(person: Person) -> str:
    return hashlib.sha256(person.password_hash.encode()).hexdigest()[:32]


def _over() -> Expired:
    return Expired(_("This link is over; ask whoever sent it for a new one."))
