"""Report kinds, saved reports, runs and files as types."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from bilan.drilldown.values import Window
from bilan.graphql.connections import page_size
from bilan.graphql.context import Info
from bilan.graphql.deliveries import DeliveryType, delivery_type
from bilan.graphql.enums import ParameterKind, Purpose, State
from bilan.graphql.limits import PAGE_COST
from bilan.graphql.presenting import as_type
from bilan.graphql.reports.blocks import DocumentType
from bilan.graphql.reports.documents import Presenter
from bilan.graphql.reports.drilldown import DrilldownType, drilldown_page
from bilan.graphql.scalars import BigInt, Raw
from bilan.reports.parts import rows_of
from bilan.reports.values import SavedReport
from bilan.runs.values import Artifact, Run, RunStep
from bilan.sdk.parameters import Choice, Parameter
from bilan.sdk.reports import ReportKind


@strawberry.type(name="Choice", description="A value to choose.")
class ChoiceType:
    value: str = strawberry.field(description="What to send.")
    label: str = strawberry.field(description="What people read.")


@strawberry.type(name="Parameter", description="One thing to fill in.")
class ParameterType:
    key: str = strawberry.field(description="Its name in inputs.")
    label: str = strawberry.field(description="What people read.")
    help: str | None = strawberry.field(description="What to know when filling it in.")
    kind: ParameterKind = strawberry.field(description="What it holds.")
    required: bool = strawberry.field(description="Whether it must be filled in.")
    choices: list[ChoiceType] = strawberry.field(description="Its fixed choices; others depend on the facts.")


@strawberry.type(name="ReportKind", description="A kind of report.")
class ReportKindType:
    key: str = strawberry.field(description="The kind's key.")
    label: str = strawberry.field(description="What people read.")
    description: str = strawberry.field(description="What it answers.")
    parameters: list[ParameterType] = strawberry.field(description="What can be filled in.")
    formats: list[str] = strawberry.field(description="The formats it can be had in.")
    personal: bool = strawberry.field(description="Whether it takes the permission EXPORT_CONTACT_DATA.")


@strawberry.type(name="Step", description="A part of a run that can fail and be tried again by itself.")
class StepType:
    name: str = strawberry.field(description="What it does.")
    state: State = strawberry.field(description="Where it is.")
    attempt: int = strawberry.field(description="Counts from 1; 0 before the first.")
    progress: float = strawberry.field(description="From 0 to 1.")
    detail: str | None = strawberry.field(description="What is being done.")
    error: str | None = strawberry.field(description="Why it failed.")
    format: str | None = strawberry.field(description="The format, where it renders a file.")


@strawberry.type(name="File", description="A file rendered from a run's document.")
class FileType:
    id: strawberry.ID = strawberry.field(description="The file's id.")
    format: str = strawberry.field(description="Its format.")
    name: str = strawberry.field(description="What it is called.")
    media_type: str = strawberry.field(description="Its media type.")
    size: BigInt = strawberry.field(description="Its size in bytes.")
    sha256: str = strawberry.field(description="The hash of its bytes.")
    url: str = strawberry.field(description="Where to download it, with the same credentials.")
    created_at: datetime = strawberry.field(description="When it was rendered, in UTC.")


@strawberry.type(name="Run", description="One time that a report was built or a file imported.")
class RunType:
    id: strawberry.ID = strawberry.field(description="The run's id.")
    purpose: Purpose = strawberry.field(description="What it is for.")
    kind: str = strawberry.field(description="The report kind's key, or the reader of an import.")
    title: str | None = strawberry.field(description="Its title, where it was given one.")
    parameters: Raw = strawberry.field(description="The parameters as they were given.")
    zone: str = strawberry.field(description="The zone that cuts days; it never changes.")
    state: State = strawberry.field(description="Where it is.")
    progress: float = strawberry.field(description="From 0 to 1.")
    steps: list[StepType] = strawberry.field(description="Its parts.")
    rendering: list[StepType] = strawberry.field(
        description="The files being rendered, also once the run is over."
    )
    files: list[FileType] = strawberry.field(description="The files rendered so far.")
    size: BigInt = strawberry.field(description="The bytes of all its files.")
    error: str | None = strawberry.field(description="Why it failed.")
    asked_by: str = strawberry.field(description="Who asked for it.")
    as_of: datetime | None = strawberry.field(description="When the facts were looked at, in UTC.")
    created_at: datetime = strawberry.field(description="When it was asked for, in UTC.")
    started_at: datetime | None = strawberry.field(description="When work began, in UTC.")
    finished_at: datetime | None = strawberry.field(description="When it was over, in UTC.")
    document_sha256: str | None = strawberry.field(description="The hash of its stored document.")
    kept: bool = strawberry.field(description="False where its figures are erased soon.")
    erased_at: datetime | None = strawberry.field(description="When its figures were erased, in UTC.")
    erased_because: str | None = strawberry.field(description="Why they were, in a sentence.")
    run: strawberry.Private[Run]

    @strawberry.field(description="What was sent of it, or by it, the newest first.")
    async def deliveries(self, info: Info) -> list[DeliveryType]:
        info.context.spend(PAGE_COST)
        listed = await info.context.services.deliveries.list(info.context.actor, self.run.id)
        return [delivery_type(info, one) for one in listed]

    @strawberry.field(description="What it built; none before it is done.")
    async def document(self, info: Info) -> DocumentType | None:
        if not self.run.readable:
            return None
        context = info.context
        context.spend(PAGE_COST)
        document = await context.services.runs.document(context.actor, self.run.id)
        return Presenter(context.formatter, rows_of(context.services.files)).document(document)

    @strawberry.field(description="The rows that one of its figures was counted from.")
    async def drilldown(
        self,
        info: Info,
        figure: Annotated[
            str,
            strawberry.argument(
                description=(
                    "The figure's address: the `path` of its block, then `:t3` for a tile, `:r14c5` for a "
                    "cell, `:sc5` for a total or `:x12y0` for a point of a chart, counted from 0; `p` behind "
                    "a tile or a point means the figure compared with, `s` the part that a source stated."
                )
            ),
        ],
        first: Annotated[
            int,
            strawberry.argument(
                description="How many rows, up to 100; of those `before` a cursor, the nearest."
            ),
        ] = 25,
        after: Annotated[
            str | None, strawberry.argument(description="The cursor after which to go on.")
        ] = None,
        before: Annotated[
            str | None, strawberry.argument(description="The cursor before which the page ends.")
        ] = None,
    ) -> DrilldownType:
        context = info.context
        context.spend(PAGE_COST)
        window = Window(page_size(first), after or "", before or "")
        page = await context.services.drilldowns.page(context.actor, self.run.id, figure, window)
        return drilldown_page(info, self.run.id, page)


@strawberry.type(name="Report", description="A report that somebody put together.")
class ReportType:
    id: strawberry.ID = strawberry.field(description="The report's id.")
    name: str = strawberry.field(description="What it is called.")
    kind: str = strawberry.field(description="Its kind's key.")
    parameters: Raw = strawberry.field(description="Its parameters as they were filled in.")
    formats: list[str] = strawberry.field(description="The files that are rendered with each run.")
    sources: list[strawberry.ID] = strawberry.field(description="The sources it reads.")
    created_by: str = strawberry.field(description="Who made it.")
    created_at: datetime = strawberry.field(description="When it was made, in UTC.")
    changed_at: datetime = strawberry.field(description="When it was last changed, in UTC.")
    changed_by: str = strawberry.field(description="Who changed it last.")
    version: int = strawberry.field(description="Counts what was saved; see ifVersion of saveReport.")


def kind_type(info: Info, kind: ReportKind, parameters: tuple[Parameter, ...]) -> ReportKindType:
    """A report kind in the reader's language."""
    return as_type(
        ReportKindType,
        kind,
        info.context.formatter.text,
        parameters=[_parameter(info, parameter) for parameter in parameters],
        formats=sorted(info.context.services.registry.renderers_of(kind.key)),
    )


