"""Who asks, found out anew for each operation where a connection lasts."""

from __future__ import annotations

from collections.abc import AsyncIterator

from strawberry.extensions import SchemaExtension

from bilan.graphql.context import Context
from bilan.graphql.limits import MAX_COST
from bilan.sdk.errors import BilanError


class RefreshActorExtension(SchemaExtension):
    """Over a websocket every operation counts as a request: with the rights and the budget of its moment."""

    async def on_operation(self) -> AsyncIterator[None]:
        context: Context = self.execution_context.context
        if context.refresh_actor is not None:
            context.budget = MAX_COST
            try:
                context.signed_in = await context.refresh_actor()
            except BilanError:
                context.signed_in = None
        yield
