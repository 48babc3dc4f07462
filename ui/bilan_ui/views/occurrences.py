"""Occurrences of schedules: what became of each, by recipient, and what can be sent again."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from starlette.responses import Response

from bilan.accounts.policy import Action, allowed
from bilan.delivery import Mode
from bilan.runs.values import Run
from bilan.schedules.values import OccurrenceState, Schedule
from bilan.sdk.errors import BilanError, NotFound
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import view
from bilan_ui.sharing_rights import may_share
from bilan_ui.textdomain import _
from bilan_ui.views.approvals import package_of
from bilan_ui.views.schedules import REFUSED

AGAIN = frozenset({OccurrenceState.INCOMPLETE, OccurrenceState.FAILED, OccurrenceState.CANCELLED})
"""The states in which somebody may not have got it."""


@view
async def occurrence(request: PageRequest) -> Response:
    """One occurrence: its end, and what the mail server of each recipient said."""
    services, actor, ident = request.services, request.actor, _id(request)
    found = await services.occurrences.get(actor, ident)
    deliveries = await services.occurrences.deliveries(actor, ident)
    parts = await services.occurrences.parts(actor, ident)
    # Of what is split, any of its runs reads the same sources.
    run = await _run(request, [found.run, *(one.run for one in parts.parts)])
    sends = run is not None and allowed(actor, Action.SEND_REPORT, sources=run.sources, personal=run.personal)
    resolvable = (
        await services.resolve_unknown.resolvable(actor, run, deliveries) if run is not None else frozenset()
    )
    shown = {
        "occurrence": found,
        "schedule": await _schedule(request, found.schedule),
        "live": None,
        "zone": found.nominal.partition("[")[2].partition("]")[0],
        "deliveries": deliveries,
        "resolvable": resolvable,
        "run": run if found.run else None,
        "shared": found.run is not None
        and run is not None
        and any(one.mode is Mode.PROTECTED for one in deliveries)
        and may_share(request, run),
        "parts": parts,
        "package": await package_of(request, ident),
        "may_resend": found.state in AGAIN
        and run is not None
        and allowed(actor, Action.SCHEDULE_REPORT, sources=run.sources, personal=run.personal),
        "may_have": sends and run is not None and run.readable,
    }
    return request.page("occurrence.html", shown)


@view
async def resend(request: PageRequest) -> Response:
    """Send the very files to those who did not get them."""
    ident = _id(request)
    try:
        await request.services.resends.resend_failed(request.actor, ident, await request.key() or "")
    except REFUSED as error:
        return request.go(f"/occurrences/{ident}", say=error.message, kind="error")
    return request.go(f"/occurrences/{ident}", say=_("It is on its way to those who did not get it."))


@view
async def to_me(request: PageRequest) -> Response:
    """Send the very files to whoever asks."""
    ident, part = _id(request), request.http.query_params.get("part")
    try:
        chosen = UUID(part) if part else None
        await request.services.resends.resend_to_me(request.actor, ident, await request.key() or "", chosen)
    except ValueError:
        raise NotFound(_("There is no such part.")) from None
    except REFUSED as error:
        return request.go(f"/occurrences/{ident}", say=error.message, kind="error")
    return request.go(
        f"/occurrences/{ident}", say=_("It is on its way to {address}.", address=request.actor.email)
    )


async def _run(request: PageRequest, runs: Iterable[UUID | None]) -> Run | None:
    """The first of its runs that is still there, for those who may see it."""
    for run in runs:
        with suppress(BilanError):
            if run is not None:
                return await request.services.runs.get(request.actor, run)
    return None


async def _schedule(request: PageRequest, schedule: UUID) -> Schedule | None:
    """Its schedule, unless it is deleted."""
    try:
        return await request.services.schedules.get(request.actor, schedule)
    except NotFound:
        return None


def _id(request: PageRequest) -> UUID:
    return request.ident(_("There is no such occurrence."))
