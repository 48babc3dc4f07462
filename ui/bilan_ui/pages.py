"""What makes a view a page: who may come, and what happens when something is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from bilan.sdk.errors import BilanError, Forbidden
from bilan_ui.textdomain import _
from bilan_ui.visit import Visit

View = Callable[[Visit], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def view(function: View) -> Endpoint:
    """A page for people who are signed in: parse, call a service, show."""

    async def shown(visit: Visit) -> Response:
        if visit.someone is None:
            return _door(visit)
        if not visit.fragment:
            visit.brand = await visit.services.branding.info(visit.someone.workspace)
        return await function(visit)

    return open_view(wraps(function)(shown))


def open_view(function: View) -> Endpoint:
    """A page for anybody."""

    @wraps(function)
    async def endpoint(request: Request) -> Response:
        visit = Visit(request)
        try:
            _same_site(request)
            return await function(visit)
        except BilanError as error:
            return failure(visit, error)
        finally:
            await request.close()  # of the files that came with a form

    return endpoint


def failure(visit: Visit, error: BilanError, *, named: bool = False) -> Response:
    """A page that says what went wrong, with the status that belongs to it.

    ``named`` adds the name of the request, under which the log says more.
    """
    name = getattr(visit.request.state, "request_id", None) if named else None
    return visit.page("error.html", {"error": error, "name": name}, status=error.status)


def safe_next(path: str | None) -> str:
    """A path of our own to go on to; anything else leads to the start."""
    # Browsers drop tabs and line breaks from addresses and read a backslash as a slash.
    if not path or not path.startswith("/") or path.startswith("//"):
        return "/reports"
    odd = "\\" in path or any(character <= " " for character in path)
    return "/reports" if odd else path


def _door(visit: Visit) -> Response:
    url = visit.request.url
    there = url.path + (f"?{url.query}" if url.query else "")
    wanted = visit.request.method == "GET" and not visit.fragment
    return visit.go(f"/sign-in?next={quote(there)}" if wanted else "/sign-in")


def _same_site(request: Request) -> None:
    """Strangers' forms too come from our own pages, so that nobody is signed in as somebody else."""
    if request.method == "POST" and request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        raise Forbidden(_("This request came from another site; open the page here and try again."))
