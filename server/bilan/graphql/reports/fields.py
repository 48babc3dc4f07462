"""What can be asked about reports, and what can be done with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, cast
from uuid import UUID

import strawberry
from strawberry.types.field import StrawberryField

from bilan.graphql.connections import After, First, connection_of, page_arguments, to_connection
from bilan.graphql.context import Context, Info
from bilan.graphql.enums import State
from bilan.graphql.ids import uuid
from bilan.graphql.limits import PAGE_COST
from bilan.graphql.reports.inputs import chosen, in_the_schemas_words, report_input
from bilan.graphql.reports.types import (
    FileType,
    ReportKindType,
    ReportType,
    RunType,
    file_type,
    kind_type,
    report_type,
    run_type,
)
from bilan.graphql.scalars import Raw
from bilan.reports.common import Locality, parameters_of
from bilan.reports.values import Draft, Seen
from bilan.runs.listing import Wanted
from bilan.runs.values import RenderSpec
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from bilan.registry.declared import Registry

DRAWING_SECONDS = 10.0
"""How long a request waits for a file to be drawn."""

RunConnection: Any = connection_of(RunType)
ReportConnection: Any = connection_of(ReportType)
Formats = Annotated[
    list[str] | None, strawberry.argument(description="Files to draw as soon as it is built.")
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
ANYWHERE = Locality("UTC", 0)


def report_queries(registry: Registry) -> dict[str, StrawberryField]:  # noqa: ARG001 - the mutations' shape
    """The fields of the query."""
    return {
        "report_kinds": strawberry.field(_report_kinds, description="What can be reported."),
        "reports": strawberry.field(
            _reports, graphql_type=ReportConnection, description="Saved reports you may see, by name."
        ),
        "report": strawberry.field(_report, description="One saved report."),
        "runs": strawberry.field(
            _runs, graphql_type=RunConnection, description="Runs you may see, the newest first."
        ),
        "run": strawberry.field(_run, description="One run."),
    }


async def _report_kinds(info: Info) -> list[ReportKindType]:
    actor = info.context.actor
    locality = Locality(actor.zone, actor.first_weekday)
    kinds = info.context.services.reports.kinds()
    return [kind_type(info, kind, parameters_of(kind, locality)) for kind in kinds]


async def _reports(info: Info, first: First = 25, after: After = None) -> Any:
    info.context.spend(PAGE_COST)
    window = page_arguments(first, after)
    found = await info.context.services.reports.list(info.context.actor)
    page = [report_type(one) for one in found[window.offset : window.offset + window.limit]]
    return to_connection(page, len(found), window)


async def _report(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="The report's id.")],  # noqa: A002
) -> ReportType:
    return report_type(await info.context.services.reports.get(info.context.actor, uuid(id)))


async def _runs(
    info: Info,
    first: First = 25,
    after: After = None,
    report: Annotated[strawberry.ID | None, strawberry.argument(description="Only of this report.")] = None,
    state: Annotated[State | None, strawberry.argument(description="Only in this state.")] = None,
    kind: Annotated[str | None, strawberry.argument(description="Only of this kind of report.")] = None,
    asked_by: Annotated[strawberry.ID | None, strawberry.argument(description="Only of this person.")] = None,
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


async def _run(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="The run's id.")],  # noqa: A002
) -> RunType:
    return run_type(info, await info.context.services.runs.get(info.context.actor, uuid(id)))


def report_mutations(registry: Registry) -> dict[str, StrawberryField]:
    """The fields of the mutation. Those that take parameters are typed from the declared kinds."""
    fields = {
        "build_kind": strawberry.mutation(
            _build_kind,
            description="Build a report of a kind that is named by its key, its parameters as text or JSON.",
        ),
        "run_report": strawberry.mutation(_run_report, description="Run a saved report once more."),
        "cancel_run": strawberry.mutation(_cancel_run, description="Stop a run."),
        "draw_file": strawberry.mutation(
            _draw_file,
            description=(
                "Have a file of a run; nothing is built again. Null where it takes longer: "
                "follow the run, or ask again."
            ),
        ),
        "delete_report": strawberry.mutation(
            _delete_report, description="Remove a saved report for good; its runs stay."
        ),
    }
    if registry.reports:
        parameters = {key: parameters_of(kind, ANYWHERE) for key, kind in registry.reports.items()}
        fields |= _typed(registry, report_input(registry, parameters))
    return fields


def _typed(registry: Registry, made: Any) -> dict[str, StrawberryField]:
    async def build(
        info: Info, report: Any, formats: Formats = None, sources: Sources = None, key: Key = None
    ) -> RunType:
        kind, values = chosen(registry, report)
        context = info.context
        with in_the_schemas_words():
            run = await context.services.runs.start(
                context.actor,
                kind,
                values,
                _render_specs(context, formats or ()),
                sources=await _sources(context, sources),
                key=key,
            )
        return run_type(info, run)

    async def save(
        info: Info,
        name: str,
        report: Any,
        id: strawberry.ID | None = None,  # noqa: A002
        formats: Formats = None,
        sources: Sources = None,
        if_version: int | None = None,
        key: Key = None,
    ) -> ReportType:
        kind, values = chosen(registry, report)
        context, reports = info.context, info.context.services.reports
        draft = Draft(name=name, kind=kind, parameters=values, sources=await _sources(context, sources))
        with in_the_schemas_words():
            if id is None:
                draft = replace(draft, formats=tuple(formats or draft.formats))
                return report_type(await reports.create(context.actor, draft, key=key))
            old = await reports.get(context.actor, uuid(id))
            draft = replace(draft, formats=old.formats if formats is None else tuple(formats))
            seen = None if if_version is None else Seen(if_version)
            return report_type(await reports.edit(context.actor, old.id, draft, seen=seen))

    report = Annotated[made, strawberry.argument(description="The kind and its parameters.")]
    save.__annotations__["formats"] = Annotated[
        list[str] | None,
        strawberry.argument(description="Files to draw with each run; html without, or those it had."),
    ]
    build.__annotations__["report"] = save.__annotations__["report"] = report
    save.__annotations__["name"] = Annotated[str, strawberry.argument(description="What to call it.")]
    save.__annotations__["if_version"] = Annotated[
        int | None,
        strawberry.argument(
            description="Replace it only while it has this version; a conflict where somebody changed it."
        ),
    ]
    save.__annotations__["id"] = Annotated[
        strawberry.ID | None, strawberry.argument(description="The report to replace; a new one without.")
    ]
    return {
        "build_report": strawberry.mutation(build, description="Build a report without saving it first."),
        "save_report": strawberry.mutation(save, description="Save a report, or replace what it holds."),
    }


async def _build_kind(
    info: Info,
    kind: Annotated[str, strawberry.argument(description="The kind's key, for example email.campaign.")],
    parameters: Annotated[
        Raw | None, strawberry.argument(description="Its parameters, by key; defaults for what is left out.")
    ] = None,
    formats: Formats = None,
    language: Annotated[
        str | None, strawberry.argument(description="The language of the files; the reader's without.")
    ] = None,
    sources: Sources = None,
    key: Key = None,
) -> RunType:
    context = info.context
    values: Any = {} if parameters is None else parameters
    if not isinstance(values, dict):
        raise Invalid(_("Parameters are an object, each by its key."), ("parameters",))
    run = await context.services.runs.start(
        context.actor,
        kind,
        cast("dict[str, Any]", values),
        [RenderSpec(one, language or context.formatter.language) for one in formats or ()],
        sources=await _sources(context, sources),
        key=key,
    )
    return run_type(info, run)


async def _run_report(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="The report's id.")],  # noqa: A002
    formats: Annotated[
        list[str] | None, strawberry.argument(description="Files to draw; the report's own without.")
    ] = None,
    key: Key = None,
) -> RunType:
    context = info.context
    report = await context.services.reports.get(context.actor, uuid(id))
    run = await context.services.runs.start(
        context.actor,
        report.kind,
        report.parameters,
        _render_specs(context, report.formats if formats is None else formats),
        title=report.name,
        report=report.id,
        sources=report.sources,
        key=key,
    )
    return run_type(info, run)


async def _cancel_run(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="The run's id.")],  # noqa: A002
) -> RunType:
    return run_type(info, await info.context.services.runs.cancel(info.context.actor, uuid(id)))


async def _draw_file(
    info: Info,
    run: Annotated[strawberry.ID, strawberry.argument(description="The run's id.")],
    format: Annotated[str, strawberry.argument(description="The format, for example csv.")],  # noqa: A002
    language: Annotated[str | None, strawberry.argument(description="The language of labels.")] = None,
    zone: Annotated[
        str | None, strawberry.argument(description="The zone that instants are shown in.")
    ] = None,
    options: Annotated[
        Raw | None, strawberry.argument(description='The format\'s options, by key: {content: "global"}.')
    ] = None,
) -> FileType | None:
    context = info.context
    given: Any = {} if options is None else options
    if not isinstance(given, dict):
        raise Invalid(_("Options are an object, each by its key."), ("options",))
    spec = RenderSpec(format, language or context.formatter.language, zone, cast("dict[str, Any]", given))
    drawn = await context.services.runs.render(context.actor, uuid(run, "run"), spec, seconds=DRAWING_SECONDS)
    return file_type(drawn) if drawn else None


async def _delete_report(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="The report's id.")],  # noqa: A002
) -> bool:
    await info.context.services.reports.delete(info.context.actor, uuid(id))
    return True


async def _sources(context: Context, wanted: list[strawberry.ID] | None) -> frozenset[UUID] | None:
    if wanted is None:
        return None
    return frozenset(one.id for one in await context.services.sources.readable(context.actor, wanted))


def _render_specs(context: Context, formats: Sequence[str]) -> list[RenderSpec]:
    return [RenderSpec(one, context.formatter.language) for one in formats]
