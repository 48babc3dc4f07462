"""One's own account: name, language, zone, password and sessions."""

from __future__ import annotations

from zoneinfo import available_timezones

from starlette.responses import Response

from bilan.sdk.errors import BilanError
from bilan.sdk.messages import messages
from bilan_ui.forms import mistakes
from bilan_ui.pages import LANGUAGES, Visit, view

_, n_ = messages("ui")


@view
async def account(visit: Visit) -> Response:
    """The page."""
    return await _account(visit)


@view
async def change(visit: Visit) -> Response:
    """Save name, language and zone."""
    form = await visit.form()
    try:
        await visit.services.accounts.change_own(
            visit.actor,
            name=str(form.get("name", "")),
            language=str(form.get("language", "")) or None,
            zone=str(form.get("zone", "")) or None,
        )
    except BilanError as error:
        return await _account(visit, error)
    return visit.go("/account", say=_("Saved."))


@view
async def password(visit: Visit) -> Response:
    """Change the password, which signs out everywhere."""
    form = await visit.form()
    try:
        await visit.services.accounts.change_own_password(
            visit.actor, str(form.get("old", "")), str(form.get("new", ""))
        )
    except BilanError as error:
        return await _account(visit, error)
    return visit.go("/sign-in", say=_("The password is changed. Sign in with the new one."))


@view
async def sign_out_everywhere(visit: Visit) -> Response:
    """End every session of one's own."""
    await visit.services.sessions.sign_out_everywhere(visit.actor)
    return visit.go("/sign-in")


async def _account(visit: Visit, error: BilanError | None = None) -> Response:
    actor = visit.actor
    shown = {
        "me": await visit.services.accounts.get(actor, actor.person or actor.email),
        "sessions": await visit.services.sessions.list(actor),
        "mistakes": mistakes(error),
        "zones": sorted(available_timezones()),
        "language_choices": LANGUAGES,
    }
    return visit.page("account.html", shown, status=error.status if error else 200)
