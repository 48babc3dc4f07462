"""What GraphQL tells of pulls and of profiles behind a token."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import strawberry

from bilan.graphql.context import Context, Info
from bilan.graphql.enums import State
from bilan.graphql.imports import RejectType
from bilan.graphql.limits import PAGE_COST
from bilan.graphql.presenting import as_type
from bilan.graphql.scalars import BigInt

if TYPE_CHECKING:
    from bilan.pulls import Profiles, PullRun, PullStatus


@strawberry.type(name="Pull", description="Facts of a source being fetched from its service, or fetched.")
class PullType:
    id: strawberry.ID = strawberry.field(description="The pull's id.")
    source: strawberry.ID = strawberry.field(description="The source's id.")
    job: strawberry.ID = strawberry.field(
        description="The job that does it; run follows it, cancelRun stops."
    )
    first: date | None = strawberry.field(description="The first day of a back-fill.")
    last: date | None = strawberry.field(description="Its last day.")
    state: State = strawberry.field(description="Where it is.")
    by: str = strawberry.field(description="Who asked for it.")
    created_at: datetime = strawberry.field(description="When it was asked for, in UTC.")
    ended_at: datetime | None = strawberry.field(description="When it was over, in UTC.")
    done: float | None = strawberry.field(description="How much of it is done, from 0 to 1, where known.")
    said: str | None = strawberry.field(description="What is being fetched.")
    waits_until: datetime | None = strawberry.field(
        description="When it goes on, in UTC, where the service wants to be asked less often."
    )
    new: BigInt = strawberry.field(description="How many facts brought something new.")
    known: BigInt = strawberry.field(name="alreadyThere", description="How many were there already.")
    rejected: BigInt = strawberry.field(description="How many could not be used.")
    requests: BigInt = strawberry.field(description="How often the service was asked.")
    pictures_missing: int = strawberry.field(description="How many pictures could not be had.")
    notes: list[str] = strawberry.field(description="What the service did not give.")
    failure: str | None = strawberry.field(description="Why it ended early.")

    @strawberry.field(description="The latest facts that could not be used, as far as they are kept.")
    async def rejects(self, info: Info) -> list[RejectType]:
        context = info.context
        context.spend(PAGE_COST)
        page = await context.services.rejects.list(context.actor, UUID(self.source), upload=UUID(self.id))
        return [as_type(RejectType, row, context.formatter.text) for row in page.rows]


@strawberry.type(name="PullStatus", description="How a source is fetched from its service.")
class PullStatusType:
    every: int | None = strawberry.field(
        description="How often, in seconds; null where only when somebody asks for it."
    )
    next_at: datetime | None = strawberry.field(description="When it will be, in UTC.")
    current: PullType | None = strawberry.field(description="The pull that is under way.")
    last: PullType | None = strawberry.field(description="The last that is over.")
    hosts: list[str] = strawberry.field(description="The hosts that are asked.")
    checked: str | None = strawberry.field(description="What the token could see when it was last checked.")
    checked_at: datetime | None = strawberry.field(description="When that was, in UTC.")
    missing: list[str] = strawberry.field(description="The rights and figures that it lacked.")
    warning: str | None = strawberry.field(description="What somebody should do something about.")


@strawberry.type(name="CheckedToken", description="What a source's token is good for.")
class CheckedTokenType:
    said: str = strawberry.field(description="What it can see.")
    ends_at: datetime | None = strawberry.field(description="When it ends, in UTC, where that is known.")
    missing: list[str] = strawberry.field(description="The rights and figures that it lacks.")


@strawberry.type(name="OfferedProfile", description="A profile behind a token, which can become a source.")
class OfferedProfileType:
    key: str = strawberry.field(description="What tells it from the others.")
    name: str = strawberry.field(description="What it is called.")
    source: strawberry.ID | None = strawberry.field(
        description="The source that it is already; connecting it replaces that one's secrets alone."
    )


@strawberry.type(name="OfferedProfiles", description="The profiles behind a token, to choose from.")
class OfferedProfilesType:
    id: strawberry.ID = strawberry.field(description="What connectProfiles takes.")
    profiles: list[OfferedProfileType] = strawberry.field(description="The profiles.")
    until: datetime = strawberry.field(description="Until when they can be chosen, in UTC.")


def pull_type(context: Context, run: PullRun) -> PullType:
    """A pull as the schema's type."""
    days = run.range
    return as_type(
        PullType,
        run,
        context.formatter.text,
        first=days.first if days else None,
        last=days.last if days else None,
    )


def status_type(context: Context, status: PullStatus) -> PullStatusType:
    """How a source is pulled, as the schema's type."""
    return as_type(
        PullStatusType,
        status,
        context.formatter.text,
        every=round(status.every.total_seconds()) if status.every else None,
        current=pull_type(context, status.current) if status.current else None,
        last=pull_type(context, status.last) if status.last else None,
    )


def profiles_type(found: Profiles) -> OfferedProfilesType:
    """Profiles as the schema's type."""
    profiles = [
        as_type(OfferedProfileType, one, source=str(one.source.id) if one.source else None)
        for one in found.profiles
    ]
    return as_type(OfferedProfilesType, found, profiles=profiles)
