"""Erased contacts: erasing one, what was erased, and what becomes of facts about them that come later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.responses import Response

from bilan.contacts import Reimport
from bilan.sdk.errors import BilanError, Invalid
from bilan_ui.forms import mistakes, text, wrong_in
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import view
from bilan_ui.textdomain import _

REIMPORTS = {
    Reimport.ANONYMISE: _("count them, with a pseudonym and without anything personal"),
    Reimport.REFUSE: _("refuse them, and keep nothing of them"),
}
COUNTED = {
    "facts": _("rows of facts and activities"),
    "rejects": _("rows that were refused"),
    "posts": _("posts that waited"),
    "files": _("imported files"),
    "reports": _("reports"),
    "e_mails": _("kept e-mails"),
    "texts": _("names and settings"),
}


@view
async def erasures(request: PageRequest) -> Response:
    """What was erased, and a form to erase a contact."""
    return await _erasures(request)


@view
async def erase(request: PageRequest) -> Response:
    """Begin to erase a contact."""
    form = await request.form()
    address, seen = text(form, "address"), [str(one) for one in form.getlist("together")]
    try:
        if "sure" not in form:
            raise Invalid(_("Tick that you are sure: what is erased cannot be brought back."), ("sure",))
        services = request.services.contact_erasures
        staying = await services.same_people(request.actor, address)
        together = await services.addresses(request.actor, address)
        if len(together) > 1 and set(seen) != set(together):
            return await _erasures(request, address=address, together=together)
        await services.erase(request.actor, address, seen)
    except BilanError as error:
        return await _erasures(request, error, address)
    said = _("The contact is being erased. Facts about them that still arrive are treated as chosen below.")
    if staying:
        said = _("{said} {staying}", said=said, staying=staying[0])
    return request.go("/erasures", say=said)


@view
async def rules(request: PageRequest) -> Response:
    """Save what becomes of facts about erased contacts."""
    given = text(await request.form(), "reimport")
    try:
        if given not in set(Reimport):
            raise Invalid(_("Choose one of the two."), ("reimport",))
        await request.services.contact_erasures.change_reimport(request.actor, Reimport(given))
    except BilanError as error:
        return await _erasures(request, error)
    return request.go("/erasures", say=_("Saved."))


async def _erasures(
    request: PageRequest,
    error: BilanError | None = None,
    address: str = "",
    together: Sequence[str] = (),
) -> Response:
    services = request.services.contact_erasures
    shown: Mapping[str, object] = {
        "erasures": await services.list(request.actor),
        "counted": COUNTED,
        "reimport": await services.reimport(request.actor),
        "reimports": REIMPORTS,
        "address": address,
        "together": together,
        "mistakes": mistakes(error),
        "wrong": wrong_in(error),
    }
    return request.page("erasures.html", shown, status=error.status if error else 200)
