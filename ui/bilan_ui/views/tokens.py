"""Tokens: keys for programs that act as oneself."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from bilan.accounts import Scope
from bilan.sdk.errors import BilanError
from bilan.sdk.messages import messages
from bilan_ui.forms import mistakes
from bilan_ui.pages import Visit, view

_, n_ = messages("ui")


@view
async def tokens(visit: Visit) -> Response:
    """One's own tokens, and a form to make one."""
    return await _tokens(visit)


@view
async def create(visit: Visit) -> Response:
    """Make a token and show it this once."""
    form = await visit.form()
    name, days = str(form.get("name", "")), str(form.get("days", "90"))
    scopes = [Scope.WRITE] if form.get("scope") == Scope.WRITE else []
    try:
        lasts = int(days) if days.isdigit() else None
        made = await visit.services.tokens.create(visit.actor, name, scopes, days=lasts)
    except BilanError as error:
        return await _tokens(visit, error=error, name=name)
    return await _tokens(visit, made=made.token)


@view
async def revoke(visit: Visit) -> Response:
    """End a token."""
    await visit.services.tokens.revoke(visit.actor, UUID(visit.request.path_params["id"]))
    return visit.go("/tokens", say=_("The token has ended."))


async def _tokens(
    visit: Visit, *, error: BilanError | None = None, name: str = "", made: str | None = None
) -> Response:
    shown = {
        "tokens": await visit.services.tokens.list(visit.actor),
        "mistakes": mistakes(error),
        "name": name,
        "made": made,
        "now": visit.services.clock.now(),
    }
    return visit.page("tokens.html", shown, status=error.status if error else 200)
