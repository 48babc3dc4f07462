"""Coming in and going out, and the language of the pages."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from bilan.http.identity import COOKIE
from bilan.sdk.errors import BilanError
from bilan_ui.forms import mistakes, text
from bilan_ui.pages import open_view, safe_next
from bilan_ui.visit import LANGUAGE_COOKIE, LANGUAGES, Visit

YEAR = 365 * 24 * 3600


@open_view
async def start(visit: Visit) -> Response:
    """``/`` leads to the reports, or to the door."""
    return RedirectResponse("/reports" if visit.someone else "/sign-in", status_code=303)


@open_view
async def sign_in_form(visit: Visit) -> Response:
    """The door."""
    then = safe_next(visit.request.query_params.get("next"))
    if visit.someone is not None:
        return visit.go(then)
    return visit.page("sign_in.html", {"email": "", "next": then, "mistakes": []})


@open_view
async def sign_in(visit: Visit) -> Response:
    """Check the password and start a session."""
    form = await visit.form()
    email, then = text(form, "email"), safe_next(text(form, "next"))
    request = visit.request
    try:
        signed = await visit.services.sessions.sign_in(
            email,
            text(form, "password"),
            ip=visit.ip,
            user_agent=request.headers.get("user-agent", ""),
        )
    except BilanError as error:
        shown = {"email": email, "next": then, "mistakes": mistakes(error)}
        return visit.page("sign_in.html", shown, status=error.status)
    response = visit.go(then)
    response.set_cookie(
        COOKIE,
        signed.token,
        max_age=int((signed.expires_at - visit.services.clock.now()).total_seconds()),
        httponly=True,
        secure=visit.services.settings.cookies_secure,
        samesite="lax",
    )
    return response


@open_view
async def sign_out(visit: Visit) -> Response:
    """End the session, here and on the server."""
    if token := visit.request.cookies.get(COOKIE):
        await visit.services.sessions.sign_out(token)
    response = visit.go("/sign-in")
    response.delete_cookie(COOKIE)
    return response


@open_view
async def language(visit: Visit) -> Response:
    """Remember the language of this browser."""
    form = await visit.form()
    response = visit.go(safe_next(text(form, "next")))
    wanted = text(form, "language")
    if wanted in dict(LANGUAGES):
        secure = visit.services.settings.cookies_secure
        response.set_cookie(
            LANGUAGE_COOKIE, wanted, max_age=YEAR, httponly=True, samesite="lax", secure=secure
        )
    return response
