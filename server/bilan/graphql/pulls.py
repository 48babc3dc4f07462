"""Fetching sources from their services, in GraphQL."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import strawberry

from bilan.graphql.context import Info
from bilan.graphql.ids import uuid
from bilan.graphql.presenting import as_type
from bilan.graphql.pull_types import (
    CheckedTokenType,
    OfferedProfilesType,
    PullType,
    profiles_type,
    pull_type,
)
from bilan.graphql.scalars import Raw
from bilan.graphql.sources import SourceType, settings_given, source_type
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

SourceIdent = Annotated[strawberry.ID, strawberry.argument(description="The source's id or name.")]


@strawberry.type
class PullQueries:
    """The fields of the query."""

    @strawberry.field(description="One pull.")
    async def pull(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The pull's id.")],  # noqa: A002
    ) -> PullType:
        context = info.context
        return pull_type(context, await context.services.pulls.get(context.actor, uuid(id)))


@strawberry.type
class PullMutations:
    """The fields of the mutation."""

    @strawberry.mutation(
        description="Fetch what is new of a source, or past days of it; the one under way, if one is."
    )
    async def pull_source(
        self,
        info: Info,
        id: SourceIdent,  # noqa: A002
        first: Annotated[date | None, strawberry.argument(description="The first of past days.")] = None,
        last: Annotated[date | None, strawberry.argument(description="The last of them.")] = None,
    ) -> PullType:
        context, pulls = info.context, info.context.services.pulls
        if first is None and last is None:
            return pull_type(context, await pulls.start(context.actor, id))
        if first is None or last is None:
            raise Invalid(_("Past days take a first and a last one."), ("last" if last is None else "first",))
        return pull_type(context, await pulls.back_fill(context.actor, id, first, last))

    @strawberry.mutation(description="Ask a source's service what its token can see.")
    async def check_source(self, info: Info, id: SourceIdent) -> CheckedTokenType:  # noqa: A002
        context = info.context
        checked = await context.services.pulls.check(context.actor, id)
        return as_type(CheckedTokenType, checked, context.formatter.text)

    @strawberry.mutation(description="Find the profiles that a token can see. Nothing is added yet.")
    async def discover_profiles(
        self,
        info: Info,
        plugin: Annotated[str, strawberry.argument(description="The plugin's name or namespace.")],
        kind: Annotated[str, strawberry.argument(description="The kind's key.")],
        settings: Annotated[Raw, strawberry.argument(description="The settings, by key: the token.")],
    ) -> OfferedProfilesType:
        context = info.context
        found = await context.services.pulls.discover(context.actor, plugin, kind, settings_given(settings))
        return profiles_type(found)

    @strawberry.mutation(
        description="Make sources of chosen profiles; one that is a source keeps that, with a new token."
    )
    async def connect_profiles(
        self,
        info: Info,
        profiles: Annotated[strawberry.ID, strawberry.argument(description="What discoverProfiles gave.")],
        keys: Annotated[list[str], strawberry.argument(description="The keys of those to connect.")],
    ) -> list[SourceType]:
        context = info.context
        connected = await context.services.pulls.connect(context.actor, uuid(profiles, "profiles"), keys)
        return [source_type(context, source) for source in connected]
