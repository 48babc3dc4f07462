"""Sending reports, the ledger of it, and the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import strawberry

from bilan.delivery.values import Delivery, NewSending
from bilan.graphql.connections import After, First, connection_of, page_arguments, to_connection
from bilan.graphql.context import Info
from bilan.graphql.enums import DeliveryState, Mode
from bilan.graphql.ids import uuid
from bilan.graphql.limits import PAGE_COST
from bilan.graphql.presenting import as_type
from bilan.graphql.scalars import BigInt


@strawberry.type(name="Delivery", description="What one recipient gets of a report that is sent.")
class DeliveryType:
    id: strawberry.ID = strawberry.field(description="The delivery's id, also in the message's id.")
    run: strawberry.ID = strawberry.field(description="The run whose report is sent.")
    job: strawberry.ID = strawberry.field(description="The job that sends it; run shows it.")
    channel: str = strawberry.field(description="How it goes there: email, webhook, or a plugin's own.")
    address: str = strawberry.field(description="Where it goes.")
    name: str = strawberry.field(description="Who gets it.")
    state: DeliveryState = strawberry.field(description="Where it is.")
    attempt: int = strawberry.field(description="Counts from 1; 0 before the first.")
    mode: Mode = strawberry.field(description="How files were to arrive.")
    attached: bool = strawberry.field(description="Whether the files were inside.")
    answer: str | None = strawberry.field(description="The last words of the other side.")
    reason: str | None = strawberry.field(description="What went wrong.")
    sent_by: str = strawberry.field(description="Who sent it.")
    created_at: datetime = strawberry.field(description="When it was asked for, in UTC.")
    settled_at: datetime | None = strawberry.field(description="When that was over, in UTC.")


@strawberry.type(name="KeptMail", description="An e-mail in the outbox, where no mail server is set.")
class KeptMailType:
    id: strawberry.ID = strawberry.field(description="Its delivery's id.")
    address: str = strawberry.field(description="Where it would have gone.")
    subject: str = strawberry.field(description="Its subject.")
    size: BigInt = strawberry.field(description="Its size in bytes.")
    kept_at: datetime = strawberry.field(description="When it was kept, in UTC.")


KeptMailConnection: Any = connection_of(KeptMailType)


@strawberry.input(name="SendingInput", description="To whom a report is sent, and how.")
class SendingInput:
    to: list[str] = strawberry.field(
        description="Addresses of people of the workspace and of recipients of its address book."
    )
    key: str = strawberry.field(description="Chosen by you; the same one again sends nothing again.")
    mode: Mode = strawberry.field(default=Mode.LINK, description="How files arrive.")
    formats: list[str] | None = strawberry.field(default=None, description="The files; csv without.")
    language: str | None = strawberry.field(default=None, description="That of each recipient without.")
    days: int = strawberry.field(default=7, description="How many days links last, up to 90.")
    message: str = strawberry.field(default="", description="What you write along with it.")


Wanted = Annotated[SendingInput, strawberry.argument(description="To whom, and how.")]


@strawberry.type
class DeliveryQueries:
    """The fields of the query."""

    @strawberry.field(
        graphql_type=KeptMailConnection,
        description="E-mails kept in the server that you may read, the newest first.",
    )
    async def outbox(self, info: Info, first: First = 25, after: After = None) -> Any:
        info.context.spend(PAGE_COST)
        window = page_arguments(first, after)
        outbox, actor = info.context.services.outbox, info.context.actor
        page = await outbox.list(actor, offset=window.offset, limit=window.limit)
        return to_connection([as_type(KeptMailType, one) for one in page.mails], page.total, window)


@strawberry.type
class DeliveryMutations:
    """The fields of the mutation."""

    @strawberry.mutation(description="Send the report of a run that has been built.")
    async def send_run(
        self,
        info: Info,
        run: Annotated[strawberry.ID, strawberry.argument(description="The run's id.")],
        sending: Wanted,
    ) -> list[DeliveryType]:
        deliveries, actor = info.context.services.deliveries, info.context.actor
        sent = await deliveries.send_run(actor, uuid(run, "run"), _new(sending))
        return [delivery_type(info, one) for one in sent.deliveries]

    @strawberry.mutation(description="Run a saved report now, and send it as soon as it is built.")
    async def send_report(
        self,
        info: Info,
        report: Annotated[strawberry.ID, strawberry.argument(description="The report's id.")],
        sending: Wanted,
    ) -> list[DeliveryType]:
        deliveries, actor = info.context.services.deliveries, info.context.actor
        sent = await deliveries.send_report(actor, uuid(report, "report"), _new(sending))
        return [delivery_type(info, one) for one in sent.deliveries]

    @strawberry.mutation(description="Say that an e-mail arrived which the server does not know the end of.")
    async def mark_delivered(
        self,
        info: Info,
        delivery: Annotated[strawberry.ID, strawberry.argument(description="The delivery's id.")],
    ) -> DeliveryType:
        resolve_unknown, actor = info.context.services.resolve_unknown, info.context.actor
        return delivery_type(info, await resolve_unknown.mark_delivered(actor, uuid(delivery, "delivery")))

    @strawberry.mutation(
        description="Send once more what the server does not know the end of. It may arrive twice."
    )
    async def resend(
        self,
        info: Info,
        delivery: Annotated[strawberry.ID, strawberry.argument(description="The delivery's id.")],
    ) -> list[DeliveryType]:
        resolve_unknown, actor = info.context.services.resolve_unknown, info.context.actor
        sent = await resolve_unknown.resend(actor, uuid(delivery, "delivery"))
        return [delivery_type(info, one) for one in sent.deliveries]


def delivery_type(info: Info, delivery: Delivery) -> DeliveryType:
    """A row of the ledger in the reader's language."""
    return as_type(DeliveryType, delivery, info.context.formatter.text, sent_by=delivery.sent_by_name)


def _new(given: SendingInput) -> NewSending:
    return NewSending(
        to=tuple(given.to),
        key=given.key,
        mode=given.mode,
        formats=("csv",) if given.formats is None else tuple(given.formats),
        language=given.language,
        days=given.days,
        message=given.message,
    )
