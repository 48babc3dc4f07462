"""One's own account: name, language, zone, password and sessions."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import available_timezones

from starlette.responses import Response

from bilan.http.identity import COOKIE
from bilan.sdk.errors import BilanError
from bilan_ui import cookies
from bilan_ui.browsers import browser_of
from bilan_ui.forms import mistakes, text, wrong_in
from bilan_ui.page_request import LANGUAGE_COOKIE, LANGUAGES, PageRequest
from bilan_ui.pages import view
from bilan_ui.textdomain import _

FIELDS = ("name", "language", "zone")


@view
async def account(request: PageRequest) -> Response:
    """The page."""
    return await _account(request)


@view
async def change(request: PageRequest) -> Response:
    """Save name, language and zone."""
    form = await request.form()
    filled = {field: text(form, field) for field in FIELDS}
    try:
        await request.services.accounts.change_own(
            request.actor,
            name=filled["name"],
            language=filled["language"] or None,
            zone=filled["zone"] or None,
        )
    except BilanError as error:
        return await _account(request, error, filled)
    response = request.go("/account", say=_("Saved."))
    cookies.drop(
        request.http, response, LANGUAGE_COOKIE
    )  # what was just chosen counts, not what this browser remembers
    return response


@view
async def password(request: PageRequest) -> Response:
    """Change the password, which signs out everywhere."""
    form = await request.form()
    try:
        await request.services.accounts.change_own_password(
            request.actor, text(form, "old"), text(form, "new")
        )
    except BilanError as error:
        return await _account(request, error)
    response = request.go("/sign-in", say=_("The password is changed. Sign in with the new one."))
    cookies.drop(request.http, response, COOKIE)
    return response


@view
async def sign_out_everywhere(request: PageRequest) -> Response:
    """End every session of one's own."""
    await request.services.sessions.sign_out_everywhere(request.actor)
    response = request.go("/sign-in", say=_("You are signed out everywhere."))
    cookies.drop(request.http, response, COOKIE)
    return response


async def _account(
    request: PageRequest, error: BilanError | None = None, given: Mapping[str, str] | None = None
) -> Response:
    actor = request.actor
    me = await request.services.accounts.get(actor, actor.person or actor.email)
    sessions = await request.services.sessions.list(actor)
    shown = {
        "me": me,
        "given": given or {"name": me.name, "language": me.language or "", "zone": me.zone or ""},
        "sessions": [{"browser": browser_of(one.user_agent), "seen": one.last_seen_at} for one in sessions],
        "mistakes": mistakes(error),
        "wrong": wrong_in(error),
        "zones": sorted(available_timezones()),
        "language_choices": dict(LANGUAGES),
    }
    return request.page("account.html", shown, status=error.status if error else 200)
