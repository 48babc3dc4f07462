"""Sources: chosen, added and changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from starlette.datastructures import FormData
from starlette.responses import Response

from bilan.accounts.policy import Action, require
from bilan.sdk.errors import BilanError, NotFound, Unauthenticated
from bilan.sdk.messages import Message
from bilan.sdk.parameters import ParameterKind
from bilan.sdk.pulls import Discovery
from bilan.sdk.sources import SourceKind
from bilan.sources.settings import parameters_of
from bilan_ui.fields import Field
from bilan_ui.forms import fields, mistakes, raw_values, text, wrong_in
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import view
from bilan_ui.textdomain import _
from bilan_ui.views.pulls import tested
from bilan_ui.views.sources import the_source

if TYPE_CHECKING:
    from bilan.sources import Source


@dataclass(frozen=True)
class Filled:
    """What is filled in for a source: a new one, or one that is there."""

    kind: SourceKind
    action: str
    name: str
    zone: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict[str, Any])
    source: Source | None = None
    tested: bool = False
    """Whether the service is to be asked what the token can see, once it is saved."""


@view
async def kinds(request: PageRequest) -> Response:
    """What can be added, by plugin."""
    require(request.actor, Action.ADD_SOURCE)
    plugins = [
        {"namespace": one.plugin.namespace, "label": one.plugin.label, "kinds": one.sources}
        for one in request.services.registry.declared
        if one.sources
    ]
    return request.page("source_kinds.html", {"plugins": plugins})


@view
async def new(request: PageRequest) -> Response:
    """The form of a new source."""
    require(request.actor, Action.ADD_SOURCE)
    kind = _chosen(request)
    return _form(request, Filled(kind, request.http.url.path, request.say(kind.label), request.actor.zone))


@view
async def add(request: PageRequest) -> Response:
    """Add the source."""
    filled = _filled(_chosen(request), request.http.url.path, await request.form())
    try:
        source = await request.services.sources.add(
            request.actor,
            plugin=request.http.path_params["plugin"],
            kind=filled.kind.key,
            name=filled.name,
            settings=filled.raw,
            zone=filled.zone or None,
        )
    except BilanError as error:
        return _form(request, filled, error)
    if filled.tested:
        return await tested(request, source.id)
    return request.go(f"/sources/{source.id}", say=_("{name} is added.", name=source.name))


@view
async def find_profiles(request: PageRequest) -> Response:
    """Ask for the profiles behind the token, and show them to choose from."""
    require(request.actor, Action.ADD_SOURCE)
    action = request.http.url.path.removesuffix("/profiles")
    filled = _filled(_chosen(request), action, await request.form())
    try:
        found = await request.services.pulls.discover(
            request.actor, request.http.path_params["plugin"], filled.kind.key, filled.raw
        )
    except BilanError as error:
        return _form(request, filled, error)
    return request.go(f"/sources/profiles/{found.id}")


@view
async def edit(request: PageRequest) -> Response:
    """The form of a source's settings."""
    source = await the_source(request)
    require(request.actor, Action.MANAGE_SOURCE, sources=(source.id,))
    raw = {**source.settings, "verify": source.verify}
    return _form(
        request, Filled(_kind(request, source), _edit(source), source.name, source.zone, raw, source)
    )


@view
async def change(request: PageRequest) -> Response:
    """Save a source's settings."""
    source = await the_source(request)
    filled = _filled(_kind(request, source), _edit(source), await request.form(), source)
    try:
        await request.services.sources.change(
            request.actor, source.id, name=filled.name, settings=filled.raw, zone=filled.zone or None
        )
    except BilanError as error:
        return _form(request, filled, error)
    if filled.tested:
        return await tested(request, source.id)
    return request.go(f"/sources/{source.id}", say=_("Saved."))


def _edit(found: Source) -> str:
    return f"/sources/{found.id}/edit"


def _filled(kind: SourceKind, action: str, form: FormData, source: Source | None = None) -> Filled:
    raw = raw_values(parameters_of(kind), form)
    return Filled(kind, action, text(form, "name"), text(form, "source_zone"), raw, source, "test" in form)


def _form(request: PageRequest, filled: Filled, error: BilanError | None = None) -> Response:
    parameters, wrong, source = parameters_of(filled.kind), wrong_in(error), filled.source
    # Choices that depend on facts make no sense before there are any.
    offered = {one.key: one.choices for one in parameters if not callable(one.choices)}
    rendered = fields(parameters, filled.raw, offered, [error] if error else [])
    if not any(one.kind is ParameterKind.ZONE for one in parameters):
        rendered.append(_zone(filled.zone, wrong.get("zone")))
    shown = {
        "kind": filled.kind,
        "discovers": source is None and isinstance(filled.kind.pull, Discovery),
        "heading": source.name if source else request.say(filled.kind.label),
        "back": {
            "href": f"/sources/{source.id}" if source else "/sources/new",
            "label": request.say(_("Back")),
        },
        "action": filled.action,
        "name": Field(
            "name", _("What to call it"), "text", filled.name, error=wrong.get("name"), required=True
        ),
        "fields": rendered,
        "sealed": source.sealed if source else frozenset[str](),
        "advanced_open": error is not None,
        "mistakes": mistakes(error),
        "zones": sorted(available_timezones()),
    }
    # What the service says of a token is no word about who fills in the form.
    status = 200 if error is None else 422 if isinstance(error, Unauthenticated) else error.status
    return request.page("source_form.html", shown, status=status)


def _zone(zone: str, wrong: Message | None) -> Field:
    """Kinds that say nothing about zones have the core's."""
    told = _("Reads times that name no zone themselves.")
    return Field("source_zone", _("Time zone"), "zone", zone, told, wrong, advanced=True)


def _chosen(request: PageRequest) -> SourceKind:
    params = request.http.path_params
    kind = request.services.registry.source_kinds.get((params["plugin"], params["kind"]))
    if kind is None:
        raise NotFound(_("There is no such kind of source."))
    return kind


def _kind(request: PageRequest, found: Source) -> SourceKind:
    kind = request.services.registry.source_kinds.get((found.plugin, found.kind))
    if kind is None:
        raise NotFound(_("The plugin of this source is not installed."))
    return kind