def _parameter(info: Info, parameter: Parameter) -> ParameterType:
    say = info.context.formatter.text
    fixed: tuple[Choice, ...] = () if callable(parameter.choices) else parameter.choices
    choices = [as_type(ChoiceType, one, say) for one in fixed]
    return as_type(ParameterType, parameter, say, help=say(parameter.help) or None, choices=choices)


def run_type(info: Info, run: Run) -> RunType:
    """A run in the reader's language."""
    say = info.context.formatter.text
    return as_type(
        RunType,
        run,
        say,
        parameters=dict(run.values),
        steps=[_step(info, step) for step in run.steps],
        rendering=[_step(info, step) for step in run.rendering],
        files=[file_type(artifact) for artifact in run.artifacts],
        asked_by=run.asked_by_name,
        erased_because=say(run.erasure) or None,
        run=run,
    )


def _step(info: Info, step: RunStep) -> StepType:
    rendered = step.render_spec.format if step.render_spec else None
    return as_type(StepType, step, info.context.formatter.text, format=rendered)


def file_type(artifact: Artifact) -> FileType:
    """A file as the schema's type."""
    return as_type(
        FileType,
        artifact,
        format=artifact.render_spec.format,
        name=artifact.file_name,
        url=f"/files/{artifact.run}/{artifact.id}",
    )


def report_type(report: SavedReport) -> ReportType:
    """A saved report as the schema's type."""
    return as_type(
        ReportType,
        report,
        parameters=dict(report.parameters),
        created_by=report.created_by_name,
        changed_by=report.changed_by_name,
    )
