"""The review of a report: what a run of it will build, in words, before it is launched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import anyio.to_thread
from starlette.datastructures import FormData
from starlette.responses import Response

from bilan.accounts.policy import Action, allowed
from bilan.parameters import check
from bilan.rendering.selection import SELECTING
from bilan.reports.request import request_for
from bilan.reports.service import locality_of
from bilan.reports.values import Draft, SavedReport
from bilan.runs.values import Rendition
from bilan.sdk.errors import BilanError, Conflict
from bilan.sdk.messages import messages
from bilan.sdk.parameters import Parameter, ParameterKind
from bilan.sdk.periods import Compare, Preset, Span
from bilan.sdk.query import Ask
from bilan.sdk.rendering import Renderer
from bilan.sdk.reports import ReportKind
from bilan_ui.building import fillable
from bilan_ui.fields import Field
from bilan_ui.forms import fields, mistakes, raw_values
from bilan_ui.pages import view
from bilan_ui.summaries import summary
from bilan_ui.views.reports import saved_report
from bilan_ui.visit import Visit

_, n_ = messages("ui")

DAY = timedelta(days=1)
TOLD = frozenset({"period", "compare", "zone"})
"""Parameters that the review tells with the days they stand for."""


@dataclass(frozen=True)
class Offer:
    """A format that can be drawn with the run, and how it may be asked for."""

    renderer: Renderer
    chosen: bool
    fields: list[Field]

    @property
    def name(self) -> str:
        """The name of its box."""
        return f"format.{self.renderer.format}"

    @property
    def touched(self) -> bool:
        """Whether something about it is filled in or wrong, so that its options are open."""
        return any(one.error for one in self.fields)


@view
async def review(visit: Visit) -> Response:
    """What will be built, and which files are to be drawn with it."""
    saved = await saved_report(visit)
    return await _review(visit, saved, {one: {} for one in saved.formats if one != "html"})


@view
async def launch(visit: Visit) -> Response:
    """Run the report and draw the chosen files as soon as it is there."""
    saved, form = await saved_report(visit), await visit.form()
    chosen = _chosen(visit, form)
    language = visit.formatter.language
    try:
        started = await visit.services.runs.start(
            visit.actor,
            saved.kind,
            saved.parameters,
            [Rendition(name, language, options=options) for name, options in chosen.items()],
            title=saved.name,
            report=saved.id,
            sources=saved.sources,
        )
    except BilanError as error:
        return await _review(visit, saved, chosen, error)
    await _remember(visit, saved, tuple(chosen))
    return visit.go(f"/runs/{started.id}")


async def _remember(visit: Visit, saved: SavedReport, chosen: tuple[str, ...]) -> None:
    """What was drawn this time is offered the next, by those who may change the report."""
    formats = chosen or ("html",)
    if formats == saved.formats or not allowed(
        visit.actor, Action.WRITE_REPORT, sources=saved.sources, personal=saved.personal
    ):
        return
    draft = Draft(saved.name, saved.kind, saved.parameters, formats, saved.sources)
    await visit.services.reports.edit(visit.actor, saved.id, draft)


async def _review(
    visit: Visit, saved: SavedReport, chosen: Mapping[str, Mapping[str, Any]], error: BilanError | None = None
) -> Response:
    services = visit.services
    kind = services.registry.reports.get(saved.kind)
    if kind is None:
        raise Conflict(_("The plugin that makes this report is not installed, so it cannot run."))
    names = {one.id: one.name for one in await services.sources.readable(visit.actor)}
    ask = services.query.ask([one for one in saved.sources if one in names])
    days, compared, wrong = await anyio.to_thread.run_sync(_days, visit, saved, kind, ask)
    said = summary([one for one in fillable(visit, kind) if one.key not in TOLD], saved.parameters)
    found = [one for one in (*wrong, error) if one is not None]
    shown = {
        "report": saved,
        "kind": kind,
        "days": days,
        "compared": compared,
        "zone": saved.parameters.get("zone") or visit.actor.zone,
        "summary": said,
        "sources": sorted(names[one] for one in saved.sources if one in names),
        "offers": [_offer(one, chosen, found) for one in services.registry.renderers.values()],
        "mistakes": mistakes(*found),
        "launchable": not wrong,
        "may_edit": allowed(visit.actor, Action.WRITE_REPORT, sources=saved.sources, personal=saved.personal),
    }
    return visit.page("review.html", shown, status=error.status if error else 200)


def _days(
    visit: Visit, saved: SavedReport, kind: ReportKind, ask: Ask
) -> tuple[tuple[str, str] | None, tuple[str, str] | None, tuple[BilanError, ...]]:
    """The first and the last day of the period and of the one before, and what would be refused."""
    locality = locality_of(visit.actor)
    wrong = check(fillable(visit, kind), saved.parameters, ask=ask).errors
    if wrong:
        return None, None, wrong
    now = visit.services.clock.now()
    request = request_for(kind, saved.parameters, as_of=now, locality=locality, ask=ask)
    oldest = None
    if request.period.preset is Preset.SINCE_OLDEST:
        oldest = min((found[0] for one in kind.datasets if (found := ask.extent(one))), default=None)
    span = request.span(oldest)
    before = request.compare.of(span) if request.compare is not Compare.NONE else None
    return _pair(span), _pair(before), ()


def _pair(span: Span | None) -> tuple[str, str] | None:
    return None if span is None else (span.start.isoformat(), (span.end - DAY).isoformat())


def _offer(renderer: Renderer, chosen: Mapping[str, Mapping[str, Any]], errors: list[BilanError]) -> Offer:
    parameters = _asked(renderer)
    raw = {f"{renderer.format}.{key}": value for key, value in chosen.get(renderer.format, {}).items()}
    offered = {one.key: one.choices for one in parameters if not callable(one.choices)}
    named = [error for error in errors if error.path]
    return Offer(renderer, renderer.format in chosen, fields(parameters, raw, offered, named))


def _asked(renderer: Renderer) -> tuple[Parameter, ...]:
    """What can be asked of a file, under names of its own; which parts is asked when the report is made."""
    known = (*SELECTING[:1], *renderer.options)
    return tuple(replace(one, key=f"{renderer.format}.{one.key}", advanced=False) for one in known)


def _chosen(visit: Visit, form: FormData) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for renderer in visit.services.registry.renderers.values():
        if f"format.{renderer.format}" not in form:
            continue
        parameters = _asked(renderer)
        raw = raw_values(parameters, form)
        unset = {
            one.key for one in parameters if one.kind is not ParameterKind.FLAG and raw.get(one.key) == ""
        }
        found[renderer.format] = {
            key.partition(".")[2]: value for key, value in raw.items() if key not in unset
        }
    return found
