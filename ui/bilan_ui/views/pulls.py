"""Sources that are pulled: fetched now or for past days, stopped, tried, and found behind a token."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from starlette.responses import Response

from bilan.accounts.policy import Action, require
from bilan.sdk.errors import BilanError, Conflict, Invalid, NotFound
from bilan_ui.forms import mistakes, text, wrong_in
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import view
from bilan_ui.textdomain import _
from bilan_ui.views.sources import the_source

if TYPE_CHECKING:
    from uuid import UUID

    from bilan.sources import Source


@view
async def start(request: PageRequest) -> Response:
    """Fetch the source now, and show how that goes."""
    source = await the_source(request)
    return await _begun(request, source, None)


@view
async def back_fill(request: PageRequest) -> Response:
    """Fetch past days, and show how that goes."""
    source, form = await the_source(request), await request.form()
    require(request.actor, Action.IMPORT, sources=(source.id,))
    try:
        days = (_day(text(form, "first"), "first"), _day(text(form, "last"), "last"))
    except Invalid as error:
        return request.go(f"/sources/{source.id}", say=error.message, kind="error")
    return await _begun(request, source, days)


@view
async def stop(request: PageRequest) -> Response:
    """Stop a pull; what it brought stays."""
    ident = request.ident(_("There is no such pull."))
    pull = await request.services.pulls.get(request.actor, ident)
    back = f"/sources/{pull.source}"
    try:
        await request.services.pulls.cancel(request.actor, ident)
    except Conflict as error:
        return request.go(back, say=error.message, kind="error")
    return request.go(back, say=_("It stops now; what it has brought stays."))


@view
async def check(request: PageRequest) -> Response:
    """Ask the service what the token can see."""
    source = await the_source(request)
    require(request.actor, Action.MANAGE_SOURCE, sources=(source.id,))
    return await tested(request, source.id)


async def tested(request: PageRequest, source: UUID) -> Response:
    """The source's page, with what the service says of the token."""
    back = f"/sources/{source}"
    try:
        found = await request.services.pulls.check(request.actor, source)
    except BilanError as error:
        return request.go(f"{back}/edit", say=error.message, kind="error")
    return request.go(back, say=found.said, kind="warning" if found.missing else "success")


@view
async def profiles(request: PageRequest) -> Response:
    """The profiles behind a token, to choose from."""
    return await _choose(request)


@view
async def connect(request: PageRequest) -> Response:
    """Make sources of the chosen profiles."""
    form = await request.form()
    keys = [one for one in form.getlist("profiles") if isinstance(one, str)]
    try:
        made = await request.services.pulls.connect(request.actor, _ident(request), keys)
    except NotFound:
        raise
    except BilanError as error:
        return await _choose(request, error, keys)
    if len(made) == 1:
        return request.go(f"/sources/{made[0].id}", say=_("{name} is connected.", name=made[0].name))
    return request.go("/sources", say=_("{count} profiles are connected.", count=len(made)))


async def _choose(
    request: PageRequest, error: BilanError | None = None, chosen: list[str] | None = None
) -> Response:
    require(request.actor, Action.ADD_SOURCE)
    found = await request.services.pulls.discovered(request.actor, _ident(request))
    kind = request.services.registry.source_kinds.get((found.plugin, found.kind))
    context = {
        "found": found,
        "kind": kind.label if kind else found.kind,
        "chosen": chosen or [],
        "mistakes": mistakes(error),
        "wrong": wrong_in(error),
    }
    return request.page("profiles.html", context, status=error.status if error else 200)


def _ident(request: PageRequest) -> UUID:
    return request.ident(_("These profiles were found too long ago; look for them once more."))


async def _begun(request: PageRequest, source: Source, days: tuple[date, date] | None) -> Response:
    pulls, actor = request.services.pulls, request.actor
    try:
        if days is None:
            pull = await pulls.start(actor, source.id)
        else:
            pull = await pulls.back_fill(actor, source.id, *days)
    except (Conflict, Invalid) as error:
        return request.go(f"/sources/{source.id}", say=error.message, kind="error")
    return request.go(f"/runs/{pull.job}")


def _day(written: str, name: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Invalid(_("Choose the first and the last day."), (name,)) from None
