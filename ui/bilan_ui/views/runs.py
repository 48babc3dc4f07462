"""Runs: their progress, the report itself, and its files. See docs/decisions/039."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID

import anyio.to_thread
from markupsafe import Markup
from starlette.responses import Response

from bilan.accounts.policy import Action, allowed
from bilan.drilldown.addresses import Addresses
from bilan.http.downloads import send_file
from bilan.ingest.uploads import Upload
from bilan.pictures import pictures_of_run
from bilan.rendering.blocks import render_about, render_blocks, render_cover
from bilan.rendering.context import NO_BRAND, render_context
from bilan.rendering.drilldown_links import DrilldownLinks, no_links
from bilan.rendering.html_format import HTML
from bilan.rendering.selection import CUSTOM, GLOBAL, selected
from bilan.reports.parts import rows_of
from bilan.runs.values import Purpose, RenderSpec, Run, RunStep
from bilan.sdk.document import Document, Section
from bilan.sdk.errors import BilanError, Conflict, NotFound
from bilan.sdk.rendering import Renderer
from bilan.work import State
from bilan_ui.contact_links import contact_href, subject_href
from bilan_ui.kind_pages import address_of, page_of
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import view
from bilan_ui.sharing_rights import may_share
from bilan_ui.sorting import Sorting
from bilan_ui.textdomain import _
from bilan_ui.views.history import full_title
from bilan_ui.views.rows import RowLinks

RENDERING_SECONDS = 5.0
"""How long a click waits for its file; then the page tells how far it is."""


@view
async def run(request: PageRequest) -> Response:
    """A run while it works, and what came of it."""
    services = request.services
    found = await services.runs.get(request.actor, _id(request))
    if request.fragment and request.http.query_params.get("revision") == found.revision:
        return Response(status_code=204)  # nothing has moved, so nothing is rendered again
    deliveries = await services.deliveries.list(request.actor, found.id)
    shown = {
        "run": found,
        "fragment": request.fragment,
        "title": await full_title(request, found),
        "back": await _back(request, found),
        "deliveries": deliveries,
        "live": None if found.working else f"/runs/{found.id}",
        "resolvable": await services.resolve_unknown.resolvable(request.actor, found, deliveries),
        "formats": {one.format: request.say(one.label) for one in services.registry.renderers.values()},
        "failed_renders": [(step, _address(found, step)) for step in found.failed_renders],
        "outcome": await _outcome(request, found),
        "schedule_href": await schedule_href(request, found),
        "contact_href": subject_href(request, services.registry.reports.get(found.kind), found.values),
        "may_share": may_share(request, found),
        "shares": await services.shares.list(request.actor, found.id),
        **(await shown_report(request, found) if found.readable else NO_REPORT),
    }
    return request.page("run.html", shown, block="live")


@view
async def cancel(request: PageRequest) -> Response:
    """Stop a run. One that was over before is shown as it ended."""
    ident = _id(request)
    try:
        await request.services.runs.cancel(request.actor, ident)
    except Conflict as over:
        return request.go(f"/runs/{ident}", say=over.message, kind="warning")
    return request.go(f"/runs/{ident}")


@view
async def again(request: PageRequest) -> Response:
    """Run the same again."""
    started = await request.services.runs.restart(request.actor, _id(request), key=await request.key())
    return request.go(f"/runs/{started.id}")


@view
async def download(request: PageRequest) -> Response:
    """The report as a file in the reader's language; rendered from the stored document, never built again.

    What the address's query names are the format's options; ``again`` names
    a file of the run in place of them. A file that takes longer is waited
    for on the run's page.
    """
    ident, query = _id(request), request.http.query_params
    spec = await _tried(request, ident, query["again"]) if "again" in query else _asked(request)
    artifact = await request.services.runs.render(request.actor, ident, spec, seconds=RENDERING_SECONDS)
    return send_file(request.services, artifact) if artifact else request.go(f"/runs/{ident}")


async def _tried(request: PageRequest, run: UUID, step: str) -> RenderSpec:
    """What a step of the run renders, with its options as they are kept: secret ones stay sealed."""
    found = await request.services.runs.get(request.actor, run)
    for one in found.steps:
        if str(one.id) == step and one.render_spec:
            return one.render_spec
    raise NotFound(_("There is no page at this address."))


def _asked(request: PageRequest) -> RenderSpec:
    query = request.http.query_params
    options = {key: query.getlist(key) for key in query if key not in ("language", "zone")}
    return RenderSpec(
        request.http.path_params["format"],
        query.get("language", request.formatter.language),
        query.get("zone"),
        {key: found[0] if len(found) == 1 else found for key, found in options.items()},
    )


def _address(found: Run, step: RunStep) -> str:
    """Where the step's file is asked for once more."""
    assert step.render_spec is not None  # noqa: S101 - it renders a file
    return f"/runs/{found.id}/files/{step.render_spec.format}?again={step.id}"


NO_REPORT: Mapping[str, Any] = {
    "downloads": (), "report_html": None, "picked": False, "whole": False, "contents": (),
}  # fmt: skip


