"""Arguments that several fields of reports and runs take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, cast
from uuid import UUID

import strawberry

from bilan.graphql.context import Context
from bilan.runs.values import RenderSpec
from bilan.sdk.errors import Invalid
from bilan.sdk.messages import Message

RunId = Annotated[strawberry.ID, strawberry.argument(description="The run's id.")]
ReportId = Annotated[strawberry.ID, strawberry.argument(description="The report's id.")]
Formats = Annotated[
    list[str] | None, strawberry.argument(description="Files to render as soon as it is built.")
]
Sources = Annotated[
    list[strawberry.ID] | None, strawberry.argument(description="Only these sources, by id or name.")
]
Key = Annotated[
    str | None,
    strawberry.argument(
        description="Chosen by you, up to 60 characters; the same request with the same key is done once."
    ),
]


async def readable_sources(context: Context, wanted: list[strawberry.ID] | None) -> frozenset[UUID] | None:
    """The sources of these ids or names; without any, all that feed the report. Raises ``NotFound``."""
    if wanted is None:
        return None
    return frozenset(one.id for one in await context.services.sources.readable(context.actor, wanted))


def render_specs(context: Context, formats: Sequence[str], language: str | None = None) -> list[RenderSpec]:
    """The formats in a language, by default the reader's."""
    return [RenderSpec(one, language or context.formatter.language) for one in formats]


def by_key(given: Any, refusal: Message, argument: str) -> dict[str, Any]:
    """The fields of a JSON object, none where there is none. Raises ``Invalid`` for anything else."""
    if not isinstance(given, dict | None):
        raise Invalid(refusal, (argument,))
    return cast("dict[str, Any]", given or {})
