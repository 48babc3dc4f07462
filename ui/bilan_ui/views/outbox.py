"""The outbox: e-mails that stay in the server, because no mail server is set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, Response

from bilan.delivery.outbox import OpenedMail
from bilan.http.attachments import attachment
from bilan.sdk.errors import NotFound
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import view
from bilan_ui.textdomain import _
from bilan_ui.views.sending import FRAME

if TYPE_CHECKING:
    from bilan.delivery import KeptMail

PAGE = 50
"""E-mails on a page."""


@view
async def outbox(request: PageRequest) -> Response:
    """The kept e-mails, the newest first."""
    offset = request.number("from")
    page = await request.services.outbox.list(request.actor, offset=offset, limit=PAGE)
    shown = {
        "mails": page.mails,
        "mailing": bool(request.services.settings.mail_url),
        "pages": {
            "previous": f"/outbox?from={max(offset - PAGE, 0)}" if offset else None,
            "next": f"/outbox?from={offset + PAGE}" if offset + PAGE < page.total else None,
        },
    }
    return request.page("outbox.html", shown)


@view
async def mail(request: PageRequest) -> Response:
    """One e-mail: its headers, both of its texts and its files."""
    kept, opened = await _mail(request)
    return request.page("outbox_mail.html", {"mail": kept, "opened": opened})


@view
async def html(request: PageRequest) -> Response:
    """The e-mail's HTML alone, able to do nothing."""
    _kept, opened = await _mail(request)
    return HTMLResponse(opened.html, headers=FRAME)


@view
async def mail_attachment(request: PageRequest) -> Response:
    """A file of the e-mail."""
    _kept, opened = await _mail(request)
    by_number = {str(number): one for number, one in enumerate(opened.attachments)}
    file = by_number.get(request.http.path_params["number"])
    if file is None:
        raise NotFound(_("This e-mail has no such file."))
    headers = {"content-disposition": attachment(file.name)}
    return Response(file.content, media_type=file.media_type, headers=headers)


async def _mail(request: PageRequest) -> tuple[KeptMail, OpenedMail]:
    ident = request.ident(_("There is no such e-mail in the outbox."))
    return await request.services.outbox.get(request.actor, ident)
