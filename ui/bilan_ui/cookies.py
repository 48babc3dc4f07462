"""Cookies: read by nobody's scripts, sent to no other site, and bound to this host where there is HTTPS."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bilan.http.identity import cookie_name


def read(request: Request, name: str) -> str | None:
    """What a browser keeps under the name."""
    return request.cookies.get(cookie_name(name, secure=_secure(request)))


def keep(
    request: Request, response: Response, name: str, value: str, *, seconds: int, framed: bool = False
) -> None:
    """Have the browser keep it for so long. ``framed`` sends it from frames of other sites too."""
    secure = _secure(request)
    elsewhere = framed and secure  # without HTTPS no browser sends it from there
    response.set_cookie(
        cookie_name(name, secure=secure), value, max_age=seconds, httponly=True,
        samesite="none" if elsewhere else "lax", secure=secure,
    )  # fmt: skip
    if elsewhere:
        # For each site that frames it by itself, which browsers ask for; Starlette knows that later.
        response.headers["set-cookie"] += "; Partitioned"


def drop(request: Request, response: Response, name: str) -> None:
    """Have the browser forget it."""
    secure = _secure(request)
    response.delete_cookie(cookie_name(name, secure=secure), httponly=True, samesite="lax", secure=secure)


def _secure(request: Request) -> bool:
    return request.app.state.services.settings.cookies_secure
