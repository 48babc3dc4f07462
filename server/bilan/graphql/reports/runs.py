"""Runs: what can be asked about them, starting and stopping one, and its files."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from bilan.graphql.connections import After, First, connection_of, page_arguments, to_connection
from bilan.graphql.context import Info
from bilan.graphql.enums import State
from bilan.graphql.ids import uuid
from bilan.graphql.limits import PAGE_COST
from bilan.graphql.reports.arguments import (
    Formats,
    Key,
    ReportId,
    RunId,
    Sources,
    by_key,
    readable_sources,
    render_specs,
)
from bilan.graphql.reports.types import FileType, RunType, file_type, run_type
from bilan.graphql.scalars import Raw
from bilan.runs.listing import Wanted
from bilan.runs.values import RenderSpec
from bilan.sdk.textdomain import _

RENDERING_SECONDS = 10.0
"""How long a request waits for a file to be rendered."""

RunConnection: Any = connection_of(RunType)


@strawberry.type
class RunQueries:
    """The fields of the query."""

    @strawberry.field(graphql_type=RunConnection, description="Runs you may see, the newest first.")
    async def runs(
        self,
        info: Info,
        first: First = 25,
        after: After = None,
        report: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only of this report.")
        ] = None,
        state: Annotated[State | None, strawberry.argument(description="Only in this state.")] = None,
        kind: Annotated[str | None, strawberry.argument(description="Only of this kind of report.")] = None,
        asked_by: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only of this person.")
        ] = None,
    ) -> Any:
        info.context.spend(PAGE_COST)
        window = page_arguments(first, after)
        wanted = Wanted(
            report=uuid(report, "report") if report else None,
            state=state,
            kind=kind,
            asked_by=uuid(asked_by, "askedBy") if asked_by else None,
        )
        page = await info.context.services.runs.list(
            info.context.actor, wanted, offset=window.offset, limit=window.limit
        )
        return to_connection([run_type(info, run) for run in page.runs], page.total, window)

    @strawberry.field(description="One run.")
    async def run(self, info: Info, id: RunId) -> RunType:  # noqa: A002
        return run_type(info, await info.context.services.runs.get(info.context.actor, uuid(id)))


@strawberry.type
class RunMutations:
    """The fields of the mutation, but for the one that is typed from the declared kinds."""

    @strawberry.mutation(
        description="Build a report of a kind that is named by its key, its parameters as text or JSON."
    )
    async def build_kind(
        self,
        info: Info,
        kind: Annotated[str, strawberry.argument(description="The kind's key, for example email.campaign.")],
        parameters: Annotated[
            Raw | None,
            strawberry.argument(description="Its parameters, by key; defaults for what is left out."),
        ] = None,
        formats: Formats = None,
        language: Annotated[
            str | None, strawberry.argument(description="The language of the files; the reader's without.")
        ] = None,
        sources: Sources = None,
        key: Key = None,
    ) -> RunType:
        context = info.context
        run = await context.services.runs.start(
            context.actor,
            kind,
            by_key(parameters, _("Parameters are an object, each by its key."), "parameters"),
            render_specs(context, formats or (), language),
            sources=await readable_sources(context, sources),
            key=key,
        )
        return run_type(info, run)

    @strawberry.mutation(description="Run a saved report once more.")
    async def run_report(
        self,
        info: Info,
        id: ReportId,  # noqa: A002
        formats: Annotated[
            list[str] | None, strawberry.argument(description="Files to render; the report's own without.")
        ] = None,
        key: Key = None,
    ) -> RunType:
        context = info.context
        report = await context.services.reports.get(context.actor, uuid(id))
        run = await context.services.runs.start(
            context.actor,
            report.kind,
            report.parameters,
            render_specs(context, report.formats if formats is None else formats),
            title=report.name,
            report=report.id,
            sources=report.sources,
            key=key,
        )
        return run_type(info, run)

    @strawberry.mutation(description="Stop a run.")
    async def cancel_run(self, info: Info, id: RunId) -> RunType:  # noqa: A002
        return run_type(info, await info.context.services.runs.cancel(info.context.actor, uuid(id)))

    @strawberry.mutation(
        description=(
            "Have a file of a run; nothing is built again. Null where it takes longer: "
            "follow the run, or ask again."
        )
    )
    async def render_file(
        self,
        info: Info,
        run: RunId,
        format: Annotated[str, strawberry.argument(description="The format, for example csv.")],  # noqa: A002
        language: Annotated[str | None, strawberry.argument(description="The language of labels.")] = None,
        zone: Annotated[
            str | None, strawberry.argument(description="The zone that instants are shown in.")
        ] = None,
        options: Annotated[
            Raw | None,
            strawberry.argument(description='The format\'s options, by key: {content: "global"}.'),
        ] = None,
    ) -> FileType | None:
        context = info.context
        given = by_key(options, _("Options are an object, each by its key."), "options")
        spec = RenderSpec(format, language or context.formatter.language, zone, given)
        rendered = await context.services.runs.render(
            context.actor, uuid(run, "run"), spec, seconds=RENDERING_SECONDS
        )
        return file_type(rendered) if rendered else None
