"""The files of a run with options: the paper, a password, the delimiter; drawn from what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from bilan.http.downloads import send_file
from bilan.rendering.selection import SELECTING
from bilan.runs.values import Purpose, RenderSpec, Run
from bilan.sdk.errors import BilanError, Conflict, NotFound
from bilan.sdk.rendering import Renderer
from bilan_ui.formats import offer, options
from bilan_ui.forms import mistakes
from bilan_ui.pages import view
from bilan_ui.textdomain import _
from bilan_ui.views.history import full_title
from bilan_ui.visit import Visit

DRAWING_SECONDS = 5.0
"""How long a click waits for its file; then the run's page tells how far it is."""


@view
async def files(visit: Visit) -> Response:
    """Every format with what can be asked of it."""
    return await _page(visit, await _run(visit), {})


@view
async def draw(visit: Visit) -> Response:
    """The file as it is asked for. The options are sent, not put in an address: one may be a password."""
    found, form = await _run(visit), await visit.form()
    renderer = visit.services.registry.renderers.get(visit.request.path_params["format"])
    if renderer is None:
        raise NotFound(_("There is no such format."))
    wished = options(renderer, form)
    spec = RenderSpec(renderer.format, visit.formatter.language, options=wished)
    try:
        artifact = await visit.services.runs.draw(visit.actor, found.id, spec, seconds=DRAWING_SECONDS)
    except BilanError as error:
        return await _page(visit, found, {renderer.format: wished}, _placed(renderer, error))
    return send_file(visit.services, artifact) if artifact else visit.go(f"/runs/{found.id}")


def _placed(renderer: Renderer, error: BilanError) -> BilanError:
    """The error beside the field of the format that it is about, where it is about one."""
    keys = {one.key for one in (*SELECTING, *renderer.options)}
    about = [key for key in error.path[:1] if key in keys]
    return type(error)(error.message, tuple(f"{renderer.format}.{key}" for key in about))


async def _run(visit: Visit) -> Run:
    found = await visit.services.runs.get(visit.actor, visit.ident(_("There is no such run.")))
    if found.purpose is not Purpose.REPORT or not found.readable:
        raise Conflict(_("This run has no report to download."))
    return found


async def _page(
    visit: Visit, found: Run, chosen: Mapping[str, Mapping[str, Any]], error: BilanError | None = None
) -> Response:
    wrong = [error] if error else []
    shown = {
        "run": found,
        "title": await full_title(visit, found),
        "offers": [offer(one, chosen, wrong) for one in visit.services.registry.renderers.values()],
        "mistakes": mistakes(error),
    }
    return visit.page("files.html", shown, status=error.status if error else 200)
