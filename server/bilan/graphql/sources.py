"""Sources and their kinds in GraphQL."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, cast
from uuid import UUID

import strawberry

from bilan.accounts.policy import Action, allowed
from bilan.graphql.context import Context, Info
from bilan.graphql.limits import PAGE_COST
from bilan.graphql.presenting import as_type
from bilan.graphql.pull_types import PullStatusType, PullType, pull_type, status_type
from bilan.graphql.scalars import Raw
from bilan.sdk.errors import Invalid
from bilan.sdk.pulls import Discovery
from bilan.sdk.sources import SourceKind
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from bilan.sources import Source


@strawberry.type(name="SourceKind", description="A kind of source that can be added.")
class SourceKindType:
    plugin: str = strawberry.field(description="The plugin's namespace.")
    key: str = strawberry.field(description="The kind's key.")
    label: str = strawberry.field(description="What people read.")
    description: str = strawberry.field(description="What it is for.")
    webhook: bool = strawberry.field(description="Whether a service can post to it.")
    readers: list[str] = strawberry.field(description="The kinds of file it reads.")
    pulled: bool = strawberry.field(description="Whether it is fetched from a service.")
    finds_profiles: bool = strawberry.field(description="Whether a token of it can see several profiles.")


@strawberry.type(name="DerivationState", description="How far a dataset is that is derived from another.")
class DerivationStateType:
    dataset: str = strawberry.field(description="The derived dataset's key.")
    through: datetime | None = strawberry.field(
        description="In UTC: what was written by then its rows follow from; null before they were first made."
    )
    complete: bool = strawberry.field(description="Whether its rows follow from all that was written.")
    progress: float | None = strawberry.field(
        description="How much of what was left behind is derived, from 0 to 1, while it is being derived."
    )
    failure: str | None = strawberry.field(
        description="Why rows could not be derived and are as they were, where that is so."
    )


@strawberry.type(name="Source", description="Where facts come from.")
class SourceType:
    id: strawberry.ID = strawberry.field(description="The source's id.")
    name: str = strawberry.field(description="What it is called.")
    plugin: str = strawberry.field(description="The plugin's namespace.")
    kind: str = strawberry.field(description="Its kind's key.")
    settings: Raw = strawberry.field(description="Its settings without secrets; for its admins.")
    verify: bool = strawberry.field(description="Whether posts must prove where they come from.")
    webhook_address: str | None = strawberry.field(description="Where the service posts to; for its admins.")
    zone: str = strawberry.field(description="The zone of times that name none.")
    created_at: datetime = strawberry.field(description="When it was added, in UTC.")
    last_received_at: datetime | None = strawberry.field(description="When something last came, in UTC.")
    last_event_at: datetime | None = strawberry.field(
        description="The time of its latest fact, in UTC; of a whole day, its first moment there."
    )
    ends_at: datetime | None = strawberry.field(description="When its token ends, in UTC, where known.")
    notes: list[str] = strawberry.field(description="What its service does not give.")

    @strawberry.field(description="Up to when all has come, in UTC; null before anything has.")
    async def watermark(self, info: Info) -> datetime | None:
        (found,) = await info.context.services.freshness.of([UUID(self.id)])
        return found.watermark

    @strawberry.field(description="So many hours later than that, facts may still come.")
    async def settling_hours(self, info: Info) -> int:
        (found,) = await info.context.services.freshness.of([UUID(self.id)])
        return int(found.settling.total_seconds() // 3600)

    @strawberry.field(description="How it is fetched; null where it is not, or for those who may not import.")
    async def pulling(self, info: Info) -> PullStatusType | None:
        if not self._told(info):
            return None
        context = info.context
        return status_type(context, await context.services.pulls.status(context.actor, self.id))

    @strawberry.field(description="Its latest pulls, the newest first; null where it has none to tell.")
    async def pulls(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, up to 100.")] = 20,
    ) -> list[PullType] | None:
        if not self._told(info):
            return None
        context = info.context
        context.spend(PAGE_COST)
        limit = min(max(first, 1), 100)
        runs = await context.services.pulls.history(context.actor, self.id, limit=limit)
        return [pull_type(context, run) for run in runs]

    def _told(self, info: Info) -> bool:
        """Whether there are pulls, and whoever asks may know of them."""
        kind = info.context.services.registry.source_kinds.get((self.plugin, self.kind))
        pulled = kind is not None and kind.pull is not None
        return pulled and allowed(info.context.actor, Action.IMPORT, sources=(UUID(self.id),))

    @strawberry.field(description="How far its derived datasets are; null for those who may not import.")
    async def derived(self, info: Info) -> list[DerivationStateType] | None:
        context, source = info.context, UUID(self.id)
        if not allowed(context.actor, Action.IMPORT, sources=(source,)):
            return None
        personal = allowed(context.actor, Action.IMPORT, sources=(source,), personal=True)
        states = await context.services.derivations.states(source, personal=personal)
        return [
            as_type(DerivationStateType, one, context.formatter.text, dataset=one.dataset.key)
            for one in states
        ]


@strawberry.type
class SourceQueries:
    @strawberry.field(description="The kinds of source that can be added.")
    async def source_kinds(self, info: Info) -> list[SourceKindType]:
        info.context.actor  # noqa: B018 - refuses strangers
        kinds = info.context.services.registry.source_kinds
        return [_kind(info.context, namespace, kind) for (namespace, _key), kind in kinds.items()]

    @strawberry.field(description="The sources you may know of, by name.")
    async def sources(self, info: Info) -> list[SourceType]:
        listed = await info.context.services.sources.list(info.context.actor)
        return [source_type(info.context, source) for source in listed]

    @strawberry.field(description="One source.")
    async def source(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Its id or name.")],  # noqa: A002
    ) -> SourceType:
        return source_type(info.context, await info.context.services.sources.get(info.context.actor, id))


@strawberry.type
class SourceMutations:
    @strawberry.mutation(description="Add a source; you become its admin.")
    async def add_source(
        self,
        info: Info,
        plugin: Annotated[str, strawberry.argument(description="The plugin's name or namespace.")],
        kind: Annotated[str, strawberry.argument(description="The kind's key.")],
        name: Annotated[str, strawberry.argument(description="What to call it.")],
        settings: Annotated[Raw | None, strawberry.argument(description="Its settings, by key.")] = None,
    ) -> SourceType:
        context = info.context
        source = await context.services.sources.add(
            context.actor, plugin=plugin, kind=kind, name=name, settings=settings_given(settings)
        )
        return source_type(context, source)

    @strawberry.mutation(description="Give a source a new webhook address; the old one stops working.")
    async def rotate_address(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Its id or name.")],  # noqa: A002
    ) -> SourceType:
        context = info.context
        source = await context.services.sources.get(context.actor, id)
        return source_type(context, await context.services.sources.rotate_address(context.actor, source.id))

    @strawberry.mutation(description="Take a source out of use; its facts stay in the warehouse.")
    async def remove_source(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Its id or name.")],  # noqa: A002
    ) -> bool:
        context = info.context
        source = await context.services.sources.get(context.actor, id)
        await context.services.sources.remove(context.actor, source.id)
        return True


def settings_given(settings: Raw | None) -> dict[str, Any]:
    """Settings as somebody gave them. Raises ``Invalid`` where they are no object."""
    values: Any = {} if settings is None else settings
    if not isinstance(values, dict):
        raise Invalid(_("Settings are an object: each setting's key with its value."), ("settings",))
    return cast("dict[str, Any]", values)


def source_type(context: Context, source: Source) -> SourceType:
    """A source as the schema's type."""
    address = context.services.webhook_address(source) if source.address else None
    return as_type(
        SourceType,
        source,
        context.formatter.text,
        settings=dict(source.settings),
        webhook_address=address,
    )


def _kind(context: Context, namespace: str, kind: SourceKind) -> SourceKindType:
    return as_type(
        SourceKindType,
        kind,
        context.formatter.text,
        plugin=namespace,
        webhook=kind.webhook is not None,
        readers=[reader.key for reader in kind.readers],
        pulled=kind.pull is not None,
        finds_profiles=isinstance(kind.pull, Discovery),
    )
