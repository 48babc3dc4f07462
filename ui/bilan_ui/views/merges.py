"""Merged contacts: which addresses are one person, merging two by hand, and undoing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from bilan.accounts.policy import Action, allowed
from bilan.merges import MergeKind, Merges
from bilan.sdk.errors import BilanError
from bilan_ui.forms import mistakes, text, wrong_in
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import view
from bilan_ui.textdomain import _

KINDS = {
    MergeKind.TOLD: _("told by a source"),
    MergeKind.MERGED: _("merged by hand"),
    MergeKind.APART: _("kept apart by hand"),
}


@dataclass(frozen=True)
class Entered:
    """What stands in the form."""

    address: str = ""
    other: str = ""
    reason: str = ""


@view
async def merges(request: PageRequest) -> Response:
    """What was merged in the workspace, and a form to look up an address."""
    return await _page(request)


@view
async def find(request: PageRequest) -> Response:
    """The addresses of one person. By post, so that no address stands in a log."""
    address = text(await request.form(), "address")
    try:
        found = await request.services.contact_merges.of(request.actor, address)
    except BilanError as error:
        return await _page(request, error, Entered(address))
    return await _page(request, entered=Entered(address), found=found)


@view
async def merge(request: PageRequest) -> Response:
    """Merge two contacts."""
    form = await request.form()
    entered = Entered(text(form, "address"), text(form, "other"), text(form, "reason"))
    services = request.services.contact_merges
    try:
        await services.merge(request.actor, entered.address, entered.other, entered.reason)
    except BilanError as error:
        return await _page(request, error, entered)
    return request.go("/merges", say=_("The two are one contact in every figure from now on."))


@view
async def undo(request: PageRequest) -> Response:
    """Undo a merge, or what keeps two contacts apart."""
    services = request.services.contact_merges
    merge = request.ident(_("There is no such merge."))
    undone = await services.undo(request.actor, merge, text(await request.form(), "reason"))
    together = await services.together(request.actor, undone.one, undone.other)
    if together and not (undone.kind is MergeKind.APART and undone.undone_at):
        return request.go(
            "/merges", say=_("Undone. By what else is said here the two are still one contact.")
        )
    return request.go("/merges", say=_("Undone: figures are as they were before."))


async def _page(
    request: PageRequest,
    error: BilanError | None = None,
    entered: Entered | None = None,
    found: Merges | None = None,
) -> Response:
    before = request.http.query_params.get("before", "")
    listed = found or await request.services.contact_merges.list(request.actor, before)
    shown: Mapping[str, object] = {
        "found": found,
        "merges": listed.merges,
        "pages": {
            "previous": "/merges" if before else None,
            "next": f"/merges?before={listed.older}" if listed.older else None,
        },
        "kinds": KINDS,
        "entered": entered or Entered(),
        "may_merge": allowed(request.actor, Action.MERGE_CONTACTS),
        "mistakes": mistakes(error),
        "wrong": wrong_in(error),
    }
    return request.page("merges.html", shown, status=error.status if error else 200)
