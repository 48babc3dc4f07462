"""What waits for a yes: its letters as they will leave, and the answer of who is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from starlette.responses import HTMLResponse, Response

from bilan.delivery.outbox import OpenedMail
from bilan.sdk.errors import Conflict, NotFound
from bilan_ui.forms import text
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import view
from bilan_ui.textdomain import _
from bilan_ui.views.schedules import REFUSED
from bilan_ui.views.sending import FRAME

if TYPE_CHECKING:
    from bilan.schedules.approvals import Package


async def package_of(request: PageRequest, occurrence: UUID) -> Package | None:
    """What of an occurrence waits for an answer; nothing where none is waited for any more."""
    try:
        return await request.services.approvals.package(request.actor, occurrence)
    except Conflict:
        return None


@view
async def letter(request: PageRequest) -> Response:
    """One letter: both of its texts, as they will leave but for the links of each recipient."""
    ident, number = _ids(request)
    opened = await _letter(request)
    return request.page("letter.html", {"occurrence": ident, "number": number, "opened": opened})


@view
async def letter_html(request: PageRequest) -> Response:
    """The letter's HTML alone, able to do nothing."""
    return HTMLResponse((await _letter(request)).html, headers=FRAME)


@view
async def approve(request: PageRequest) -> Response:
    """Have sent what whoever asks has seen."""
    ident, sent = _id(request), await request.form()
    try:
        await request.services.approvals.approve(request.actor, ident, text(sent, "digest"))
    except REFUSED as error:
        return request.go(f"/occurrences/{ident}", say=error.message, kind="error")
    return request.go(f"/occurrences/{ident}", say=_("It is on its way, exactly as you have seen it."))


@view
async def reject(request: PageRequest) -> Response:
    """Have it sent to nobody."""
    ident, sent = _id(request), await request.form()
    try:
        await request.services.approvals.reject(request.actor, ident, text(sent, "reason"))
    except REFUSED as error:
        return request.go(f"/occurrences/{ident}", say=error.message, kind="error")
    return request.go(f"/occurrences/{ident}", say=_("It is sent to nobody."))


async def _letter(request: PageRequest) -> OpenedMail:
    ident, number = _ids(request)
    return await request.services.approvals.letter(request.actor, ident, number)


def _ids(request: PageRequest) -> tuple[UUID, int]:
    number = request.http.path_params["number"]
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise NotFound(_("There is no such letter."))
    return _id(request), int(number)


def _id(request: PageRequest) -> UUID:
    return request.ident(_("There is no such occurrence."))
