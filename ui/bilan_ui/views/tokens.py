"""Tokens: keys for programs that act as oneself."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from bilan.accounts import Scope
from bilan.sdk.errors import BilanError, Invalid
from bilan_ui.forms import mistakes, text, wrong_in
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import view
from bilan_ui.textdomain import _
from bilan_ui.words import TOKEN_DAYS

NOTHING: Mapping[str, str] = {"name": "", "scope": Scope.READ, "days": "90"}


@view
async def tokens(request: PageRequest) -> Response:
    """One's own tokens, and a form to make one."""
    return await _tokens(request, NOTHING)


@view
async def create(request: PageRequest) -> Response:
    """Make a token and show it this once."""
    form = await request.form()
    filled = {key: text(form, key, default) for key, default in NOTHING.items()}
    scopes = [Scope.WRITE] if filled["scope"] == Scope.WRITE else []
    try:
        made = await request.services.tokens.create(
            request.actor, filled["name"], scopes, days=_days(filled["days"])
        )
    except BilanError as error:
        return await _tokens(request, filled, error=error)
    return await _tokens(request, NOTHING, made=made.token)


def _days(given: str) -> int | None:
    if given not in {choice.value for choice in TOKEN_DAYS}:
        raise Invalid(_("A token cannot last {days} days; choose from the list.", days=given), ("days",))
    return int(given) if given else None


@view
async def revoke(request: PageRequest) -> Response:
    """End a token."""
    await request.services.tokens.revoke(request.actor, request.ident(_("You have no such token.")))
    return request.go("/tokens", say=_("The token has ended."))


async def _tokens(
    request: PageRequest,
    given: Mapping[str, str],
    *,
    error: BilanError | None = None,
    made: str | None = None,
) -> Response:
    shown = {
        "tokens": await request.services.tokens.list(request.actor),
        "mistakes": mistakes(error),
        "wrong": wrong_in(error),
        "given": given,
        "made": made,
        "lasting": TOKEN_DAYS,
        "now": request.services.clock.now(),
    }
    return request.page("tokens.html", shown, status=error.status if error else 200)
