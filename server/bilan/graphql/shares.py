"""Shares in GraphQL: a report for viewers who have no account. See docs/sharing.md."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from bilan.graphql.connections import After, First, connection_of, page_arguments, to_connection
from bilan.graphql.context import Info
from bilan.graphql.enums import DeliveryState, ShareEventKind
from bilan.graphql.ids import uuid
from bilan.graphql.limits import PAGE_COST
from bilan.graphql.presenting import as_type
from bilan.graphql.reports.arguments import Key
from bilan.shares import NewShare, Share, ShareDraft, ShareOptions


@strawberry.type(name="Viewer", description="Somebody with whom a report is shared.")
class ViewerType:
    id: strawberry.ID = strawberry.field(description="The viewer's id in this share.")
    address: str = strawberry.field(description="Where their link goes; empty once they are erased.")
    name: str = strawberry.field(description="What they are called.")
    views: int = strawberry.field(description="How often they opened it.")
    created_at: datetime = strawberry.field(description="When they were added, in UTC.")
    last_opened_at: datetime | None = strawberry.field(description="When they last opened it, in UTC.")
    revoked_at: datetime | None = strawberry.field(description="When their access was revoked, in UTC.")
    mail: DeliveryState | None = strawberry.field(description="What became of their last e-mail.")


@strawberry.type(name="ShareEvent", description="Something that happened to a share.")
class ShareEventType:
    kind: ShareEventKind = strawberry.field(description="What.")
    at: datetime = strawberry.field(description="When, in UTC.")
    who: str = strawberry.field(description="Who did it, where that is no viewer.")
    viewer: str = strawberry.field(description="The viewer whom it is about, or who did it.")
    detail: str = strawberry.field(description="The file, of a download.")


@strawberry.type(name="Share", description="A report that is shared.")
class ShareType:
    id: strawberry.ID = strawberry.field(description="The share's id.")
    run: strawberry.ID | None = strawberry.field(description="The run shown; without, the report's latest.")
    report: strawberry.ID | None = strawberry.field(description="The report whose latest run is shown.")
    kind: str = strawberry.field(description="The kind of report.")
    title: str = strawberry.field(description="What it is called.")
    message: str = strawberry.field(description="What the viewers were told.")
    language: str | None = strawberry.field(description="Its language; that of each viewer without.")
    downloads: bool = strawberry.field(description="Whether viewers may download files.")
    most_views: int | None = strawberry.field(description="How often each viewer may open it.")
    origins: list[str] = strawberry.field(description="The sites that may show it in a frame.")
    expires_at: datetime = strawberry.field(description="When it ends, in UTC.")
    stopped_at: datetime | None = strawberry.field(description="When it was stopped, in UTC.")
    created_by_name: str = strawberry.field(description="Who shared it.")
    created_at: datetime = strawberry.field(description="When it was shared, in UTC.")
    over: bool = strawberry.field(description="Whether nobody gets in any more.")
    viewers: list[ViewerType] = strawberry.field(description="With whom it is shared.")

    @strawberry.field(
        description="Who did, opened and downloaded what and when; the latest 200, the last first."
    )
    async def events(self, info: Info) -> list[ShareEventType]:
        context = info.context
        context.spend(PAGE_COST)
        found = await context.services.shares.get(context.actor, UUID(self.id))
        return [as_type(ShareEventType, one) for one in found.events]


ShareConnection: Any = connection_of(ShareType)


@strawberry.type(name="SharedReport", description="A share and its password, told once.")
class SharedReportType:
    share: ShareType = strawberry.field(description="The share.")
    password: str = strawberry.field(
        description="The password; empty where the same key comes again, as one that was made is told once."
    )


@strawberry.input(name="ShareInput", description="With whom a report is shared, and how.")
class ShareInput:
    viewers: list[str] = strawberry.field(description="Addresses; viewers need no account.")
    key: str = strawberry.field(
        description="Chosen by you, up to 60 characters; the same request again shares nothing again."
    )
    latest: bool = strawberry.field(default=False, description="Show always the report's latest run.")
    password: str = strawberry.field(default="", description="One of your own; without, one is made.")
    message: str = strawberry.field(default="", description="What the viewers are told.")
    days: int = strawberry.field(default=30, description="After how many days it ends, up to 366.")
    views: int | None = strawberry.field(default=None, description="How often each viewer may open it.")
    downloads: bool = strawberry.field(default=True, description="Whether viewers may download files.")
    language: str | None = strawberry.field(default=None, description="That of each viewer without.")
    origins: list[str] = strawberry.field(
        default_factory=list[str], description="Sites that may show it in a frame; none without."
    )
    separately: bool = strawberry.field(
        default=False, description="Send the password in an e-mail of its own."
    )


@strawberry.input(name="ShareOptionsInput", description="How a share opens; what is left out stays as it is.")
class ShareOptionsInput:
    days: int | None = strawberry.field(
        default=None, description="After how many days from now it ends, up to 366."
    )
    views: int | None = strawberry.field(
        default=strawberry.UNSET, description="How often each viewer may open it; null for any number."
    )
    downloads: bool | None = strawberry.field(default=None, description="Whether viewers may download files.")
    language: str | None = strawberry.field(
        default=strawberry.UNSET, description="Its language; null for that of each viewer."
    )
    origins: list[str] | None = strawberry.field(
        default=None, description="Sites that may show it in a frame."
    )


ShareId = Annotated[strawberry.ID, strawberry.argument(description="The share's id.")]
RunId = Annotated[strawberry.ID, strawberry.argument(description="The run's id.")]
Options = Annotated[ShareOptionsInput, strawberry.argument(description="How it opens.")]
Running = Annotated[bool, strawberry.argument(description="Without those that are over.")]
Filled = Annotated[ShareInput, strawberry.argument(description="With whom and how.")]
ViewerId = Annotated[strawberry.ID, strawberry.argument(description="The viewer's id.")]
Addresses = Annotated[list[str], strawberry.argument(description="The addresses of more viewers.")]
Password = Annotated[str, strawberry.argument(description="The password of the share.")]
NewPassword = Annotated[str, strawberry.argument(description="Another one; without, one is made.")]
Separately = Annotated[bool, strawberry.argument(description="Send it in an e-mail of its own.")]
Tell = Annotated[bool, strawberry.argument(description="Send it to the viewers.")]


@strawberry.type
class ShareQueries:
    """The fields of the query."""

    @strawberry.field(description="The shares that show a run, or its report's latest.")
    async def shares(self, info: Info, run: RunId) -> list[ShareType]:
        found = await info.context.services.shares.list(info.context.actor, uuid(run))
        return [share_type(one) for one in found]

    @strawberry.field(
        graphql_type=ShareConnection, description="The shares of the workspace, the latest first."
    )
    async def all_shares(
        self, info: Info, running: Running = True, first: First = 25, after: After = None
    ) -> Any:
        part, context = page_arguments(first, after), info.context
        context.spend(PAGE_COST)
        page = await context.services.shares.of_workspace(
            context.actor, running=running, offset=part.offset, limit=part.limit
        )
        return to_connection([share_type(one) for one in page.shares], page.total, part)

    @strawberry.field(description="A share: its viewers, and who opened what and when.")
    async def share(self, info: Info, id: ShareId) -> ShareType:  # noqa: A002 - GraphQL's name
        return share_type(await info.context.services.shares.get(info.context.actor, uuid(id)))


@strawberry.type
class ShareMutations:
    """The fields of the mutation."""

    @strawberry.mutation(description="Share a run's report; each viewer gets an e-mail with their link.")
    async def share_run(self, info: Info, run: RunId, share: Filled) -> SharedReportType:
        draft = ShareDraft(
            viewers=tuple(share.viewers),
            key=share.key,
            latest=share.latest,
            password=share.password,
            message=share.message,
            days=share.days,
            views=share.views,
            downloads=share.downloads,
            language=share.language,
            origins=tuple(share.origins),
            separately=share.separately,
        )
        return _new(await info.context.services.shares.create(info.context.actor, uuid(run), draft))

    @strawberry.mutation(description="Share it with more viewers, who are told the password that there is.")
    async def add_viewers(
        self,
        info: Info,
        id: ShareId,  # noqa: A002 - GraphQL's name
        viewers: Addresses,
        password: Password,
        separately: Separately = False,
        key: Key = None,
    ) -> ShareType:
        shares, actor = info.context.services.shares, info.context.actor
        found = await shares.add_viewers(actor, uuid(id), viewers, password, separately=separately, key=key)
        return share_type(found)

    @strawberry.mutation(description="Take a viewer's access away: their link is dead at once.")
    async def revoke_viewer(self, info: Info, id: ShareId, viewer: ViewerId) -> ShareType:  # noqa: A002
        shares, actor = info.context.services.shares, info.context.actor
        return share_type(await shares.revoke(actor, uuid(id), uuid(viewer)))

    @strawberry.mutation(description="Set another password. Every visit ends; pass it on, or have it sent.")
    async def change_share_password(
        self,
        info: Info,
        id: ShareId,  # noqa: A002 - GraphQL's name
        password: NewPassword = "",
        tell: Tell = False,
        key: Key = None,
    ) -> SharedReportType:
        shares, actor = info.context.services.shares, info.context.actor
        return _new(await shares.change_password(actor, uuid(id), password, tell=tell, key=key))

    @strawberry.mutation(description="Change until when and how a share opens, from the next request on.")
    async def change_share(self, info: Info, id: ShareId, options: Options) -> ShareType:  # noqa: A002
        shares, actor = info.context.services.shares, info.context.actor
        before = await shares.get(actor, uuid(id))
        given = ShareOptions(
            options.days,
            before.most_views if options.views is strawberry.UNSET else options.views,
            before.downloads if options.downloads is None else options.downloads,
            before.language if options.language is strawberry.UNSET else options.language,
            before.origins if options.origins is None else tuple(options.origins),
        )
        return share_type(await shares.edit(actor, before.id, given))

    @strawberry.mutation(description="End a share for everybody, for good.")
    async def stop_share(self, info: Info, id: ShareId) -> ShareType:  # noqa: A002 - GraphQL's name
        return share_type(await info.context.services.shares.stop(info.context.actor, uuid(id)))


def share_type(found: Share) -> ShareType:
    """A share as the schema shows it."""
    return as_type(ShareType, found, viewers=[as_type(ViewerType, one) for one in found.viewers])


def _new(made: NewShare) -> SharedReportType:
    return SharedReportType(share=share_type(made.share), password=made.password)
