"""The files of a run with options: the paper, a password, the delimiter; rendered from what is stored."""

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
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import view
from bilan_ui.textdomain import _
from bilan_ui.views.history import full_title
from bilan_ui.views.runs import schedule_href

RENDERING_SECONDS = 5.0
"""How long a click waits for its file; then the run's page tells how far it is."""


@view
async def files(request: PageRequest) -> Response:
    """Every format with what can be asked of it."""
    return await _page(request, await _run(request), {})


@view
async def render(request: PageRequest) -> Response:
    """The file as it is asked for. The options are sent, not put in an address: one may be a password."""
    found, form = await _run(request), await request.form()
    renderer = request.services.registry.renderers.get(request.http.path_params["format"])
    if renderer is None:
        raise NotFound(_("There is no such format."))
    wished = options(renderer, form)
    spec = RenderSpec(renderer.format, request.formatter.language, options=wished)
    try:
        artifact = await request.services.runs.render(
            request.actor, found.id, spec, seconds=RENDERING_SECONDS
        )
    except BilanError as error:
        return await _page(request, found, {renderer.format: wished}, _placed(renderer, error))
    return send_file(request.services, artifact) if artifact else request.go(f"/runs/{found.id}")


def _placed(renderer: Renderer, error: BilanError) -> BilanError:
    """The error beside the field of the format that it is about, where it is about one."""
    keys = {one.key for one in (*SELECTING, *renderer.options)}
    about = [key for key in error.path[:1] if key in keys]
    return type(error)(error.message, tuple(f"{renderer.format}.{key}" for key in about))


async def _run(request: PageRequest) -> Run:
    found = await request.services.runs.get(request.actor, request.ident(_("There is no such run.")))
    if found.purpose is not Purpose.REPORT or not found.readable:
        raise Conflict(_("This run has no report to download."))
    return found


async def _page(
    request: PageRequest, found: Run, chosen: Mapping[str, Mapping[str, Any]], error: BilanError | None = None
) -> Response:
    wrong = [error] if error else []
    shown = {
        "run": found,
        "title": await full_title(request, found),
        "offers": [
            offer(one, chosen, wrong) for one in request.services.registry.renderers_of(found.kind).values()
        ],
        "mistakes": mistakes(error),
        "schedule_href": await schedule_href(request, found),
    }
    return request.page("files.html", shown, status=error.status if error else 200)
