"""Contacts in GraphQL: erasing one, and what becomes of facts about those who were erased."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from bilan.contacts import Erasure
from bilan.graphql.context import Info
from bilan.graphql.enums import Reimport
from bilan.graphql.ids import uuid
from bilan.graphql.limits import PAGE_COST
from bilan.graphql.presenting import as_type


@strawberry.type(name="ErasedCount", description="How many things of a kind were changed or removed.")
class ErasedCountType:
    kind: str = strawberry.field(
        description="“facts”, “rejects”, “posts”, “files”, “reports”, “e_mails” or “texts”."
    )
    count: int = strawberry.field(description="How many.")


@strawberry.type(
    name="ContactErasure",
    description="That a contact was erased. Backups made before it was completed hold the contact still.",
)
class ContactErasureType:
    id: strawberry.ID = strawberry.field(description="Its id.")
    pseudonym: str = strawberry.field(description="What stands in the place of the address.")
    also: list[str] = strawberry.field(
        description="What stands in the place of the same person's other addresses, erased with it."
    )
    job: strawberry.ID | None = strawberry.field(description="The job that erases, followed as a run.")
    counts: list[ErasedCountType] = strawberry.field(description="What was changed or removed so far.")
    asked_by: str = strawberry.field(description="Who asked for it.")
    created_at: datetime = strawberry.field(description="When, in UTC.")
    completed_at: datetime | None = strawberry.field(
        description="When all was erased, in UTC: ten minutes after the facts at the earliest."
    )


Address = Annotated[
    str, strawberry.argument(description="The contact's e-mail address, phone number, or name at a network.")
]


@strawberry.type
class ContactQueries:
    """The fields of the query."""

    @strawberry.field(description="The contacts that were erased, the latest first; at most 50.")
    async def contact_erasures(self, info: Info) -> list[ContactErasureType]:
        info.context.spend(PAGE_COST)
        found = await info.context.services.contact_erasures.list(info.context.actor)
        return [erasure_type(one) for one in found]

    @strawberry.field(description="One erasure of a contact.")
    async def contact_erasure(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The erasure's id.")],  # noqa: A002
    ) -> ContactErasureType:
        erasures, actor = info.context.services.contact_erasures, info.context.actor
        return erasure_type(await erasures.get(actor, uuid(id, "id")))

    @strawberry.field(description="The addresses that erasing this one erases: all that are one person.")
    async def addresses_erased_with(self, info: Info, address: Address) -> list[str]:
        info.context.spend(PAGE_COST)
        return list(await info.context.services.contact_erasures.addresses(info.context.actor, address))

    @strawberry.field(description="What becomes of facts about erased contacts that come later.")
    async def erased_contacts(self, info: Info) -> Reimport:
        return await info.context.services.contact_erasures.reimport(info.context.actor)


@strawberry.type
class ContactMutations:
    """The fields of the mutation."""

    @strawberry.mutation(
        description="Erase a contact for good, in a job. Every figure stays; nothing says whom it was about."
    )
    async def erase_contact(
        self,
        info: Info,
        address: Address,
        together: Annotated[
            list[str] | None,
            strawberry.argument(
                description="Of a person with several addresses all of them, as `addressesErasedWith` lists "
                "them: what was not seen is not erased."
            ),
        ] = None,
    ) -> ContactErasureType:
        erasures, actor = info.context.services.contact_erasures, info.context.actor
        return erasure_type(await erasures.erase(actor, address, together or ()))

    @strawberry.mutation(description="Choose what becomes of facts about erased contacts that come later.")
    async def set_erased_contacts(
        self,
        info: Info,
        reimport: Annotated[Reimport, strawberry.argument(description="What becomes of them.")],
    ) -> Reimport:
        return await info.context.services.contact_erasures.change_reimport(info.context.actor, reimport)


def erasure_type(one: Erasure) -> ContactErasureType:
    """An erasure as the schema's type."""
    counts = [ErasedCountType(kind=kind, count=count) for kind, count in sorted(one.counts.items()) if count]
    job = strawberry.ID(str(one.job)) if one.job else None
    return as_type(ContactErasureType, one, counts=counts, asked_by=one.asked_by_name, job=job)
