"""Pages of report kinds: the Filter, and below it the figures as they were last built.

See docs/decisions/090.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from bilan.accounts.policy import Action, require
from bilan.runs.listing import Wanted
from bilan.runs.values import Purpose, Run
from bilan.sdk.errors import BilanError, NotFound
from bilan.sdk.reports import ReportKind
from bilan_ui.forms import moves, raw_values, text
from bilan_ui.kind_pages import Group, address_of, groups_of, page_of
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import view
from bilan_ui.report_draft import ReportDraft, chosen_sources, fillable, filled_in, wrong_values
from bilan_ui.textdomain import _
from bilan_ui.views.runs import schedule_href, shown_report
from bilan_ui.views.saved_list import saved_list

LOOKED_AT = 20
"""Runs among which the last one with figures is looked for."""


@view
async def page(request: PageRequest) -> Response:
    """The pages of a plugin, or one of them with the figures that were built last."""
    key = request.http.path_params["page"]
    if group := next((one for one in _groups(request) if one.key == key), None):
        return request.page("kind_pages.html", {"group": group})
    kind = _kind(request)
    if kind.named_by:
        return await saved_list(request, kind, next(one for one in _groups(request) if kind in one.kinds))
    run = await _last(request, kind)
    # Its sources are not filled in: those that were added since belong to the next one.
    draft = ReportDraft(kind, "", run.values if run else {})
    return await _show(request, draft, run)


@view
async def build(request: PageRequest) -> Response:
    """Have the figures built with what is filled in, and go to watch it."""
    kind, form = _kind(request), await request.form()
    raw = raw_values(fillable(request, kind), form)
    key = await request.key()
    sources = await chosen_sources(request, kind, form, None)
    draft = ReportDraft(kind, "", raw, key=key, sources=sources)
    if request.fragment or text(form, "then") == "refresh" or moves(form):
        return await _show(request, draft, await _last(request, kind))
    draft.errors.extend(await wrong_values(request, draft))
    if not draft.errors:
        try:
            started = await request.services.runs.start(
                request.actor, kind.key, raw, sources=sources, key=key
            )
        except BilanError as error:
            draft.errors.append(error)
        else:
            return request.go(f"/runs/{started.id}")
    return await _show(request, draft, await _last(request, kind))


async def _show(request: PageRequest, draft: ReportDraft, run: Run | None) -> Response:
    kind = draft.kind
    group = next(one for one in _groups(request) if kind in one.kinds)
    shown: dict[str, Any] = {
        **await filled_in(request, draft, address_of(kind)),
        "group": group,
        "run": run,
        "schedule_href": await schedule_href(request, run) if run else None,
        **(await shown_report(request, run) if run else {}),
    }
    status = 422 if draft.errors else 200
    return request.page("kind_page.html", shown, block="form", status=status)


async def _last(request: PageRequest, kind: ReportKind) -> Run | None:
    """The last run of the kind that has figures and that the visitor may see."""
    wanted = Wanted(purpose=Purpose.REPORT, kind=kind.key)
    found = await request.services.runs.list(request.actor, wanted, limit=LOOKED_AT)
    return next((run for run in found.runs if run.readable), None)


def _groups(request: PageRequest) -> Sequence[Group]:
    return groups_of(request.services.registry, request.actor)


def _kind(request: PageRequest) -> ReportKind:
    kind = page_of(request, request.http.path_params["page"])
    if kind is None:
        raise NotFound(_("There is no page at this address."))
    require(request.actor, Action.READ_REPORT, personal=kind.personal)
    return kind
