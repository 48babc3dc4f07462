"""The workspace: its name, and what counts for everybody who prefers nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import available_timezones

from starlette.datastructures import UploadFile
from starlette.responses import Response

from bilan.accounts.policy import Action, require
from bilan.branding.logos import LARGEST
from bilan.sdk.errors import BilanError, Invalid
from bilan_ui.forms import mistakes, text, wrong_in
from bilan_ui.pages import view
from bilan_ui.textdomain import _
from bilan_ui.visit import LANGUAGES, Visit
from bilan_ui.words import WEEKDAYS

FIELDS = ("name", "zone", "first_weekday", "language")
RETENTION = "retention_days"


@view
async def workspace(visit: Visit) -> Response:
    """The settings."""
    require(visit.actor, Action.MANAGE_WORKSPACE)
    return await _workspace(visit, await _now(visit))


async def _now(visit: Visit) -> dict[str, str]:
    """The settings as they are."""
    found = await visit.services.accounts.workspace(visit.actor)
    days = await visit.services.retention.days(visit.actor)
    return {field: str(getattr(found, field)) for field in FIELDS} | {RETENTION: str(days)}


@view
async def change(visit: Visit) -> Response:
    """Save the settings."""
    require(visit.actor, Action.MANAGE_WORKSPACE)
    form = await visit.form()
    given = {field: text(form, field) for field in (*FIELDS, RETENTION)}
    try:
        if given[RETENTION]:
            await visit.services.retention.change(visit.actor, _days(given[RETENTION]))
        await visit.services.accounts.change_workspace(
            visit.actor,
            name=given["name"],
            zone=given["zone"],
            first_weekday=_weekday(given["first_weekday"]),
            language=given["language"],
        )
    except BilanError as error:
        return await _workspace(visit, given, error)
    return visit.go("/workspace", say=_("Saved."))


@view
async def brand(visit: Visit) -> Response:
    """Save the colour and the logo, or go without one of them."""
    require(visit.actor, Action.MANAGE_WORKSPACE)
    branding, form = visit.services.branding, await visit.form()
    logo, then = form.get("logo"), text(form, "then")
    try:
        if then == "plain":
            await branding.set_colour(visit.actor, None)
        elif then == "unsigned":
            await branding.remove_logo(visit.actor)
        else:
            await branding.set_colour(visit.actor, text(form, "colour") or None)
            if isinstance(logo, UploadFile) and logo.filename:
                await branding.set_logo(visit.actor, await logo.read(LARGEST + 1))
    except BilanError as error:
        return await _workspace(visit, await _now(visit), error)
    return visit.go("/workspace", say=_("Saved."))


def _days(given: str) -> int:
    if not given.isdecimal() or len(given) > 6:
        raise Invalid(_("Write a number of days, such as 90."), (RETENTION,))
    return int(given)


def _weekday(given: str) -> int:
    if given not in {choice.value for choice in WEEKDAYS}:
        raise Invalid(_("Choose a weekday from the list."), ("first_weekday",))
    return int(given)


async def _workspace(visit: Visit, given: Mapping[str, str], error: BilanError | None = None) -> Response:
    # A command or a program may have set a language that the pages do not speak themselves.
    known = dict(LANGUAGES)
    shown = {
        "given": given,
        "brand": await visit.services.branding.get(visit.actor),
        "mistakes": mistakes(error),
        "wrong": wrong_in(error),
        "zones": sorted(available_timezones()),
        "weekdays": WEEKDAYS,
        "language_choices": {given["language"]: given["language"], **known} if given["language"] else known,
    }
    return visit.page("workspace.html", shown, status=error.status if error else 200)
