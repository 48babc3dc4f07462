"""Confirming an address, by the link of the e-mail that asks for it. Looking changes nothing."""

from __future__ import annotations

from starlette.responses import Response

from bilan.delivery.confirmations import Confirmation
from bilan.sdk.errors import BilanError, TooMany
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import keyed_view


@keyed_view
async def confirmation(request: PageRequest) -> Response:
    """What is asked, with the one button that answers it."""
    return _page(request, await request.services.confirmations.look(_token(request)))


@keyed_view
async def confirm(request: PageRequest) -> Response:
    """The address is confirmed; what waited for that leaves."""
    try:
        found = await request.services.confirmations.confirm(_token(request))
    except BilanError as error:
        return _page(request, await request.services.confirmations.look(_token(request)), error)
    return _page(request, found)


@keyed_view
async def ask_again(request: PageRequest) -> Response:
    """Another question, to the address that had this one."""
    confirmations = request.services.confirmations
    try:
        await confirmations.ask_again(_token(request), request.ip)
    except TooMany as error:
        return _page(request, await confirmations.look(_token(request)), error)
    return _page(request, await confirmations.look(_token(request)), asked=True)


def _page(
    request: PageRequest, found: Confirmation, error: BilanError | None = None, *, asked: bool = False
) -> Response:
    shown = {
        "token": _token(request),
        "found": found,
        "said": error.message if error else None,
        "asked": asked,
    }
    return request.page("confirm.html", shown, status=error.status if error else 200)


def _token(request: PageRequest) -> str:
    return request.http.path_params["token"]
