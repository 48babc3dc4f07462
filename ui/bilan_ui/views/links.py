"""Links of e-mails: the file at once, without a sign-in; a page where that is no longer possible."""

from __future__ import annotations

from starlette.responses import Response

from bilan.http.downloads import send_file
from bilan.sdk.errors import Expired, TooMany
from bilan.sdk.messages import messages
from bilan_ui.pages import open_view
from bilan_ui.visit import Visit

_, n_ = messages("ui")


@open_view
async def link(visit: Visit) -> Response:
    """The file. Looking changes nothing, so programs that try every link do no harm."""
    token = visit.request.path_params["token"]
    try:
        artifact = await visit.services.deliveries.linked(token)
    except Expired as expired:
        shown = {"token": token, "said": expired.message, "fresh": None}
        return visit.page("link.html", shown, status=expired.status)
    answer = send_file(visit.services, artifact)
    answer.headers["x-robots-tag"] = "noindex"
    if visit.request.method == "HEAD":
        return Response(headers=dict(answer.headers), media_type=artifact.media_type)
    return answer


@open_view
async def fresh(visit: Visit) -> Response:
    """Send a fresh link to the address that had this one."""
    token = visit.request.path_params["token"]
    try:
        where = await visit.services.deliveries.renew(token)
    except TooMany as error:
        shown = {"token": None, "said": error.message, "fresh": None}
        return visit.page("link.html", shown, status=error.status)
    return visit.page("link.html", {"token": None, "said": None, "fresh": where})
