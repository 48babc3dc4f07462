"""Tokens: keys for programs that act as oneself."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from bilan.accounts import Scope
from bilan.sdk.errors import BilanError, Invalid
from bilan_ui.forms import mistakes, text, wrong_in
from bilan_ui.pages import view
from bilan_ui.textdomain import _
from bilan_ui.visit import Visit
from bilan_ui.words import TOKEN_DAYS

NOTHING: Mapping[str, str] = {"name": "", "scope": Scope.READ, "days": "90"}


@view
async def tokens(visit: Visit) -> Response:
    """One's own tokens, and a form to make one."""
    return await _tokens(visit, NOTHING)


@view
async def create(visit: Visit) -> Response:
    """Make a token and show it this once."""
    form = await visit.form()
    given = {key: text(form, key, default) for key, default in NOTHING.items()}
    scopes = [Scope.WRITE] if given["scope"] == Scope.WRITE else []
    try:
        made = await visit.services.tokens.create(
            visit.actor, given["name"], scopes, days=_days(given["days"])
        )
    except BilanError as error:
        return await _tokens(visit, given, error=error)
    return await _tokens(visit, NOTHING, made=made.token)


def _days(given: str) -> int | None:
    if given not in {choice.value for choice in TOKEN_DAYS}:
        raise Invalid(_("A token cannot last {days} days; choose from the list.", days=given), ("days",))
    return int(given) if given else None


@view
async def revoke(visit: Visit) -> Response:
    """End a token."""
    await visit.services.tokens.revoke(visit.actor, visit.ident(_("You have no such token.")))
    return visit.go("/tokens", say=_("The token has ended."))


async def _tokens(
    visit: Visit, given: Mapping[str, str], *, error: BilanError | None = None, made: str | None = None
) -> Response:
    shown = {
        "tokens": await visit.services.tokens.list(visit.actor),
        "mistakes": mistakes(error),
        "wrong": wrong_in(error),
        "given": given,
        "made": made,
        "lasting": TOKEN_DAYS,
        "now": visit.services.clock.now(),
    }
    return visit.page("tokens.html", shown, status=error.status if error else 200)
