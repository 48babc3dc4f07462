"""Sources: added, looked after, and asked what they rejected."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

import msgspec
from starlette.responses import Response, StreamingResponse

from bilan.accounts.policy import Action, allowed
from bilan.ingest.rejects import Rejected
from bilan.operations.sources import webhook_address
from bilan.rendering.guard import guarded
from bilan.sdk.errors import BilanError, NotFound
from bilan.sdk.messages import Message, messages
from bilan.sdk.sources import SourceKind
from bilan.sources import Source
from bilan.sources.settings import parameters_of
from bilan_ui.forms import Field, fields, mistakes, raw_values
from bilan_ui.pages import Visit, view

_, n_ = messages("ui")

QUIET = timedelta(days=7)


@dataclass(frozen=True)
class Health:
    """How a source does, as a badge."""

    kind: str
    text: Message


@view
async def sources(visit: Visit) -> Response:
    """The sources one may know of."""
    found = await visit.services.sources.list(visit.actor)
    listed = [{"source": one, "label": _label(visit, one), "health": _health(visit, one)} for one in found]
    return visit.page("sources.html", {"sources": listed, "may_add": allowed(visit.actor, Action.ADD_SOURCE)})


@view
async def kinds(visit: Visit) -> Response:
    """What can be added, by plugin."""
    plugins = [
        {"namespace": one.plugin.namespace, "label": one.plugin.label, "kinds": one.sources}
        for one in visit.services.registry.declared
        if one.sources
    ]
    return visit.page("source_kinds.html", {"plugins": plugins})


@view
async def new(visit: Visit) -> Response:
    """The form of a new source."""
    kind = _chosen_kind(visit)
    return _form(visit, kind, {}, name=visit.formatter.text(kind.label))


@view
async def add(visit: Visit) -> Response:
    """Add the source."""
    kind, form = _chosen_kind(visit), await visit.form()
    raw, name = raw_values(parameters_of(kind), form), str(form.get("name", ""))
    try:
        source = await visit.services.sources.add(
            visit.actor, plugin=visit.request.path_params["plugin"], kind=kind.key, name=name, settings=raw
        )
    except BilanError as error:
        return _form(visit, kind, raw, name=name, error=error)
    return visit.go(f"/sources/{source.id}", say=_("{name} is added.", name=source.name))


@view
async def source(visit: Visit) -> Response:
    """One source: its address, health, imports and rejects."""
    found = await visit.services.sources.get(visit.actor, visit.request.path_params["id"])
    kind, actor, services = _kind_of(visit, found), visit.actor, visit.services
    may_import = allowed(actor, Action.IMPORT, sources=(found.id,))
    counts = await services.rejects.counts(actor, found.id) if may_import else None
    depth = await services.inbox.depth()
    shown = {
        "source": found,
        "kind": kind,
        "address": webhook_address(services, found),
        "health": _health(visit, found),
        "may_manage": allowed(actor, Action.MANAGE_SOURCE, sources=(found.id,)) and found.removed_at is None,
        "may_import": may_import and found.removed_at is None,
        "facts": counts.accepted if counts else None,
        "rejected": counts.rejected if counts else None,
        "waiting": depth.posts,
        "imports": await services.imports.list(actor, found.id)
        if may_import and not found.removed_at
        else (),
    }
    return visit.page("source.html", shown)


@view
async def edit(visit: Visit) -> Response:
    """The form of a source's settings."""
    found = await visit.services.sources.get(visit.actor, visit.request.path_params["id"])
    raw = {**found.settings, "verify": "on" if found.verify else "off"}
    return _form(visit, _kind_of(visit, found), raw, name=found.name, source=found)


@view
async def change(visit: Visit) -> Response:
    """Save a source's settings."""
    found = await visit.services.sources.get(visit.actor, visit.request.path_params["id"])
    kind, form = _kind_of(visit, found), await visit.form()
    raw, name = raw_values(parameters_of(kind), form), str(form.get("name", ""))
    try:
        await visit.services.sources.change(
            visit.actor, found.id, name=name, settings=raw, zone=str(form.get("source_zone", "")) or None
        )
    except BilanError as error:
        return _form(visit, kind, raw, name=name, source=found, error=error)
    return visit.go(f"/sources/{found.id}", say=_("Saved."))


@view
async def rotate(visit: Visit) -> Response:
    """Give the source a new webhook address."""
    found = await visit.services.sources.get(visit.actor, visit.request.path_params["id"])
    await visit.services.sources.rotate_address(visit.actor, found.id)
    return visit.go(
        f"/sources/{found.id}", say=_("The source has a new address; the old one no longer works.")
    )


