"""One's own account: name, language, zone, password and sessions."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import available_timezones

from starlette.responses import Response

from bilan.http.identity import COOKIE
from bilan.sdk.errors import BilanError
from bilan_ui.browsers import browser_of
from bilan_ui.forms import mistakes, text, wrong_in
from bilan_ui.pages import view
from bilan_ui.textdomain import _
from bilan_ui.visit import LANGUAGE_COOKIE, LANGUAGES, Visit

FIELDS = ("name", "language", "zone")


@view
async def account(visit: Visit) -> Response:
    """The page."""
    return await _account(visit)


@view
async def change(visit: Visit) -> Response:
    """Save name, language and zone."""
    form = await visit.form()
    given = {field: text(form, field) for field in FIELDS}
    try:
        await visit.services.accounts.change_own(
            visit.actor, name=given["name"], language=given["language"] or None, zone=given["zone"] or None
        )
    except BilanError as error:
        return await _account(visit, error, given)
    response = visit.go("/account", say=_("Saved."))
    response.delete_cookie(LANGUAGE_COOKIE)  # what was just chosen counts, not what this browser remembers
    return response


@view
async def password(visit: Visit) -> Response:
    """Change the password, which signs out everywhere."""
    form = await visit.form()
    try:
        await visit.services.accounts.change_own_password(visit.actor, text(form, "old"), text(form, "new"))
    except BilanError as error:
        return await _account(visit, error)
    response = visit.go("/sign-in", say=_("The password is changed. Sign in with the new one."))
    response.delete_cookie(COOKIE)
    return response


@view
async def sign_out_everywhere(visit: Visit) -> Response:
    """End every session of one's own."""
    await visit.services.sessions.sign_out_everywhere(visit.actor)
    response = visit.go("/sign-in", say=_("You are signed out everywhere."))
    response.delete_cookie(COOKIE)
    return response


async def _account(
    visit: Visit, error: BilanError | None = None, given: Mapping[str, str] | None = None
) -> Response:
    actor = visit.actor
    me = await visit.services.accounts.get(actor, actor.person or actor.email)
    sessions = await visit.services.sessions.list(actor)
    shown = {
        "me": me,
        "given": given or {"name": me.name, "language": me.language or "", "zone": me.zone or ""},
        "sessions": [{"browser": browser_of(one.user_agent), "seen": one.last_seen_at} for one in sessions],
        "mistakes": mistakes(error),
        "wrong": wrong_in(error),
        "zones": sorted(available_timezones()),
        "language_choices": dict(LANGUAGES),
    }
    return visit.page("account.html", shown, status=error.status if error else 200)
