"""Building and saving reports, typed from the declared kinds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types.field import StrawberryField

from bilan.graphql.context import Info
from bilan.graphql.ids import uuid
from bilan.graphql.reports.arguments import Formats, Key, Sources, readable_sources, render_specs
from bilan.graphql.reports.inputs import chosen, in_the_schemas_words, report_input
from bilan.graphql.reports.types import ReportType, RunType, report_type, run_type
from bilan.reports.common import Locality, parameters_of
from bilan.reports.values import Draft, Seen

if TYPE_CHECKING:
    from bilan.registry.declared import Registry

ANYWHERE = Locality("UTC", 0)


def typed_mutations(registry: Registry) -> dict[str, StrawberryField]:
    """The fields of the mutation that take the declared kinds with their parameters; none without kinds."""
    if not registry.reports:
        return {}
    made = report_input(
        registry, {key: parameters_of(kind, ANYWHERE) for key, kind in registry.reports.items()}
    )

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
                render_specs(context, formats or ()),
                sources=await readable_sources(context, sources),
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
        draft = Draft(
            name=name, kind=kind, parameters=values, sources=await readable_sources(context, sources)
        )
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
        strawberry.argument(description="Files to render with each run; html without, or those it had."),
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
