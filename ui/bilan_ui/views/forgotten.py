"""A forgotten password: a link comes by e-mail to whoever has the address."""

from __future__ import annotations

from starlette.background import BackgroundTask
from starlette.responses import Response

from bilan.http.problems import retry_headers
from bilan.sdk.errors import BilanError
from bilan_ui.forms import mistakes, text
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import open_view


@open_view
async def forgotten(request: PageRequest) -> Response:
    """The page to ask on."""
    return _page(request)


@open_view
async def ask(request: PageRequest) -> Response:
    """Say the same in the same time, whoever has the address; what is sent is sent afterwards."""
    form = await request.form()
    mails = request.services.account_mails
    try:
        address = await mails.admit(text(form, "email"), request.ip)
    except BilanError as error:
        return _page(request, error)
    response = _page(request, asked=True)
    response.background = BackgroundTask(mails.reset, address)
    return response


def _page(request: PageRequest, error: BilanError | None = None, *, asked: bool = False) -> Response:
    mails = request.services.account_mails.sends
    shown = {"asked": asked and mails, "mails": mails, "mistakes": mistakes(error)}
    answer = request.page("forgotten.html", shown, status=error.status if error else 200)
    if error is not None:
        answer.headers.update(retry_headers(error))
    return answer
