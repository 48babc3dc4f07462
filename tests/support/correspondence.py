"""A workspace with people, an address book and rules, over a catalog alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from bilan.accounts.models import Membership, Person, Workspace
from bilan.accounts.principals import principal_for
from bilan.accounts.values import Permission, PersonPrincipal, Principal, WorkspaceRole
from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.recipients import (
    AddressBook,
    BookImport,
    RecipientAttributes,
    RecipientInfo,
    Rules,
    Suppressions,
    Unsubscriptions,
)
from bilan.recipients.choosing import at_addresses, eligible
from bilan.registry.gather import load
from bilan.sdk.reports import ReportKind
from fixtures.declarations import plugin
from support.office import KINDS

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
SALES_KIND, CUSTOMERS = KINDS[0].key, KINDS[1].key
"""A kind of report about figures, and one that shows rows about single persons."""


class Correspondence:
    """The services of recipients, and people to use them."""

    def __init__(self, catalog: Catalog, kinds: tuple[ReportKind, ...] = KINDS) -> None:
        self.catalog, self.clock = catalog, FrozenClock(NOON)
        registry = load([("shop", plugin(register_reports=kinds, register_renderers=None))], installed=False)
        self.book = AddressBook(catalog, self.clock, ("csv", "pdf"))
        self.attributes = RecipientAttributes(catalog, self.clock)
        self.book_import = BookImport(catalog, self.book, self.attributes)
        self.rules = Rules(registry)
        self.suppressions, self.unsubscriptions = Suppressions(self.clock), Unsubscriptions(self.clock)

    async def begin(self, name: str = "Acme") -> None:
        self.workspace = await Workspace.create(
            name=name, zone="Europe/Paris", first_weekday=0, language="en", created_at=NOON
        )

    async def person(
        self,
        name: str,
        role: WorkspaceRole = WorkspaceRole.MEMBER,
        permissions: Iterable[Permission] = (),
        **more: Any,
    ) -> PersonPrincipal:
        """Somebody of the workspace."""
        email = f"{name.lower()}@acme.example"
        person = await Person.create(email=email, name=name, password_hash="", created_at=NOON, **more)
        await Membership.create(
            workspace=self.workspace, person=person, role=role, permissions=frozenset(permissions)
        )
        actor = await principal_for(person.id) if person.active else None
        if actor is None:  # whose account is closed
            return SimpleNamespace(person=person.id, email=email)  # type: ignore[return-value]
        return actor

    async def eligible(
        self, actor: Principal, kind: str, *, personal: bool = False
    ) -> tuple[RecipientInfo, ...]:
        """Whom the actor may choose now."""
        return await eligible(actor, kind, personal=personal, now=self.clock.now())

    async def chosen(
        self,
        actor: Principal,
        *addresses: str,
        kind: str = SALES_KIND,
        personal: bool = False,
        scheduled: bool = False,
    ) -> tuple[RecipientInfo, ...]:
        """The recipients at these addresses, as far as the actor may choose them now."""
        now = self.clock.now()
        return await at_addresses(actor, addresses, kind, personal=personal, now=now, scheduled=scheduled)
