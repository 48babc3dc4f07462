"""Webhooks in GraphQL: places that reports are posted to, beside people and their addresses."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import strawberry

from bilan.delivery.webhook.channel import WEBHOOK
from bilan.graphql.context import Info
from bilan.graphql.enums import WebhookForm
from bilan.graphql.ids import uuid
from bilan.graphql.presenting import as_type
from bilan.recipients import RecipientInfo, TargetDraft


@strawberry.type(name="Webhook", description="A place that reports are posted to.")
class WebhookType:
    id: strawberry.ID = strawberry.field(description="Its id.")
    name: str = strawberry.field(description="What it is called.")
    address: str = strawberry.field(
        description="What names it where a report is sent: its host and some digits, never its secret."
    )
    form: WebhookForm = strawberry.field(description="What reads it.")
    language: str | None = strawberry.field(description="That of what is posted; the workspace's without.")
    zone: str | None = strawberry.field(description="The zone of moments; the report's without.")
    answer: str | None = strawberry.field(
        description="What its server said, where it takes nothing any more; nothing is posted there then."
    )
    added_by: str = strawberry.field(description="Who wrote it down.")
    created_at: datetime = strawberry.field(description="When, in UTC.")


@strawberry.type(name="WebhookTest", description="How a test of a webhook ended.")
class WebhookTestType:
    taken: bool = strawberry.field(description="Whether the other side took it.")
    said: str = strawberry.field(description="What is to be said of it, with the other side's own words.")


@strawberry.input(name="WebhookInput", description="A place that reports are to be posted to.")
class WebhookInput:
    name: str = strawberry.field(description="What to call it.")
    form: WebhookForm = strawberry.field(description="What reads it.")
    url: str = strawberry.field(default="", description="Its address; where it is changed, empty keeps it.")
    secret: str = strawberry.field(
        default="", description="The signing secret, for programs; where it is changed, empty keeps it."
    )
    language: str | None = strawberry.field(default=None, description="The workspace's without.")
    zone: str | None = strawberry.field(default=None, description="The report's without.")


WebhookId = Annotated[strawberry.ID, strawberry.argument(description="The webhook's id.")]
Filled = Annotated[WebhookInput, strawberry.argument(description="What it is.")]


@strawberry.type
class WebhookQueries:
    """The fields of the query."""

    @strawberry.field(description="The places that reports can be posted to, by name.")
    async def webhooks(self, info: Info) -> list[WebhookType]:
        return [webhook_type(one) for one in await info.context.services.targets.list(info.context.actor)]


@strawberry.type
class WebhookMutations:
    """The fields of the mutation."""

    @strawberry.mutation(description="Write down a place to post to. Nothing is posted there yet.")
    async def add_webhook(self, info: Info, webhook: Filled) -> WebhookType:
        targets, actor = info.context.services.targets, info.context.actor
        return webhook_type(await targets.add(actor, WEBHOOK.key, _draft(webhook)))

    @strawberry.mutation(description="Change a place that reports are posted to.")
    async def change_webhook(self, info: Info, id: WebhookId, webhook: Filled) -> WebhookType:  # noqa: A002
        targets, actor = info.context.services.targets, info.context.actor
        return webhook_type(await targets.edit(actor, uuid(id), _draft(webhook)))

    @strawberry.mutation(description="Post a test there now, without a report, and say what is answered.")
    async def test_webhook(self, info: Info, id: WebhookId) -> WebhookTestType:  # noqa: A002
        tested = await info.context.services.target_tests.send(info.context.actor, uuid(id))
        return as_type(WebhookTestType, tested, info.context.formatter.text)

    @strawberry.mutation(
        description="Remove a place: nothing more is posted there, and schedules that name it say so."
    )
    async def remove_webhook(self, info: Info, id: WebhookId) -> bool:  # noqa: A002 - GraphQL's name
        await info.context.services.targets.remove(info.context.actor, uuid(id))
        return True


def webhook_type(found: RecipientInfo) -> WebhookType:
    """A target as the schema shows it."""
    form = WebhookForm(found.settings["form"])
    return as_type(WebhookType, found, form=form, added_by=found.added_by_name)


def _draft(webhook: WebhookInput) -> TargetDraft:
    settings: dict[str, Any] = {"form": webhook.form.value, "url": webhook.url, "secret": webhook.secret}
    return TargetDraft(webhook.name, settings, webhook.language, webhook.zone)
