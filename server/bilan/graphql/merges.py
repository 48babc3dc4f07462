"""Contacts in GraphQL that are one person: merging them by hand, and undoing it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from bilan.graphql.context import Info
from bilan.graphql.enums import MergeKind
from bilan.graphql.ids import uuid
from bilan.graphql.limits import PAGE_COST
from bilan.graphql.presenting import as_type
from bilan.merges.values import Merge

Reason = Annotated[str, strawberry.argument(description="Why, in at most 400 characters.")]


@strawberry.type(
    name="ContactMerge", description="What is said of two addresses: by a source, or by somebody."
)
class ContactMergeType:
    id: strawberry.ID = strawberry.field(description="Its id.")
    kind: MergeKind = strawberry.field(description="Who says it, and what.")
    one: str = strawberry.field(description="An address.")
    other: str = strawberry.field(description="Another one.")
    at: datetime = strawberry.field(
        description="When it was decided, in UTC; of what a source tells, since when it is so."
    )
    by_name: str = strawberry.field(description="Who decided it, or the source's name.")
    reason: str = strawberry.field(description="Why, in their words.")
    undone_by_name: str = strawberry.field(description="Who undid it; empty while nobody has.")
    undone_at: datetime | None = strawberry.field(description="When it was undone, in UTC.")
    overruled: bool = strawberry.field(description="Whether somebody keeps apart what a source tells is one.")


@strawberry.type(name="ContactMerges", description="Addresses of one person, and what is said of them.")
class ContactMergesType:
    addresses: list[str] = strawberry.field(
        description="All addresses of the person, in order; none where no address was asked about."
    )
    hidden: int = strawberry.field(
        description="How many more addresses of the person are told by sources that you may not see."
    )
    merges: list[ContactMergeType] = strawberry.field(
        description="What is said of them by people and by sources that you may see, the latest first; at "
        "most 50."
    )
    older: str | None = strawberry.field(
        description="What to give as `before` for the next page of all; none on the last one."
    )


@strawberry.type
class MergeQueries:
    """The fields of the query."""

    @strawberry.field(
        description="Which contacts are one person: of one address, or of all, page by page. What people "
        "decided is listed without an address for those who may merge contacts."
    )
    async def contact_merges(
        self,
        info: Info,
        address: Annotated[
            str | None, strawberry.argument(description="An e-mail address or a phone number.")
        ] = None,
        before: Annotated[
            str | None, strawberry.argument(description="The page behind this place, without an address.")
        ] = None,
    ) -> ContactMergesType:
        info.context.spend(PAGE_COST)
        merges, actor = info.context.services.contact_merges, info.context.actor
        found = await (merges.list(actor, before or "") if address is None else merges.of(actor, address))
        listed = [_merge(one) for one in found.merges]
        return as_type(ContactMergesType, found, merges=listed, older=found.older or None)


@strawberry.type
class MergeMutations:
    """The fields of the mutation."""

    @strawberry.mutation(description="Let two addresses be one contact in every figure from now on.")
    async def merge_contacts(
        self,
        info: Info,
        address: Annotated[str, strawberry.argument(description="An e-mail address or a phone number.")],
        other: Annotated[str, strawberry.argument(description="Another one of the same person.")],
        reason: Reason = "",
    ) -> ContactMergeType:
        merges = info.context.services.contact_merges
        return _merge(await merges.merge(info.context.actor, address, other, reason))

    @strawberry.mutation(
        description="Undo a merge, or what keeps two apart. Of what a source tells, the two are kept apart "
        "from now on, whatever it tells later; the reason is kept with that."
    )
    async def undo_contact_merge(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The merge's id.")],  # noqa: A002
        reason: Reason = "",
    ) -> ContactMergeType:
        merges = info.context.services.contact_merges
        return _merge(await merges.undo(info.context.actor, uuid(id, "id"), reason))


def _merge(one: Merge) -> ContactMergeType:
    return as_type(ContactMergeType, one)
