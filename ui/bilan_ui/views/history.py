"""The history: everything that was run, narrowed to what somebody looks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.responses import Response

from bilan.runs.listing import Wanted
from bilan.runs.values import Purpose, Run, State
from bilan_ui.pages import view
from bilan_ui.visit import Visit

PAGE = 25


@view
async def history(visit: Visit) -> Response:
    """Everything that was run, the newest first."""
    services, actor, offset = visit.services, visit.actor, visit.number("from")
    given = {name: visit.request.query_params.get(name, "") for name in ("report", "state", "who", "purpose")}
    page = await services.runs.list(actor, _wanted(given), offset=offset, limit=PAGE)
    narrowed = {name: value for name, value in given.items() if value}
    shown = {
        "runs": page.runs,
        "titles": titles(visit, page.runs),
        "total": page.total,
        "given": given,
        "narrowed": bool(narrowed),
        "reports": await services.reports.list(actor),
        "people": await services.accounts.list(actor),
        "states": list(State),
        "pages": {
            "previous": _address(narrowed, max(offset - PAGE, 0)) if offset else None,
            "next": _address(narrowed, offset + PAGE) if offset + PAGE < page.total else None,
        },
    }
    return visit.page("runs.html", shown)


def titles(visit: Visit, runs: Iterable[Run]) -> dict[UUID, str]:
    """What each run is called."""
    return {run.id: title_of(visit, run) for run in runs}


def title_of(visit: Visit, run: Run) -> str:
    """What a run is called: as its report or file was then, else as its kind."""
    kind = visit.services.registry.reports.get(run.kind)
    return run.title or (visit.say(kind.label) if kind else run.kind)


async def full_title(visit: Visit, run: Run) -> str:
    """What the run's own page is called: as its document (a campaign, say) where nobody named it."""
    kind = visit.services.registry.reports.get(run.kind)
    unnamed = kind is not None and run.title in (None, str(kind.label), visit.say(kind.label))
    if not (unnamed and run.purpose is Purpose.REPORT and run.readable):
        return title_of(visit, run)
    return visit.formatter.text((await visit.services.runs.document(visit.actor, run.id)).title)


def _wanted(given: dict[str, str]) -> Wanted:
    """What the address asks for. What it cannot mean narrows to nothing that exists, or not at all."""
    return Wanted(
        report=_uuid(given["report"]),
        state=State(given["state"]) if given["state"] in set(State) else None,
        asked_by=_uuid(given["who"]),
        purpose=Purpose(given["purpose"]) if given["purpose"] in set(Purpose) else None,
    )


def _uuid(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None


def _address(narrowed: dict[str, Any], offset: int) -> str:
    return f"/runs?{urlencode({**narrowed, 'from': offset})}"
