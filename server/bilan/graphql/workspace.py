"""The workspace, its defaults and its look in GraphQL."""

from __future__ import annotations

from base64 import b64decode
from typing import Annotated

import strawberry

from bilan.graphql.context import Context, Info
from bilan.graphql.presenting import as_type
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _


@strawberry.type(name="Brand", description="How the workspace presents itself in reports.")
class BrandType:
    colour: str | None = strawberry.field(description="Its colour as #rrggbb; the look's own without.")
    logo_url: str | None = strawberry.field(description="Where to get its logo, with the same credentials.")


@strawberry.type(name="Workspace", description="The workspace and its defaults.")
class WorkspaceType:
    name: str = strawberry.field(description="What it is called.")
    zone: str = strawberry.field(description="The zone of those who prefer none.")
    first_weekday: int = strawberry.field(description="The first day of the week, from Monday = 0.")
    language: str = strawberry.field(description="The language of those who prefer none.")
    retention_days: int = strawberry.field(description="How many days the figures of reports are kept.")
    brand: BrandType = strawberry.field(description="How it presents itself in reports.")


@strawberry.type
class WorkspaceQueries:
    """The fields of the query."""

    @strawberry.field(description="Your workspace.")
    async def workspace(self, info: Info) -> WorkspaceType:
        return await _workspace(info.context)


@strawberry.type
class WorkspaceMutations:
    """The fields of the mutation."""

    @strawberry.mutation(description="Change how long reports are kept, also those there are.")
    async def set_retention(
        self,
        info: Info,
        days: Annotated[int, strawberry.argument(description="From 1 to 3650.")],
    ) -> WorkspaceType:
        await info.context.services.retention.change(info.context.actor, days)
        return await _workspace(info.context)

    @strawberry.mutation(description="Change how the workspace presents itself; what is left out stays.")
    async def set_brand(
        self,
        info: Info,
        colour: Annotated[
            str | None, strawberry.argument(description="As #rrggbb; null goes back to the look's own.")
        ] = strawberry.UNSET,
        logo: Annotated[
            str | None, strawberry.argument(description="A PNG or JPEG in Base64, at most 1 MB; null: none.")
        ] = strawberry.UNSET,
    ) -> WorkspaceType:
        actor, branding = info.context.actor, info.context.services.branding
        if logo is not strawberry.UNSET:
            await (branding.set_logo(actor, _base64(logo)) if logo else branding.remove_logo(actor))
        if colour is not strawberry.UNSET:
            await branding.set_colour(actor, colour)
        return await _workspace(info.context)


async def _workspace(context: Context) -> WorkspaceType:
    workspace = await context.services.accounts.workspace(context.actor)
    brand = await context.services.branding.get(context.actor)
    days = await context.services.retention.days(context.actor)
    return as_type(WorkspaceType, workspace, retention_days=days, brand=as_type(BrandType, brand))


def _base64(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError as error:
        raise Invalid(_("The logo is to be sent in Base64."), ("logo",)) from error
