"""The workspace and its people."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from bilan.accounts import policy
from bilan.accounts.addresses import checked
from bilan.accounts.defaults import language_or_none, named, zone_or_none
from bilan.accounts.models import ApiToken, Membership, Person, Session
from bilan.accounts.passwords import Passwords, unchosen
from bilan.accounts.policy import Action, require
from bilan.accounts.reading import find, member_of, members_of
from bilan.accounts.values import Member, Permission, Principal, WorkspaceRole
from bilan.accounts.workspaces import Workspaces
from bilan.catalog import Catalog
from bilan.clock import Clock
from bilan.sdk.errors import Conflict, Invalid
from bilan.sdk.textdomain import _

NOBODY_YET = UUID(int=0)
"""Stands for a person about to be added, who is therefore nobody's self."""


class Accounts(Workspaces):
    """Adds, shows and changes people. Every method asks :mod:`bilan.accounts.policy` first.

    A person belongs to one workspace, and an address to one person.
    """

    def __init__(self, catalog: Catalog, clock: Clock, passwords: Passwords) -> None:
        super().__init__(catalog, clock)
        self._passwords = passwords

    async def list(self, actor: Principal) -> tuple[Member, ...]:
        """Everybody in the workspace, by name, the deactivated ones too."""
        require(actor, Action.READ_WORKSPACE)
        return await members_of(actor.workspace)

    async def get(self, actor: Principal, person: UUID | str) -> Member:
        """One person, by id or address. Raises ``NotFound``."""
        require(actor, Action.READ_WORKSPACE)
        return await member_of(await find(actor.workspace, person))

    async def add(
        self,
        actor: Principal,
        *,
        email: str,
        name: str,
        password: str | None = None,
        role: WorkspaceRole = WorkspaceRole.MEMBER,
        permissions: Iterable[Permission] = (),
        language: str | None = None,
        zone: str | None = None,
    ) -> Member:
        """A new person. They choose their password by a link; the operator alone may know one beforehand.

        Raises ``Forbidden``, ``Invalid``, ``Conflict``.
        """
        granted = frozenset(permissions)
        if password is not None:
            policy.require_operator(actor)
        policy.require_over(actor, role)
        if granted:
            policy.require_permission_change(actor, NOBODY_YET, role, granted)
        fresh = await self._fresh(email, name, password, language, zone)
        async with self._catalog.transaction():
            await self._join(fresh, actor.workspace, role, granted)
        return await self.get(actor, fresh.id)

    async def edit(self, actor: Principal, person: UUID, *, name: str, email: str) -> Member:
        """Correct somebody's name and address. Raises ``Forbidden``, ``Invalid``, ``Conflict``."""
        address, name = checked(email), named(name)
        async with self._catalog.transaction():
            membership = await self._changing(actor, person)
            if address != membership.person.email:
                await self._free(address)
            await Person.filter(id=person).update(name=name, email=address)
        return await self.get(actor, person)

    async def set_role(self, actor: Principal, person: UUID, role: WorkspaceRole) -> Member:
        """Give somebody another role. The last owner stays one. Raises ``Forbidden``, ``Conflict``."""
        async with self._catalog.transaction():
            membership = await self._changing(actor, person)
            policy.require_role_change(actor, person, WorkspaceRole(membership.role), role)
            if role is not WorkspaceRole.OWNER:
                await self._not_last_owner(membership)
            await Membership.filter(id=membership.id).update(role=role)
        return await self.get(actor, person)

    async def set_permissions(
        self, actor: Principal, person: UUID, permissions: Iterable[Permission]
    ) -> Member:
        """Replace somebody's permissions. Raises ``Forbidden``."""
        wanted = frozenset(permissions)
        async with self._catalog.transaction():
            membership = await self._changing(actor, person)
            added = wanted - membership.permissions
            policy.require_permission_change(actor, person, WorkspaceRole(membership.role), added)
            await Membership.filter(id=membership.id).update(permissions=wanted)
        return await self.get(actor, person)

    async def deactivate(self, actor: Principal, person: UUID) -> Member:
        """Close somebody's account, which ends their sessions and tokens. Raises ``Conflict``."""
        async with self._catalog.transaction():
            membership = await self._changing(actor, person)
            await self._not_last_owner(membership)
            await Person.filter(id=person).update(active=False)
            await self._end_access(person)
        return await self.get(actor, person)

    async def reactivate(self, actor: Principal, person: UUID) -> Member:
        """Open the account again. Old sessions and tokens stay ended."""
        async with self._catalog.transaction():
            await self._changing(actor, person)
            await Person.filter(id=person).update(active=True)
        return await self.get(actor, person)

    async def change_own(
        self, actor: Principal, *, name: str, language: str | None, zone: str | None
    ) -> Member:
        """Change one's own name, language and zone; ``None`` follows the workspace."""
        require(actor, Action.MANAGE_SELF)
        person = _oneself(actor)
        await Person.filter(id=person).update(
            name=named(name), language=language_or_none(language), zone=zone_or_none(zone)
        )
        return await self.get(actor, person)

    async def change_own_password(self, actor: Principal, old: str, new: str) -> None:
        """Change one's own password, which ends all one's sessions and tokens. Raises ``Invalid``."""
        require(actor, Action.MANAGE_SELF)
        person = await Person.get(id=_oneself(actor))
        if not await self._passwords.matches(person.password_hash, old):
            raise Invalid(_("The old password is wrong."), ("old",))
        hashed = await self._passwords.hash(new, (person.email, person.name))
        async with self._catalog.transaction():
            await Person.filter(id=person.id).update(password_hash=hashed)
            await self._end_access(person.id)

    async def _fresh(
        self, email: str, name: str, password: str | None, language: str | None, zone: str | None
    ) -> Person:
        address, name = checked(email), named(name)
        hashed = unchosen() if password is None else await self._passwords.hash(password, (address, name))
        return Person(
            email=address,
            name=name,
            password_hash=hashed,
            language=language_or_none(language),
            zone=zone_or_none(zone),
            created_at=self._clock.now(),
        )

    async def _join(
        self, person: Person, workspace: UUID, role: WorkspaceRole, permissions: Iterable[Permission]
    ) -> None:
        await self._free(person.email)
        await person.save()
        await Membership.create(
            workspace_id=workspace, person=person, role=role, permissions=frozenset(permissions)
        )

    async def _free(self, email: str) -> None:
        """Make sure that nobody has the address, nor takes it before the transaction ends."""
        await self._catalog.advisory_lock("addresses")
        if await Person.exists(email=email):
            raise Conflict(_("There is already a person with the address {email}.", email=email), ("email",))

    async def _changing(self, actor: Principal, person: UUID) -> Membership:
        """The person about to be changed, with nobody else changing people meanwhile."""
        require(actor, Action.MANAGE_PEOPLE)
        await self._catalog.advisory_lock(f"people {actor.workspace}")
        membership = await find(actor.workspace, person)
        policy.require_over(actor, WorkspaceRole(membership.role))
        return membership

    async def _not_last_owner(self, membership: Membership) -> None:
        if membership.role != WorkspaceRole.OWNER:
            return
        others = Membership.filter(
            workspace_id=membership.workspace_id, role=WorkspaceRole.OWNER, person__active=True
        )
        if not await others.exclude(id=membership.id).exists():
            raise Conflict(_("This is the last owner; make somebody else an owner first."))

    async def _end_access(self, person: UUID) -> None:
        now = self._clock.now()
        await Session.filter(person_id=person, revoked_at__isnull=True).update(revoked_at=now)
        await ApiToken.filter(person_id=person, revoked_at__isnull=True).update(revoked_at=now)


def _oneself(actor: Principal) -> UUID:
    if actor.person is None:
        raise Invalid(_("The operator has no account; sign in as a person."))
    return actor.person
