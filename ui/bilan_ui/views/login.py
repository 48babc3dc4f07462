"""Signing in and out, and the language of the pages."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from bilan.accounts.door import KNOWN_FOR
from bilan.accounts.values import SignedIn
from bilan.first_owner import is_awaited
from bilan.http.identity import COOKIE
from bilan.http.problems import retry_headers
from bilan.sdk.errors import BilanError
from bilan.sdk.messages import Message
from bilan_ui import cookies
from bilan_ui.forms import mistakes, text
from bilan_ui.page_request import LANGUAGE_COOKIE, LANGUAGES, PageRequest
from bilan_ui.pages import open_view, safe_next

YEAR = 365 * 24 * 3600
BROWSER = "bilan_browser"
"""The cookie by which a browser is known to the person who signed in with it."""


@open_view
async def start(request: PageRequest) -> Response:
    """``/`` leads to the reports, or to signing in."""
    return RedirectResponse("/reports" if request.someone else "/sign-in", status_code=303)


@open_view
async def sign_in_form(request: PageRequest) -> Response:
    """The page to sign in on."""
    then = safe_next(request.http.query_params.get("next"))
    if request.someone is not None:
        return request.go(then)
    if await is_awaited(request.services):
        return request.go("/first-owner")
    return request.page("sign_in.html", {"email": "", "next": then, "mistakes": []})


@open_view
async def sign_in(request: PageRequest) -> Response:
    """Check the password and start a session."""
    form = await request.form()
    email, then = text(form, "email"), safe_next(text(form, "next"))
    try:
        signed = await request.services.sessions.sign_in(
            email,
            text(form, "password"),
            ip=request.ip,
            user_agent=request.http.headers.get("user-agent", ""),
            browser=cookies.read(request.http, BROWSER) or "",
        )
    except BilanError as error:
        shown = {"email": email, "next": then, "mistakes": mistakes(error)}
        refused = request.page("sign_in.html", shown, status=error.status)
        refused.headers.update(retry_headers(error))
        return refused
    return let_in(request, signed, then)


def let_in(request: PageRequest, signed: SignedIn, then: str, *, say: Message | None = None) -> Response:
    """Lead on, with a browser that keeps the session and stays known."""
    response = request.go(then, say=say)
    lasts = int((signed.expires_at - request.services.clock.now()).total_seconds())
    cookies.keep(request.http, response, COOKIE, signed.token, seconds=lasts)
    known_for = int(KNOWN_FOR.total_seconds())
    cookies.keep(request.http, response, BROWSER, signed.browser, seconds=known_for)
    return response


@open_view
async def sign_out(request: PageRequest) -> Response:
    """End the session, here and on the server."""
    if token := cookies.read(request.http, COOKIE):
        await request.services.sessions.sign_out(token)
    response = request.go("/sign-in")
    cookies.drop(request.http, response, COOKIE)
    return response


@open_view
async def language(request: PageRequest) -> Response:
    """Remember the language of this browser."""
    form = await request.form()
    response = request.go(safe_next(text(form, "next")))
    wanted = text(form, "language")
    if wanted in dict(LANGUAGES):
        cookies.keep(request.http, response, LANGUAGE_COOKIE, wanted, seconds=YEAR)
    return response
