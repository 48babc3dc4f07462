"""What a viewer's link leads to: a password field, and behind it one report. See docs/decisions/123.

Every address here answers whoever is not let in with the same page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.requests import Request
from starlette.responses import Response

from bilan.http.downloads import send_file
from bilan.http.middleware import CONTENT_SECURITY_POLICY
from bilan.http.pictures import send_picture
from bilan.http.problems import retry_headers
from bilan.pictures import pictures_of_run
from bilan.sdk.errors import BilanError, Expired, NotFound
from bilan.shares import Viewing
from bilan_ui import cookies
from bilan_ui.forms import text
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import QUIET, failure, open_view
from bilan_ui.textdomain import _
from bilan_ui.views.history import full_title
from bilan_ui.views.runs import RENDERING_SECONDS, shown_report

Shown = Callable[[PageRequest, Viewing], Awaitable[Response]]


def viewer_view(function: Shown) -> Callable[[Request], Awaitable[Response]]:
    """A page for viewers who are let in; everybody else gets the field for the password."""

    @wraps(function)
    async def shown(request: PageRequest) -> Response:
        viewing = await request.services.shared_reports.viewing(_token(request), _key(request))
        if viewing is None:
            return await _guarded(request, _field(request))
        request.admit(viewing.viewer)
        try:
            answer = await function(request, viewing)
        except BilanError as error:
            answer = failure(request, error)
        return await _guarded(request, answer)

    return open_view(shown)


@viewer_view
async def report(request: PageRequest, viewing: Viewing) -> Response:
    """The report, for who is let in. Looking changes nothing, so programs that try every link do no harm."""
    viewer, path = viewing.viewer, f"/shared/{viewing.token}"
    found = await request.services.runs.get(viewer, viewer.run)
    request.brand = await request.services.branding.info(viewer.workspace)
    language, shared = request.formatter.language, request.services.shared_reports
    files = [
        {"href": shared.file_address(viewing, one.format, language), "label": request.say(one.label)}
        for one in request.services.registry.renderers_of(found.kind).values()
        if viewing.downloads
    ]
    shown = {
        "viewing": viewing,
        "title": await full_title(request, found),
        "as_of": found.as_of,
        "files": files,
        **await shown_report(request, found, path=path, pictures=f"{path}/pictures"),
    }
    return request.page("shared_report.html", shown)


@open_view
async def enter(request: PageRequest) -> Response:
    """Let in whoever has the password, too."""
    request.someone = None
    token, shared = _token(request), request.services.shared_reports
    password = text(await request.form(), "password")
    try:
        visit = await shared.open(token, password, request.ip)
    except BilanError as error:
        return await _guarded(request, _field(request, error))
    answer = request.go(f"/shared/{token}")
    seconds = int((visit.ends_at - request.services.clock.now()).total_seconds())
    framed = bool(await shared.origins(token))
    cookies.keep(request.http, answer, cookie_of(token), visit.key, seconds=seconds, framed=framed)
    return await _guarded(request, answer)


@viewer_view
async def download(request: PageRequest, viewing: Viewing) -> Response:
    """A file of the report, at an address that is good for some minutes and for this viewer."""
    signature, back = request.http.path_params["signature"], f"/shared/{viewing.token}"
    try:
        artifact = await request.services.shared_reports.file(viewing, signature, RENDERING_SECONDS)
    except Expired as late:
        return request.go(back, say=late.message, kind="warning")
    if artifact is None:
        return request.go(back, say=_("The file is being rendered; choose it once more in a moment."))
    return send_file(request.services, artifact)


@viewer_view
async def picture(request: PageRequest, viewing: Viewing) -> Response:
    """A picture of the report."""
    key = request.http.path_params["key"]
    found = await request.services.runs.get(viewing.viewer, viewing.viewer.run)
    if key not in await pictures_of_run(found.id):
        raise NotFound(_("There is no page at this address."))
    return await send_picture(request.services, request.http, key)


def _field(request: PageRequest, error: BilanError | None = None) -> Response:
    """Nothing but the field, whoever asks and whatever their link is."""
    request.someone = None
    shown = {"action": f"/shared/{_token(request)}", "said": error.message if error else None}
    answer = request.page("shared.html", shown, status=error.status if error else 200)
    if error is not None:
        answer.headers.update(retry_headers(error))
    return answer


async def _guarded(request: PageRequest, answer: Response) -> Response:
    """Nobody is told the address, no cache keeps it, and no site but those named may frame it."""
    answer.headers.update(QUIET)
    if "content-security-policy" not in answer.headers:
        origins = await request.services.shared_reports.origins(_token(request))
        if origins:
            sites = " ".join(("'self'", *origins))
            answer.headers["content-security-policy"] = CONTENT_SECURITY_POLICY.replace(
                "frame-ancestors 'none'", f"frame-ancestors {sites}"
            )
    return answer


def _token(request: PageRequest) -> str:
    return request.http.path_params["token"]


def _key(request: PageRequest) -> str:
    return cookies.read(request.http, cookie_of(_token(request))) or ""


def cookie_of(token: str) -> str:
    """One for each link, so that two reports may be open in one browser."""
    return f"bilan_viewer_{hashlib.sha256(token.encode()).hexdigest()[:12]}"
