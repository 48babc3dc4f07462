"""Recipients in GraphQL: the address book, rules of who may receive what, and addresses put aside."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from bilan.graphql.connections import After, First, connection_of, page_arguments, to_connection
from bilan.graphql.context import Info
from bilan.graphql.enums import Audience, FirstEmail, RecipientKind, RecipientState
from bilan.graphql.ids import uuid
from bilan.graphql.limits import PAGE_COST
from bilan.graphql.presenting import as_type
from bilan.recipients import RecipientDraft, RecipientInfo, RecipientRules


@strawberry.type(name="RecipientAttribute", description="Values that are known of a recipient by a name.")
class RecipientAttributeType:
    name: str = strawberry.field(description="The name.")
    values: list[str] = strawberry.field(description="The values.")


@strawberry.input(
    name="RecipientAttributeInput", description="Values that are known of a recipient by a name."
)
class RecipientAttributeInput:
    name: str = strawberry.field(description="The name.")
    values: list[str] = strawberry.field(description="The values; without any there is no such attribute.")


@strawberry.type(name="Recipient", description="Somebody who may get reports by e-mail.")
class RecipientType:
    id: strawberry.ID = strawberry.field(description="The recipient's id; of a person, that person's.")
    kind: RecipientKind = strawberry.field(description="Who they are.")
    address: str = strawberry.field(description="Their address, in lower case.")
    first_name: str = strawberry.field(description="Their first name; the whole name of a person.")
    last_name: str = strawberry.field(description="Their last name.")
    language: str | None = strawberry.field(description="The one they read; the workspace's without.")
    zone: str | None = strawberry.field(
        description="The time zone they see moments in; the report's without. Days are always the report's."
    )
    formats: list[str] | None = strawberry.field(
        description="The files that they get of whatever is sent; those of the sending without."
    )
    state: RecipientState = strawberry.field(description="Whether e-mails go to them.")
    answer: str | None = strawberry.field(description="What their mail server said of the address.")
    asked_at: datetime | None = strawberry.field(
        description="When they were last asked to confirm the address, in UTC."
    )
    asked_until: datetime | None = strawberry.field(description="Until when they may answer, in UTC.")
    confirmed_at: datetime | None = strawberry.field(description="When they confirmed it, in UTC.")
    added_by: str = strawberry.field(description="Who wrote them down.")

    @strawberry.field(description="What is known of them by name, which schedules may split reports by.")
    async def attributes(self, info: Info) -> list[RecipientAttributeType]:
        info.context.spend(PAGE_COST)
        return await attributes_of(info, UUID(self.id))


RecipientConnection: Any = connection_of(RecipientType)


@strawberry.type(name="Suppression", description="An address to which nothing is sent until that is lifted.")
class SuppressionType:
    id: strawberry.ID = strawberry.field(description="Its id.")
    address: str | None = strawberry.field(description="The address; none once its recipient was erased.")
    answer: str = strawberry.field(description="What its mail server said; empty where its owner wanted it.")
    since: datetime = strawberry.field(description="Since when, in UTC.")


SuppressionConnection: Any = connection_of(SuppressionType)


@strawberry.type(name="RefusedRecipient", description="A row of a file that was not taken.")
class RefusedRecipientType:
    line: int = strawberry.field(description="Its line in the file.")
    address: str = strawberry.field(description="Its address, as it was written.")
    reason: str = strawberry.field(description="Why it was not taken.")


@strawberry.type(name="ImportedRecipients", description="What became of the rows of a file of recipients.")
class ImportedRecipientsType:
    added: int = strawberry.field(description="How many recipients were added.")
    changed: int = strawberry.field(description="How many were corrected.")
    unchanged: int = strawberry.field(description="How many were known as they are.")
    attributes: list[str] = strawberry.field(
        description="The columns whose names are none of the known ones: each is kept as an attribute."
    )
    refused: list[RefusedRecipientType] = strawberry.field(description="The rows that were not taken.")


@strawberry.type(name="KindAudience", description="Who may receive reports of a kind.")
class KindAudienceType:
    kind: str = strawberry.field(description="The key of the report kind.")
    audience: Audience = strawberry.field(description="Who may receive them.")


@strawberry.type(name="RecipientRules", description="Whom reports of the workspace may go to.")
class RecipientRulesType:
    domains: list[str] = strawberry.field(
        description="The domains that external addresses may have; all without any."
    )
    audiences: list[KindAudienceType] = strawberry.field(
        description="Where the workspace chose otherwise than is usual for a kind of report."
    )
    first_email: FirstEmail = strawberry.field(description="What an external recipient gets first.")


@strawberry.input(name="RecipientInput", description="An external recipient.")
class RecipientInput:
    address: str = strawberry.field(description="Their e-mail address.")
    first_name: str = strawberry.field(default="", description="Their first name.")
    last_name: str = strawberry.field(default="", description="Their last name.")
    language: str | None = strawberry.field(default=None, description="The workspace's without.")
    zone: str | None = strawberry.field(default=None, description="The report's without.")
    formats: list[str] | None = strawberry.field(
        default=None, description="The files that they get; those of whatever is sent without."
    )


@strawberry.input(name="KindAudienceInput", description="Who may receive reports of a kind.")
class KindAudienceInput:
    kind: str = strawberry.field(description="The key of the report kind.")
    audience: Audience = strawberry.field(description="Who may receive them.")


@strawberry.input(name="RecipientRulesInput", description="Whom reports of the workspace may go to.")
class RecipientRulesInput:
    domains: list[str] = strawberry.field(description="Such as example.org; any domain without one.")
    audiences: list[KindAudienceInput] = strawberry.field(
        description="For kinds of report where it is not to be as usual."
    )
    first_email: FirstEmail = strawberry.field(description="What an external recipient gets first.")


RecipientId = Annotated[strawberry.ID, strawberry.argument(description="The recipient's id.")]
Words = Annotated[str, strawberry.argument(description="Words of their names or address; all without any.")]
Wanted = Annotated[RecipientInput, strawberry.argument(description="Who they are.")]


@strawberry.type
class RecipientQueries:
    """The fields of the query."""

    @strawberry.field(
        graphql_type=RecipientConnection, description="External recipients of the address book, by name."
    )
    async def recipients(self, info: Info, words: Words = "", first: First = 25, after: After = None) -> Any:
        info.context.spend(PAGE_COST)
        window = page_arguments(first, after)
        book, actor = info.context.services.address_book, info.context.actor
        page = await book.list(actor, words=words, offset=window.offset, limit=window.limit)
        return to_connection([recipient_type(one) for one in page.recipients], page.total, window)

    @strawberry.field(description="One recipient, a person of the workspace too.")
    async def recipient(self, info: Info, id: RecipientId) -> RecipientType:  # noqa: A002 - GraphQL's name
        book, actor = info.context.services.address_book, info.context.actor
        return recipient_type(await book.get(actor, uuid(id, "id")))

    @strawberry.field(description="Whom reports of the workspace may go to.")
    async def recipient_rules(self, info: Info) -> RecipientRulesType:
        return rules_type(await info.context.services.recipient_rules.get(info.context.actor))

    @strawberry.field(
        graphql_type=SuppressionConnection, description="Addresses to which nothing is sent, latest first."
    )
    async def suppressions(self, info: Info, first: First = 25, after: After = None) -> Any:
        info.context.spend(PAGE_COST)
        window = page_arguments(first, after)
        service, actor = info.context.services.suppressions, info.context.actor
        page = await service.list(actor, offset=window.offset, limit=window.limit)
        return to_connection([as_type(SuppressionType, one) for one in page.suppressions], page.total, window)


async def attributes_of(info: Info, recipient: UUID) -> list[RecipientAttributeType]:
    """What is known of a recipient."""
    found = await info.context.services.recipient_attributes.get(info.context.actor, recipient)
    return [RecipientAttributeType(name=name, values=list(values)) for name, values in found.items()]


@strawberry.type
class RecipientMutations:
    """The fields of the mutation."""

    @strawberry.mutation(description="Replace the attributes of a recipient, a person of the workspace too.")
    async def set_recipient_attributes(
        self,
        info: Info,
        id: RecipientId,  # noqa: A002 - GraphQL's name
        attributes: Annotated[
            list[RecipientAttributeInput], strawberry.argument(description="All that they have.")
        ],
    ) -> list[RecipientAttributeType]:
        service, actor, ident = info.context.services.recipient_attributes, info.context.actor, uuid(id, "id")
        given = dict[str, list[str]]()
        for one in attributes:
            given.setdefault(one.name, []).extend(one.values)
        await service.change(actor, ident, given)
        return await attributes_of(info, ident)

    @strawberry.mutation(description="Write an external recipient down. Nothing is sent to them yet.")
    async def add_recipient(self, info: Info, recipient: Wanted) -> RecipientType:
        book, actor = info.context.services.address_book, info.context.actor
        return recipient_type(await book.add(actor, _draft(recipient)))

    @strawberry.mutation(
        description="Add and correct external recipients from CSV. Each row is taken whole or refused."
    )
    async def import_recipients(
        self,
        info: Info,
        csv: Annotated[
            str,
            strawberry.argument(
                description="The file. Its first line names the columns: address, first name, last name, "
                "language, zone, and attributes, whose values are separated by semicolons."
            ),
        ],
    ) -> ImportedRecipientsType:
        found = await info.context.services.book_import.take(info.context.actor, csv)
        say = info.context.formatter.text
        refused = [as_type(RefusedRecipientType, one, say) for one in found.refused]
        return as_type(ImportedRecipientsType, found, refused=refused)

    @strawberry.mutation(
        description="Correct an external recipient; another address has to be confirmed anew."
    )
    async def edit_recipient(self, info: Info, id: RecipientId, recipient: Wanted) -> RecipientType:  # noqa: A002
        book, actor = info.context.services.address_book, info.context.actor
        return recipient_type(await book.edit(actor, uuid(id, "id"), _draft(recipient)))

    @strawberry.mutation(
        description="Erase an external recipient for good, also from schedules, the ledger and the outbox."
    )
    async def erase_recipient(self, info: Info, id: RecipientId) -> bool:  # noqa: A002
        await info.context.services.recipient_erasure.erase(info.context.actor, uuid(id, "id"))
        return True

    @strawberry.mutation(description="Ask an external recipient to confirm their address, also once more.")
    async def ask_recipient(self, info: Info, id: RecipientId) -> RecipientType:  # noqa: A002
        confirmations, actor = info.context.services.confirmations, info.context.actor
        return recipient_type(await confirmations.ask(actor, uuid(id, "id")))

    @strawberry.mutation(description="Let e-mails go to a suppressed address again.")
    async def lift_suppression(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The suppression's id.")],  # noqa: A002
    ) -> bool:
        await info.context.services.suppressions.lift(info.context.actor, uuid(id, "id"))
        return True

    @strawberry.mutation(description="Replace the rules of whom reports may go to.")
    async def set_recipient_rules(
        self,
        info: Info,
        rules: Annotated[RecipientRulesInput, strawberry.argument(description="All of them.")],
    ) -> RecipientRulesType:
        changed = await info.context.services.recipient_rules.change(
            info.context.actor,
            domains=rules.domains,
            audiences={one.kind: one.audience for one in rules.audiences},
            first_email=rules.first_email,
        )
        return rules_type(changed)


def recipient_type(one: RecipientInfo) -> RecipientType:
    """A recipient as the schema's type."""
    return as_type(RecipientType, one, added_by=one.added_by_name)


def rules_type(rules: RecipientRules) -> RecipientRulesType:
    """The rules as the schema's type."""
    chosen = sorted(rules.audiences.items())
    audiences = [KindAudienceType(kind=kind, audience=audience) for kind, audience in chosen]
    return as_type(RecipientRulesType, rules, audiences=audiences)


def _draft(given: RecipientInput) -> RecipientDraft:
    return RecipientDraft(
        given.address,
        given.first_name,
        given.last_name,
        given.language or None,
        given.zone or None,
        None if given.formats is None else tuple(given.formats),
    )
