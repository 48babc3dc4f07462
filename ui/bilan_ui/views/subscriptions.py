"""What comes to a recipient, and its end: without a sign-in, by the link of any e-mail they got."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from bilan.schedules.subscriptions import Subscribed
from bilan.sdk.errors import NotFound
from bilan.sdk.messages import Message
from bilan_ui.forms import text
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import keyed_view
from bilan_ui.textdomain import _


@keyed_view
async def subscriptions(request: PageRequest) -> Response:
    """The list. Looking changes nothing, so programs that try every link do no harm."""
    return _page(request, await request.services.subscriptions.look(_token(request)))


@keyed_view
async def change(request: PageRequest) -> Response:
    """End or begin something: by a button of the page, or by one click in a mail program (RFC 8058)."""
    service, token, form = request.services.subscriptions, _token(request), await request.form()
    match text(form, "then"):
        case "end":
            found = await service.end(token, _schedule(text(form, "schedule")))
        case "resume":
            found = await service.resume(token, _schedule(text(form, "schedule")))
            return _page(request, found, _("It comes again from now on."))
        case _:
            found = await service.unsubscribe(token)
    return _page(request, found, _("You will get no more of it."))


def _schedule(given: str) -> UUID | None:
    """Which one is meant; everything without one."""
    if not given:
        return None
    try:
        return UUID(given)
    except ValueError as error:
        raise NotFound(_("There is no such report.")) from error


def _page(request: PageRequest, found: Subscribed, said: Message | None = None) -> Response:
    said = None if found.test else said
    return request.page("subscriptions.html", {"token": _token(request), "found": found, "said": said})


def _token(request: PageRequest) -> str:
    return request.http.path_params["token"]