@view
async def remove(visit: Visit) -> Response:
    """Take the source out of use."""
    found = await visit.services.sources.get(visit.actor, visit.request.path_params["id"])
    await visit.services.sources.remove(visit.actor, found.id)
    return visit.go("/sources", say=_("{name} is removed.", name=found.name))


@view
async def rejects(visit: Visit) -> Response:
    """The rows that could not be used."""
    found = await visit.services.sources.get(visit.actor, visit.request.path_params["id"])
    before = visit.request.query_params.get("before", "")
    page = await visit.services.rejects.list(
        visit.actor, found.id, before=int(before) if before.isdigit() else None
    )
    here = f"/sources/{found.id}/rejects"
    shown = {
        "source": found,
        "rejects": page.rows,
        "pages": {"previous": None, "next": f"{here}?before={page.older}" if page.older else None},
    }
    return visit.page("rejects.html", shown)


@view
async def rejects_file(visit: Visit) -> Response:
    """The rejected rows as a file."""
    found = await visit.services.sources.get(visit.actor, visit.request.path_params["id"])
    draw = {"csv": _csv, "jsonl": _jsonl}.get(visit.request.path_params["format"])
    if draw is None:
        raise NotFound(_("Rejected rows come as csv or jsonl."))
    rows = visit.services.rejects.read(visit.actor, found.id)
    first = await anext(rows, None)  # so that a refusal is a page, not a broken file
    name = f"rejects.{visit.request.path_params['format']}"
    return StreamingResponse(
        draw(first, rows),
        headers={"content-disposition": f'attachment; filename="{name}"'},
        media_type="text/plain",
    )


async def _csv(first: Rejected | None, rows: AsyncIterator[Rejected]) -> AsyncIterator[str]:
    yield _line(["at", "row", "reason", "raw"])
    async for one in _all(first, rows):
        yield _line([one.at.isoformat(), str(one.number), guarded(str(one.reason)), guarded(one.raw or "")])


def _line(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


async def _jsonl(first: Rejected | None, rows: AsyncIterator[Rejected]) -> AsyncIterator[bytes]:
    async for one in _all(first, rows):
        told = {"at": one.at, "row": one.number, "reason": str(one.reason), "raw": one.raw}
        yield msgspec.json.encode(told) + b"\n"


async def _all(first: Rejected | None, rows: AsyncIterator[Rejected]) -> AsyncIterator[Rejected]:
    if first is not None:
        yield first
    async for one in rows:
        yield one


def _form(
    visit: Visit,
    kind: SourceKind,
    raw: dict[str, Any],
    *,
    name: str,
    source: Source | None = None,
    error: BilanError | None = None,
) -> Response:
    parameters = parameters_of(kind)
    offered = {one.key: one.choices for one in parameters if not callable(one.choices)}
    wrong = [error] if error else []
    named = error.message if error and error.path[:1] == ("name",) else None
    base = f"/sources/{source.id}" if source else "/sources"
    plugin = visit.request.path_params.get("plugin", "")
    shown = {
        "kind": kind,
        "heading": source.name if source else visit.formatter.text(kind.label),
        "back": {"href": base, "label": visit.formatter.text(_("Back"))},
        "action": f"{base}/edit" if source else f"/sources/new/{plugin}/{kind.key}",
        "name": Field("name", _("What to call it"), "text", name, error=named, required=True),
        "fields": fields(parameters, raw, offered, wrong),
        "mistakes": mistakes(*wrong),
        "zones": sorted(available_timezones()),
    }
    return visit.page("source_form.html", shown, status=error.status if error else 200)


def _chosen_kind(visit: Visit) -> SourceKind:
    params = visit.request.path_params
    found = visit.services.registry.source_kinds.get((params["plugin"], params["kind"]))
    if found is None:
        raise NotFound(_("There is no such kind of source."))
    return found


def _kind_of(visit: Visit, found: Source) -> SourceKind:
    kind = visit.services.registry.source_kinds.get((found.plugin, found.kind))
    if kind is None:
        raise NotFound(_("The plugin of this source is not installed."))
    return kind


def _label(visit: Visit, found: Source) -> Message | str:
    kind = visit.services.registry.source_kinds.get((found.plugin, found.kind))
    return kind.label if kind else found.kind


def _health(visit: Visit, found: Source) -> Health:
    if found.removed_at is not None:
        return Health("cancelled", _("removed"))
    if found.last_received_at is None:
        return Health("waiting", _("nothing yet"))
    if visit.services.clock.now() - found.last_received_at > QUIET:
        return Health("warning", _("quiet for a week or more"))
    return Health("succeeded", _("receiving"))
