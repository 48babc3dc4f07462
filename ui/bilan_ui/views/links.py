"""Links of e-mails: the file at once, without a sign-in; a page where that is no longer possible."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from bilan.http.downloads import send_file
from bilan.sdk.errors import Expired, TooMany
from bilan_ui.pages import open_view
from bilan_ui.visit import Visit

QUIET = {"referrer-policy": "no-referrer", "cache-control": "no-store", "x-robots-tag": "noindex"}
"""The address of these pages is the key to a file: no other address is told it, and no cache keeps it."""


@open_view
async def link(visit: Visit) -> Response:
    """The file. Looking changes nothing, so programs that try every link do no harm."""
    token = visit.request.path_params["token"]
    try:
        artifact = await visit.services.linked.open(token)
    except Expired as expired:
        shown = {"token": token, "said": expired.message, "fresh": None}
        return _page(visit, shown, expired.status)
    answer = send_file(visit.services, artifact)
    answer.headers.update(QUIET)
    if visit.request.method == "HEAD":
        return Response(headers=dict(answer.headers), media_type=artifact.media_type)
    return answer


@open_view
async def fresh(visit: Visit) -> Response:
    """Send a fresh link to the address that had this one."""
    token = visit.request.path_params["token"]
    try:
        where = await visit.services.linked.renew(token, visit.ip)
    except TooMany as error:
        shown = {"token": None, "said": error.message, "fresh": None}
        return _page(visit, shown, error.status)
    return _page(visit, {"token": None, "said": None, "fresh": where})


def _page(visit: Visit, shown: dict[str, Any], status: int = 200) -> Response:
    answer = visit.page("link.html", shown, status=status)
    answer.headers.update(QUIET)
    return answer
