"""Choosing one's own password, through a link that works once."""

from __future__ import annotations

from starlette.responses import Response

from bilan.sdk.errors import BilanError, Expired
from bilan_ui.forms import mistakes, text, wrong_in
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import QUIET, open_view
from bilan_ui.textdomain import _


@open_view
async def welcome(request: PageRequest) -> Response:
    """The page to choose it on. Looking changes nothing, so programs that try every link do no harm."""
    return await _page(request)


@open_view
async def choose(request: PageRequest) -> Response:
    """Keep the password; the link is over."""
    form = await request.form()
    try:
        await request.services.password_links.choose(_token(request), text(form, "password"))
    except BilanError as error:
        return await _page(request, error)
    return request.go("/sign-in", say=_("The password is chosen. Sign in with it."))


async def _page(request: PageRequest, error: BilanError | None = None) -> Response:
    try:
        member = await request.services.password_links.holder(_token(request))
    except Expired as expired:
        member, error = None, expired
    shown = {
        "token": _token(request),
        "email": member.email if member else "",
        "said": error.message if error and member is None else None,
        "mistakes": mistakes(error) if member else [],
        "wrong": wrong_in(error),
    }
    answer = request.page("welcome.html", shown, status=error.status if error else 200)
    answer.headers.update(QUIET)
    return answer


def _token(request: PageRequest) -> str:
    return request.http.path_params["token"]
