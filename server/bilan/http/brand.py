"""The workspace's logo and accent, for its people's browsers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bilan.accounts.policy import signed_in
from bilan.rendering.colours import accent_style
from bilan.rendering.context import style_of

if TYPE_CHECKING:
    from bilan.services import Services

COLOUR = re.compile("[0-9a-f]{6}")
KEPT = "private, max-age=31536000, immutable"
"""What has its hash in its address never changes."""


def brand_routes(services: Services) -> list[Route]:
    """``/brand/logo/{hash}``, to those who are signed in; the style of an accent, and plugins' styles."""

    async def logo(request: Request) -> Response:
        actor = signed_in(request.state.actor)
        content, media_type = await services.branding.logo(actor, request.path_params["hash"])
        # A picture that is opened by itself runs nothing and loads nothing.
        headers = {"cache-control": KEPT, "content-security-policy": "default-src 'none'; sandbox"}
        return Response(content, media_type=media_type, headers=headers)

    async def accent(request: Request) -> Response:
        # The colour stands in the address: viewers of a shared report, who have no session, see it too.
        named = request.query_params.get("v", "")
        style = accent_style(f"#{named}") if COLOUR.fullmatch(named) else ""
        headers = {"cache-control": KEPT if named else "no-store"}
        return Response(style, media_type="text/css", headers=headers)

    style = style_of(services.registry)

    async def looks(request: Request) -> Response:
        headers = {"cache-control": KEPT if request.query_params.get("v") else "no-store"}
        return Response(style, media_type="text/css", headers=headers)

    return [
        Route("/brand/looks.css", looks, name="looks"),
        Route("/brand/logo/{hash}", logo, name="logo"),
        Route("/brand/accent.css", accent, name="accent"),
    ]
