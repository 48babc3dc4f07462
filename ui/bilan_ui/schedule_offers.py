"""What the form of a schedule offers: recipients, files and languages, and what stands there at first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from bilan.parameters.times import parse_period
from bilan.reports.common import WEEKDAYS
from bilan.reports.values import SavedReport
from bilan.sdk.errors import Invalid
from bilan.sdk.parameters import Choice
from bilan.sdk.periods import Period, Preset
from bilan.sdk.reports import ReportKind
from bilan.sdk.units import FIGURES, Unit
from bilan_ui.page_request import LANGUAGES, PageRequest
from bilan_ui.schedule_parameters import OWN, Offered
from bilan_ui.textdomain import _

USUAL = "pdf"
"""The file that goes along unless somebody chooses otherwise."""


async def offered_for(request: PageRequest, saved: SavedReport) -> Offered:
    """What the form of a schedule offers for a saved report."""
    kind = request.services.registry.report_kind(saved.kind)
    figures = await request.services.schedules.figures(request.actor, saved.id)
    return replace(
        await offered_of(request, kind, saved.parameters),
        figures=tuple(Choice(key, one.label) for key, one in figures.items() if one.unit in FIGURES),
        rates=frozenset(key for key, one in figures.items() if one.unit is Unit.PROPORTION),
    )


async def offered_of(request: PageRequest, kind: ReportKind, values: Mapping[str, Any]) -> Offered:
    """What the form of a schedule offers for a kind of report, with what a report holds of it."""
    services, actor = request.services, request.actor
    zone = str(values.get("zone") or actor.zone)
    found = await services.deliveries.eligible_for_kind(actor, kind.key, personal=kind.personal)
    renderers = services.registry.renderers_of(kind.key)
    return Offered(
        zone=zone,
        first_weekday=_weekday(values.get("first_weekday"), actor.first_weekday),
        today=services.clock.now().astimezone(ZoneInfo(zone)).date(),
        recipients=tuple(Choice(one.address, f"{one.name} <{one.address}>") for one in found),
        to=(actor.email,) if actor.person else (),
        formats=tuple(Choice(one.format, one.label) for one in renderers.values()),
        usual_formats=(USUAL,) if USUAL in renderers else (),
        languages=(
            Choice(OWN, _("that of each recipient")),
            *(Choice(code, name) for code, name in LANGUAGES),
        ),
        period=_period(values.get("period")),
        periodic="period" in kind.common,
    )


def _period(raw: Any) -> Period:
    """That of the report where it is seen from the day of the run, else the week before."""
    try:
        found = parse_period(raw or Preset.PREVIOUS_WEEK)
    except Invalid:
        return Period(Preset.PREVIOUS_WEEK)
    return found if found.preset else Period(Preset.PREVIOUS_WEEK)


def _weekday(raw: Any, usual: int) -> int:
    values = [one.value for one in WEEKDAYS]
    return values.index(raw) if raw in values else usual
