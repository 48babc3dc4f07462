"""Runs: their progress, the report itself, and its files."""

from __future__ import annotations

from uuid import UUID

import anyio.to_thread
from markupsafe import Markup
from starlette.responses import Response

from bilan.http.downloads import send_file
from bilan.rendering.blocks import draw_about, draw_blocks, draw_cover
from bilan.rendering.looks import look_for
from bilan.reports.parts import rows_of
from bilan.runs.listing import Wanted
from bilan.runs.values import Purpose, Rendition, Run, State
from bilan.sdk.errors import NotFound
from bilan.sdk.messages import messages
from bilan_ui.pages import Visit, view

_, n_ = messages("ui")

PAGE = 25
STEP_NAMES = {
    "build": _("Asking the warehouse and building the report"),
    "import": _("Reading the file"),
    "render:csv": _("Drawing the CSV"),
    "render:html": _("Drawing the HTML file"),
}


@view
async def runs(visit: Visit) -> Response:
    """Everything that was run, the newest first."""
    offset = max(int(visit.request.query_params.get("from", "0") or 0), 0)
    page = await visit.services.runs.list(visit.actor, Wanted(), offset=offset, limit=PAGE)
    shown = {
        "runs": page.runs,
        "titles": {run.id: _title(visit, run) for run in page.runs},
        "pages": {
            "previous": f"/runs?from={max(offset - PAGE, 0)}" if offset else None,
            "next": f"/runs?from={offset + PAGE}" if offset + PAGE < page.total else None,
        },
    }
    return visit.page("runs.html", shown)


@view
async def run(visit: Visit) -> Response:
    """A run while it works, and what came of it."""
    found = await visit.services.runs.get(visit.actor, _id(visit))
    shown = {
        "run": found,
        "title": _title(visit, found),
        "back": await _back(visit, found),
        "step_names": STEP_NAMES,
        "downloads": _formats(visit) if found.document_sha256 else [],
        "report_html": await _drawn(visit, found) if found.document_sha256 else None,
        "outcome": await _outcome(visit, found),
    }
    return visit.page("run.html", shown, block="live")


@view
async def cancel(visit: Visit) -> Response:
    """Stop a run."""
    await visit.services.runs.cancel(visit.actor, _id(visit))
    return visit.go(f"/runs/{_id(visit)}")


@view
async def again(visit: Visit) -> Response:
    """Run the same again."""
    started = await visit.services.runs.restart(visit.actor, _id(visit))
    return visit.go(f"/runs/{started.id}")


@view
async def download(visit: Visit) -> Response:
    """The report as a file in the reader's language; drawn from the stored document, never built again."""
    rendition = Rendition(visit.request.path_params["format"], visit.formatter.language)
    artifact = await visit.services.runs.artifact(visit.actor, _id(visit), rendition)
    return send_file(visit.services, artifact)


def _formats(visit: Visit) -> list[tuple[str, str]]:
    renderers = visit.services.registry.renderers.values()
    return [(one.format, visit.formatter.text(one.label)) for one in renderers]


async def _drawn(visit: Visit, found: Run) -> Markup:
    services = visit.services
    document = await services.runs.document(visit.actor, found.id)
    look = look_for(services.registry, "html", visit.formatter)
    rows = rows_of(services.files)

    def draw() -> Markup:
        parts = (draw_cover(document, look), draw_blocks(document, look, rows), draw_about(document, look))
        return Markup("").join(parts)

    return await anyio.to_thread.run_sync(draw)


async def _outcome(visit: Visit, found: Run) -> object | None:
    if found.purpose is not Purpose.IMPORT or found.state is State.WAITING:
        return None
    return await visit.services.imports.get(visit.actor, UUID(str(found.values["upload"])))


async def _back(visit: Visit, found: Run) -> dict[str, str]:
    if found.report is not None:
        return {"href": f"/reports/{found.report}", "label": visit.formatter.text(_("Report"))}
    return {"href": "/runs", "label": visit.formatter.text(_("History"))}


def _title(visit: Visit, found: Run) -> str:
    kind = visit.services.registry.reports.get(found.kind)
    return found.title or (visit.formatter.text(kind.label) if kind else found.kind)


def _id(visit: Visit) -> UUID:
    try:
        return UUID(visit.request.path_params["id"])
    except ValueError as error:
        raise NotFound(_("There is no such run.")) from error
