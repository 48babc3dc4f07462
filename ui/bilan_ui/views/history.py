"""The history: everything that was run, narrowed to what somebody looks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from starlette.responses import Response

from bilan.reports.naming import own_name
from bilan.runs.listing import Wanted
from bilan.runs.values import Purpose, Run
from bilan.work import State
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import view
from bilan_ui.textdomain import _

PAGE = 25
PURPOSES = {
    Purpose.IMPORT: _("Imported file"),
    Purpose.DELIVERY: _("E-mail"),
    Purpose.PULL: _("Fetched source"),
    Purpose.ERASURE: _("Erased contact"),
}


class Name(NamedTuple):
    """What a run is called, and what kind of thing it is."""

    title: str
    kind: str


@view
async def history(request: PageRequest) -> Response:
    """Everything that was run, the newest first."""
    services, actor, offset = request.services, request.actor, request.number("from")
    asked = {name: request.http.query_params.get(name, "") for name in ("report", "state", "who", "purpose")}
    page = await services.runs.list(actor, _wanted(asked), offset=offset, limit=PAGE)
    narrowed = {name: value for name, value in asked.items() if value}
    shown = {
        **rows(request, page.runs, named=True),
        "total": page.total,
        "given": asked,
        "narrowed": bool(narrowed),
        "reports": await services.reports.list(actor),
        "people": await services.accounts.list(actor),
        "states": list(State),
        "pages": {
            "previous": _address(narrowed, max(offset - PAGE, 0)) if offset else None,
            "next": _address(narrowed, offset + PAGE) if offset + PAGE < page.total else None,
        },
    }
    return request.page("runs.html", shown)


def rows(request: PageRequest, runs: Sequence[Run], *, named: bool = False) -> dict[str, Any]:
    """What a table of runs shows, by the day on which they began; ``named`` where several reports are."""
    return {
        "runs": runs,
        "days": request.relative_time.by_day(runs, lambda run: run.created_at),
        "names": {run.id: Name(_called(request, run), _kind(request, run)) for run in runs} if named else {},
        "formats": {
            one.format: request.say(one.label) for one in request.services.registry.renderers.values()
        },
    }


async def full_title(request: PageRequest, run: Run) -> str:
    """What the run's own page is called: as its document (a campaign, say) where nobody named it."""
    if run.summary is not None or not (_unnamed(request, run) and run.readable):
        return _called(request, run)
    return request.formatter.text((await request.services.runs.document(request.actor, run.id)).title)


def _called(request: PageRequest, run: Run) -> str:
    """As its report or file was called then; where nobody named it as its document, else as its kind."""
    if run.summary is not None and _unnamed(request, run):
        return request.formatter.text(run.summary.title)
    return run.title or _kind(request, run)


def _unnamed(request: PageRequest, run: Run) -> bool:
    kind = request.services.registry.reports.get(run.kind)
    return kind is not None and own_name(run.title, kind, request.services.translator) is None


def _kind(request: PageRequest, run: Run) -> str:
    if run.purpose is not Purpose.REPORT:
        return request.say(PURPOSES[run.purpose])
    return request.formatter.text(request.services.registry.report_label(run.kind))


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
