"""The draft of a report: what is filled in so far, what is wrong with it, and its form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import available_timezones

from starlette.datastructures import FormData
from starlette.responses import Response

from bilan.parameters.validation import check
from bilan.reports.common import locality_of, parameters_of
from bilan.reports.values import SavedReport, Seen
from bilan.sdk.errors import BilanError, Invalid
from bilan.sdk.messages import Message
from bilan.sdk.parameters import Choice, Parameter, ParameterKind
from bilan.sdk.query import QueryClient
from bilan.sdk.reports import ReportKind
from bilan_ui.fields import Field
from bilan_ui.forms import fields, mistakes, raw_values, wrong_in
from bilan_ui.kind_pages import address_of
from bilan_ui.page_request import PageRequest
from bilan_ui.report_schedule import ReportSchedule
from bilan_ui.textdomain import _

WHEN = ("period", "compare")
PARTS = "blocks"
SOURCES = Parameter(
    "sources", _("Sources"), ParameterKind.CHOICES, help=_("Without a choice, all that feed such a report.")
)
T = TypeVar("T")


@dataclass(frozen=True)
class ReportDraft:
    """The draft of a report: its kind, what is filled in so far, and the saved one that it changes."""

    kind: ReportKind
    name: str
    raw: Mapping[str, Any]
    saved: SavedReport | None = None
    errors: list[BilanError] = field(default_factory=list[BilanError])
    seen: Seen | None = None
    """What the visitor has seen of the saved one."""
    key: str | None = None
    """The key that the form came with, so that it stays the same form."""
    sources: frozenset[UUID] | None = None
    """The sources that it reads; all that feed its kind where nobody chose."""
    schedule: ReportSchedule | None = None
    """What its form says of a schedule, for those who may schedule it."""

    @property
    def action(self) -> str:
        """Where the form is sent."""
        return f"/reports/{self.saved.id}/edit" if self.saved else f"/reports/new/{self.kind.key}"

    @property
    def preview(self) -> str:
        """Where the form is sent to see what would come of it."""
        return f"/reports/{self.saved.id}/preview" if self.saved else f"/reports/new/{self.kind.key}/preview"

    @property
    def back(self) -> str:
        """Where "cancel" leads."""
        if self.kind.named_by and self.kind.page is not None:
            return address_of(self.kind)
        return f"/reports/{self.saved.id}" if self.saved else "/reports"


async def errors_of(request: PageRequest, draft: ReportDraft) -> tuple[BilanError, ...]:
    """Everything that is wrong with what is filled in."""
    nameless = (
        ()
        if draft.name.strip() or draft.kind.named_by
        else (Invalid(_("Give the report a name."), ("name",)),)
    )
    return (*nameless, *await wrong_values(request, draft))


async def wrong_values(request: PageRequest, draft: ReportDraft) -> tuple[BilanError, ...]:
    """What is wrong with the parameters."""
    parameters = fillable(request, draft.kind)
    return (await _ask(request, draft, lambda client: check(parameters, draft.raw, client=client))).errors


async def show(
    request: PageRequest,
    draft: ReportDraft,
    preview: Mapping[str, Any] | None = None,
    *,
    changed: Mapping[str, Any] | None = None,
) -> Response:
    """The form, with the preview that was asked for; htmx gets its fields alone.

    ``changed`` is what somebody else saved meanwhile, with the ways out.
    """
    shown = {
        "heading": draft.saved.name if draft.saved else request.say(draft.kind.label),
        "back": {"href": draft.back, "label": request.say(_("Back"))},
        "preview_action": draft.preview,
        "preview": preview,
        "version": draft.seen.version if draft.seen else None,
        "changed": changed,
        "schedule_action": f"/reports/new/{draft.kind.key}/schedule",
        "scheduling": draft.schedule is not None,
        **(await draft.schedule.shown(request) if draft.schedule else {}),
        **await filled_in(request, draft, draft.action),
    }
    status = 422 if draft.errors else 409 if changed else 200
    return request.page("report_form.html", shown, block="form", status=status, kept=True)


async def filled_in(request: PageRequest, draft: ReportDraft, action: str) -> dict[str, Any]:
    """The fields of the draft as a form that is sent to ``action`` shows them."""
    parameters = fillable(request, draft.kind)
    offered = await _ask(request, draft, lambda client: _offered(parameters, draft.raw, client))
    rendered = [
        *fields(parameters, draft.raw, offered, draft.errors),
        *await _sources_field(request, draft),
    ]
    name_error = wrong_in(*draft.errors).get("name")
    return {
        "kind": draft.kind,
        "action": action,
        "key": draft.key,
        "name": Field("name", _("What to call it"), "text", draft.name, error=name_error, required=True),
        "fields": rendered,
        "groups": _grouped(rendered),
        "refresh": _refresh(parameters, action),
        "mistakes": mistakes(*draft.errors),
        "advanced_open": any(one.advanced and one.error for one in rendered),
        "zones": sorted(available_timezones()),
    }


def _grouped(rendered: list[Field]) -> list[tuple[Message, list[Field]]]:
    """The fields under the questions that they answer; what is rarely needed stands apart."""
    plain = [one for one in rendered if not one.advanced]
    groups = [
        (_("When"), [one for one in plain if one.name in WHEN]),
        (_("What it shows"), [one for one in plain if one.name not in (*WHEN, PARTS)]),
        (_("Parts of the report"), [one for one in plain if one.name == PARTS and one.options]),
    ]
    return [(title, found) for title, found in groups if found]


def _refresh(parameters: tuple[Parameter, ...], action: str) -> dict[str, dict[str, str]]:
    """What makes htmx ask anew, by the parameter whose change does so.

    Only the fields that depend on it are replaced: whatever else is on the
    page, the focus among it, stays where it is.
    """
    attributes: dict[str, dict[str, str]] = {}
    for watched in {key for parameter in parameters for key in parameter.depends_on}:
        first, *rest = (f"#field-{one.key}" for one in parameters if watched in one.depends_on)
        attributes[watched] = {
            "hx-post": action,
            "hx-trigger": "change",
            "hx-sync": "closest form:replace",
            "hx-target": first,
            "hx-select": first,
            "hx-swap": "outerHTML",
        } | ({"hx-select-oob": ",".join(rest)} if rest else {})
    return attributes


def _offered(
    parameters: tuple[Parameter, ...], raw: Mapping[str, Any], client: QueryClient
) -> dict[str, tuple[Choice, ...]]:
    """What can be chosen, given what is filled in so far; what is wrong so far is left out."""
    values = check(parameters, raw, client=None).values
    return {
        one.key: one.choices(client, values) if callable(one.choices) else one.choices for one in parameters
    }


def fillable(request: PageRequest, kind: ReportKind) -> tuple[Parameter, ...]:
    """What the form asks for."""
    # The report's own name is its title here; a second one would only confuse.
    parameters = parameters_of(kind, locality_of(request.actor))
    return tuple(parameter for parameter in parameters if parameter.key != "title")


async def offered_sources(request: PageRequest, kind: ReportKind) -> dict[UUID, str]:
    """The names of the sources that feed the kind and that one may read, by their ids."""
    feeding = await request.services.sources.feeding(request.actor.workspace, kind.datasets)
    readable = await request.services.sources.readable(request.actor)
    return {one.id: one.name for one in readable if one.id in feeding}


async def chosen_sources(
    request: PageRequest, kind: ReportKind, form: FormData, saved: SavedReport | None
) -> frozenset[UUID] | None:
    """The sources that are ticked; all where none is. What one may not see of a saved report stays in it."""
    if f"{SOURCES.key}.given" not in form:
        return saved.sources if saved else None
    offered = await offered_sources(request, kind)
    ticked = set(raw_values((SOURCES,), form).get(SOURCES.key, ()))
    chosen = frozenset(one for one in offered if str(one) in ticked)
    if saved is None:
        return chosen or None
    return (chosen or frozenset(offered)) | (saved.sources - offered.keys())


async def _sources_field(request: PageRequest, draft: ReportDraft) -> list[Field]:
    """Which of several sources the report reads."""
    offered = await offered_sources(request, draft.kind)
    if len(offered) < 2:
        return []
    chosen = offered.keys() if draft.sources is None else draft.sources & offered.keys()
    ticked = [] if len(chosen) == len(offered) else sorted(map(str, chosen))
    choices = [Choice(str(one), name) for one, name in sorted(offered.items(), key=lambda pair: pair[1])]
    return fields((SOURCES,), {SOURCES.key: ticked}, {SOURCES.key: choices}, draft.errors)


async def _ask(request: PageRequest, draft: ReportDraft, work: Callable[[QueryClient], T]) -> T:
    services, actor = request.services, request.actor
    readable = {source.id for source in await services.sources.readable(actor)}
    client = await services.query.session(readable if draft.sources is None else readable & draft.sources)
    return await services.query.ask(actor.person, client, work)
