"""Links of e-mails: the file at once, without a sign-in; a page where that is no longer possible."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from bilan.http.downloads import send_file
from bilan.sdk.errors import Expired, TooMany
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import QUIET, open_view


@open_view
async def link(request: PageRequest) -> Response:
    """The file. Looking changes nothing, so programs that try every link do no harm."""
    token = request.http.path_params["token"]
    try:
        artifact = await request.services.download_links.open(token)
    except Expired as expired:
        shown = {"token": token, "said": expired.message, "fresh": None}
        return _page(request, shown, expired.status)
    answer = send_file(request.services, artifact)
    answer.headers.update(QUIET)
    if request.http.method == "HEAD":
        return Response(headers=dict(answer.headers), media_type=artifact.media_type)
    return answer


@open_view
async def fresh(request: PageRequest) -> Response:
    """Send a fresh link to the address that had this one."""
    token = request.http.path_params["token"]
    try:
        where = await request.services.download_links.reissue_link(token, request.ip)
    except TooMany as error:
        shown = {"token": None, "said": error.message, "fresh": None}
        return _page(request, shown, error.status)
    return _page(request, {"token": None, "said": None, "fresh": where})


def _page(request: PageRequest, shown: dict[str, Any], status: int = 200) -> Response:
    answer = request.page("link.html", shown, status=status)
    answer.headers.update(QUIET)
    return answer
