"""Runs as they move, over a websocket."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated

import strawberry

from bilan.graphql.context import Info
from bilan.graphql.ids import uuid
from bilan.graphql.limits import MAX_COST
from bilan.graphql.reports.types import RunType, run_type

if TYPE_CHECKING:
    from bilan.accounts import Principal


@strawberry.type(description="What can be watched.")
class Subscription:
    @strawberry.subscription(description="A run as it is, then after every change until it is over.")
    async def run_progress(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The run's id.")],  # noqa: A002
    ) -> AsyncGenerator[RunType]:
        context = info.context

        async def as_ever() -> Principal | None:
            return context.signed_in

        watch = context.services.run_events.watch(context.actor, uuid(id), context.refresh_actor or as_ever)
        async with aclosing(watch):
            async for run in watch:
                if run is not None:
                    context.budget = MAX_COST  # each event may ask for as much as a query
                    yield run_type(info, run)
