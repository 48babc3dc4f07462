"""Cookies: read by nobody's scripts, sent to no other site, and bound to this host where there is HTTPS."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bilan.http.identity import cookie_name


def read(request: Request, name: str) -> str | None:
    """What a browser keeps under the name."""
    return request.cookies.get(cookie_name(name, secure=_secure(request)))


def keep(request: Request, response: Response, name: str, value: str, *, seconds: int) -> None:
    """Have the browser keep it for so long."""
    secure = _secure(request)
    response.set_cookie(
        cookie_name(name, secure=secure), value, max_age=seconds, httponly=True, samesite="lax", secure=secure
    )


def drop(request: Request, response: Response, name: str) -> None:
    """Have the browser forget it."""
    secure = _secure(request)
    response.delete_cookie(cookie_name(name, secure=secure), httponly=True, samesite="lax", secure=secure)


def _secure(request: Request) -> bool:
    return request.app.state.services.settings.cookies_secure
