"""Pictures of facts and of reports, for the browsers and programs of those who may see them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bilan.accounts.policy import signed_in
from bilan.pictures import pictures_of_run, readable_pictures
from bilan.rendering.picture_files import media_type
from bilan.sdk.errors import NotFound
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from bilan.services import Services

KEY = re.compile("[0-9a-f]{64}", re.ASCII)
HEADERS = {
    # Asked for again each time: it may be erased, or the reader's role be taken away.
    "cache-control": "private, no-cache",
    # A picture that is opened by itself runs nothing and loads nothing.
    "content-security-policy": "default-src 'none'; sandbox",
}


def picture_routes(services: Services) -> list[Route]:
    """``/pictures/{key}``, to who may read a source of it; ``/pictures/{run}/{key}``, those of a report."""

    async def of_source(request: Request) -> Response:
        actor, key = signed_in(request.state.actor), request.path_params["key"]
        if not (KEY.fullmatch(key) and await readable_pictures(actor, [key])):
            raise _missing()
        return await send_picture(services, request, key)

    async def of_run(request: Request) -> Response:
        run = await services.runs.get(signed_in(request.state.actor), _uuid(request.path_params["run"]))
        key = request.path_params["key"]
        if key not in await pictures_of_run(run.id):
            raise _missing()
        return await send_picture(services, request, key)

    return [
        Route("/pictures/{key}", of_source, name="picture"),
        Route("/pictures/{run}/{key}", of_run, name="run picture"),
    ]


async def send_picture(services: Services, request: Request, key: str) -> Response:
    """A picture, unless the browser has it."""
    headers = {**HEADERS, "etag": f'"{key}"'}
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    content = await services.files.read(key)
    return Response(content, media_type=media_type(content), headers=headers)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise _missing() from error


def _missing() -> NotFound:
    return NotFound(_("There is no such picture."))