async def shown_report(
    request: PageRequest, found: Run, *, path: str | None = None, pictures: str | None = None
) -> dict[str, Any]:
    """The report as it is shown, what it can be downloaded as, and what there is to jump to.

    A ``path`` is that of a viewer's page, whose figures lead nowhere and which
    holds the logo, whose address takes a session; ``pictures`` is where its pictures are.
    """
    services, formatter = request.services, request.formatter
    address, pictures = path or f"/runs/{found.id}", pictures or f"/pictures/{found.id}"
    document = await services.runs.document(request.actor, found.id)
    # Viewers see what the report chose, and nothing that was left out for them.
    whole = path is None and request.http.query_params.get("parts") == "all"
    picked = any(one.key == "blocks" and one.value for one in document.parameters)
    brand = await services.branding.info(found.workspace)
    options = {"content": GLOBAL} if whole else {}
    inside = await services.branding.brand(brand) if path else NO_BRAND
    context = render_context(services.registry, HTML.format, formatter, brand.name, options, inside)
    shown = selected(document, context, HTML)
    wanted = request.http.query_params.get("sort", "")
    sorting = Sorting.asked(address, wanted, (("parts", "all"),) if whole else ())
    rows = sorting.rows(rows_of(services.files), formatter)
    links: DrilldownLinks = no_links
    if path is None:
        links = RowLinks(address, Addresses(document), partial(contact_href, request), wanted)

    kept = await pictures_of_run(found.id)

    def picture(key: str) -> str:
        return f"{pictures}/{key}" if key in kept else ""

    def render() -> Markup:
        cover = render_cover(shown, context, titled=False, logo=None if path else brand.logo_url)
        blocks = render_blocks(shown, context, rows, heads=sorting.head, links=links, pictures=picture)
        hint = request.say(_("Figures lead to the rows behind them.")) if "rows-behind" in blocks else ""
        said = Markup('<p class="left-out">{}</p>').format(hint) if hint else ""
        return Markup("").join((cover, said, blocks, render_about(shown, context)))

    return {
        "report_html": await anyio.to_thread.run_sync(render),
        "downloads": [
            _file(request, found, one, picked=picked)
            for one in services.registry.renderers_of(found.kind).values()
        ],
        "picked": picked,
        "whole": whole,
        "contents": [
            *_sections(request, shown),
            {"id": "about", "title": request.say(_("About this report"))},
        ],
    }


def _sections(request: PageRequest, document: Document) -> list[dict[str, str]]:
    return [
        {"id": f"section-{place}", "title": request.formatter.text(block.title)}
        for place, block in enumerate(document.blocks)
        if isinstance(block, Section)
    ]


def _file(request: PageRequest, found: Run, renderer: Renderer, *, picked: bool) -> dict[str, Any]:
    """A file to download: as it comes, and the other way where the report chose its parts."""
    href, language = f"/runs/{found.id}/files/{renderer.format}", request.formatter.language
    rendered = (
        one
        for one in found.artifacts
        if (one.render_spec.format, one.render_spec.language) == (renderer.format, language)
        and not one.render_spec.options
    )
    return {
        "href": href,
        "label": request.say(renderer.label),
        "size": next((one.size for one in rendered), None),
        "data": renderer.data,
        "other": f"{href}?content={CUSTOM if renderer.data else GLOBAL}" if picked else None,
    }


async def schedule_href(request: PageRequest, found: Run) -> str | None:
    """Where a run's report is scheduled: its saved report, or a new one with the same values."""
    kind = request.services.registry.reports.get(found.kind)
    rights: Mapping[str, Any] = {"sources": found.sources, "personal": found.personal}
    if kind is None or not found.readable or not allowed(request.actor, Action.SCHEDULE_REPORT, **rights):
        return None
    with suppress(NotFound):
        if found.report is not None:
            return f"/reports/{(await request.services.reports.get(request.actor, found.report)).id}/schedule"
    return f"/reports/new/{found.kind}?run={found.id}&schedule=on"


async def _outcome(request: PageRequest, found: Run) -> Upload | None:
    """What came of an import, for those who may import into its source."""
    if found.purpose is not Purpose.IMPORT or found.state is State.WAITING:
        return None
    if not allowed(request.actor, Action.IMPORT, sources=found.sources):
        return None
    try:
        return await request.services.imports.get(request.actor, UUID(str(found.values["upload"])))
    except BilanError:
        return None  # its source was removed since


async def _back(request: PageRequest, found: Run) -> dict[str, Any]:
    if (kind := page_of(request, found.kind)) and kind.named_by:
        return {"href": address_of(kind), "label": request.say(_("Back to the list")), "button": True}
    if found.report is not None:
        try:
            saved = await request.services.reports.get(request.actor, found.report)
        except BilanError:
            pass  # the report was deleted since; its runs stay
        else:
            return {"href": f"/reports/{saved.id}", "label": saved.name, "button": False}
    if kind := page_of(request, found.kind):
        return {"href": address_of(kind), "label": request.say(kind.label), "button": False}
    return {"href": "/runs", "label": request.say(_("History")), "button": False}


def _id(request: PageRequest) -> UUID:
    return request.ident(_("There is no such run."))
