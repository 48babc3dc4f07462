"""What makes a view a page: who may come, and what happens when something is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from bilan.http.identity import from_elsewhere, from_our_pages
from bilan.http.problems import retry_headers
from bilan.sdk.errors import BilanError
from bilan_ui.page_request import PageRequest

QUIET = {"referrer-policy": "same-origin", "cache-control": "no-store", "x-robots-tag": "noindex"}
"""For pages whose address is a key: no other site is told it, and no cache keeps it.

Not ``no-referrer``, with which browsers send forms as if from nowhere: where
they do not say ``Sec-Fetch-Site``, as over plain HTTP, those would be refused.
"""
View = Callable[[PageRequest], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def view(function: View) -> Endpoint:
    """A page for people who are signed in: parse, call a service, show."""

    async def shown(request: PageRequest) -> Response:
        if request.someone is None:
            return _to_sign_in(request)
        if not request.fragment:
            request.brand = await request.services.branding.info(request.someone.workspace)
        return await function(request)

    return open_view(wraps(function)(shown))


def open_view(function: View) -> Endpoint:
    """A page for anybody."""

    @wraps(function)
    async def endpoint(http: Request) -> Response:
        request = PageRequest(http)
        try:
            if not from_our_pages(http.scope):
                # Strangers' forms too, so that nobody is signed in as somebody else.
                raise from_elsewhere()
            return await function(request)
        except BilanError as error:
            return failure(request, error)
        finally:
            await http.close()  # of the files that came with a form

    return endpoint


def keyed_view(function: View) -> Endpoint:
    """A page for whoever has its address, which is the key: mail programs post to it from anywhere.

    No other site is told it, and no cache keeps it.
    """

    @wraps(function)
    async def endpoint(http: Request) -> Response:
        request = PageRequest(http)
        try:
            answer = await function(request)
        except BilanError as error:
            answer = failure(request, error)
        finally:
            await http.close()
        answer.headers.update(QUIET)
        return answer

    return endpoint


def failure(request: PageRequest, error: BilanError, *, named: bool = False) -> Response:
    """A page that says what went wrong, with the status that belongs to it.

    ``named`` adds the name of the request, under which the log says more.
    """
    name = getattr(request.http.state, "request_id", None) if named else None
    response = request.page("error.html", {"error": error, "name": name}, status=error.status)
    response.headers.update(retry_headers(error))
    return response


def safe_next(path: str | None) -> str:
    """A path of our own to go on to; anything else leads to the start."""
    # Browsers drop tabs and line breaks from addresses and read a backslash as a slash.
    if not path or not path.startswith("/") or path.startswith("//"):
        return "/reports"
    odd = "\\" in path or any(character <= " " for character in path)
    return "/reports" if odd else path


def _to_sign_in(request: PageRequest) -> Response:
    url = request.http.url
    there = url.path + (f"?{url.query}" if url.query else "")
    wanted = request.http.method == "GET" and not request.fragment
    return request.go(f"/sign-in?next={quote(there)}" if wanted else "/sign-in")
