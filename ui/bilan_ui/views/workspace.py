"""The workspace: its name, and what counts for everybody who prefers nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from zoneinfo import available_timezones

from starlette.datastructures import UploadFile
from starlette.responses import Response

from bilan.accounts.policy import Action, require
from bilan.branding.logos import LARGEST
from bilan.sdk.errors import BilanError, Invalid
from bilan_ui.forms import mistakes, read_day, text, wrong_in
from bilan_ui.page_request import LANGUAGES, PageRequest
from bilan_ui.pages import view
from bilan_ui.textdomain import _
from bilan_ui.words import WEEKDAYS

FIELDS = ("name", "zone", "first_weekday", "language")
RETENTION = "retention_days"
HOLIDAYS = "holidays"


@view
async def workspace(request: PageRequest) -> Response:
    """The settings."""
    require(request.actor, Action.MANAGE_WORKSPACE)
    return await _workspace(request, await _now(request))


async def _now(request: PageRequest) -> dict[str, str]:
    """The settings as they are."""
    workspace = await request.services.accounts.workspace(request.actor)
    days = await request.services.retention.days(request.actor)
    off = sorted(await request.services.schedules.holidays(request.actor))
    kept = {RETENTION: str(days), HOLIDAYS: "\n".join(map(str, off))}
    return {field: str(getattr(workspace, field)) for field in FIELDS} | kept


@view
async def change(request: PageRequest) -> Response:
    """Save the settings."""
    require(request.actor, Action.MANAGE_WORKSPACE)
    form = await request.form()
    filled = await _now(request) | {field: text(form, field) for field in (*FIELDS, RETENTION)}
    try:
        if filled[RETENTION]:
            await request.services.retention.change(request.actor, _days(filled[RETENTION]))
        await request.services.accounts.change_workspace(
            request.actor,
            name=filled["name"],
            zone=filled["zone"],
            first_weekday=_weekday(filled["first_weekday"]),
            language=filled["language"],
        )
    except BilanError as error:
        return await _workspace(request, filled, error)
    return request.go("/workspace", say=_("Saved."))


@view
async def holidays(request: PageRequest) -> Response:
    """Save the days that are no working days."""
    require(request.actor, Action.MANAGE_WORKSPACE)
    given = text(await request.form(), HOLIDAYS)
    try:
        await request.services.schedules.change_holidays(request.actor, _dates(given))
    except BilanError as error:
        return await _workspace(request, await _now(request) | {HOLIDAYS: given}, error)
    return request.go("/workspace", say=_("Saved."))


@view
async def brand(request: PageRequest) -> Response:
    """Save the colour and the logo, or go without one of them."""
    require(request.actor, Action.MANAGE_WORKSPACE)
    # A logo that is too large is told so by the branding, unless it is far too large.
    branding, form = request.services.branding, await request.form(files=1, size=2 * LARGEST)
    logo, then = form.get("logo"), text(form, "then")
    try:
        if then == "plain":
            await branding.set_colour(request.actor, None)
        elif then == "unsigned":
            await branding.remove_logo(request.actor)
        else:
            await branding.set_colour(request.actor, text(form, "colour") or None)
            if isinstance(logo, UploadFile) and logo.filename:
                await branding.set_logo(request.actor, await logo.read(LARGEST + 1))
    except BilanError as error:
        return await _workspace(request, await _now(request), error)
    return request.go("/workspace", say=_("Saved."))


def _days(given: str) -> int:
    if not given.isdecimal() or len(given) > 6:
        raise Invalid(_("Write a number of days, such as 90."), (RETENTION,))
    return int(given)


def _dates(given: str) -> list[date]:
    """The dates of a text, one a line."""
    return [read_day(line, HOLIDAYS) for line in map(str.strip, given.splitlines()) if line]


def _weekday(given: str) -> int:
    if given not in {choice.value for choice in WEEKDAYS}:
        raise Invalid(_("Choose a weekday from the list."), ("first_weekday",))
    return int(given)


async def _workspace(
    request: PageRequest, given: Mapping[str, str], error: BilanError | None = None
) -> Response:
    # A command or a program may have set a language that the pages do not speak themselves.
    known = dict(LANGUAGES)
    shown = {
        "given": given,
        "brand": await request.services.branding.get(request.actor),
        "mistakes": mistakes(error),
        "wrong": wrong_in(error),
        "zones": sorted(available_timezones()),
        "weekdays": WEEKDAYS,
        "language_choices": {given["language"]: given["language"], **known} if given["language"] else known,
    }
    return request.page("workspace.html", shown, status=error.status if error else 200)
