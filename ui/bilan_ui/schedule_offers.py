"""What the form of a schedule offers: recipients, files and languages, and what stands there at first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bilan.accounts.policy import Action, allowed
from bilan.accounts.values import Permission
from bilan.parameters.times import parse_period
from bilan.recipients import Audience, RecipientInfo, RecipientState
from bilan.recipients.audiences import audience_of
from bilan.reports.common import WEEKDAYS
from bilan.reports.values import SavedReport
from bilan.schedules.split import splittable
from bilan.schedules.values import Schedule
from bilan.sdk.errors import Invalid
from bilan.sdk.messages import Message
from bilan.sdk.parameters import Choice
from bilan.sdk.periods import Period, Preset
from bilan.sdk.reports import ReportKind
from bilan.sdk.units import FIGURES, Unit
from bilan_ui.page_request import LANGUAGES, PageRequest
from bilan_ui.recipient_groups import GROUPS
from bilan_ui.schedule_parameters import OWN, Offered
from bilan_ui.textdomain import _

UNCONFIRMED = (RecipientState.NEW, RecipientState.WAITING, RecipientState.LAPSED)
USUAL = "pdf"
"""The file that goes along unless somebody chooses otherwise."""


async def offered_for(request: PageRequest, saved: SavedReport, schedule: Schedule | None = None) -> Offered:
    """What the form of a schedule offers for a saved report.

    What a ``schedule`` holds and is no longer offered is there all the same: nothing changes unseen.
    """
    kind = request.services.registry.report_kind(saved.kind)
    figures = await request.services.schedules.figures(request.actor, saved.id)
    known = tuple(Choice(key, one.label) for key, one in figures.items() if one.unit in FIGURES)
    approvers = await _approvers(request, saved.sources, personal=saved.personal)
    if schedule is not None and schedule.condition is not None:
        known += _missing(known, schedule.condition.kpi, schedule.condition.kpi)
    if schedule is not None and schedule.approval is not None:
        gone = _("somebody who may not see the report any more")
        approvers += _missing(approvers, str(schedule.approval.approver), gone)
    return replace(
        await offered_of(request, kind, saved.parameters),
        figures=known,
        rates=frozenset(key for key, one in figures.items() if one.unit is Unit.PROPORTION),
        approvers=approvers,
    )


def _missing(known: Iterable[Choice], value: str, label: Message | str) -> tuple[Choice, ...]:
    """The value as a choice, unless it is there or empty."""
    return () if not value or value in {one.value for one in known} else (Choice(value, label),)


async def _approvers(
    request: PageRequest, sources: Collection[UUID], *, personal: bool
) -> tuple[Choice, ...]:
    """People who may see a report over these sources."""
    return tuple(
        Choice(str(one.id), one.name)
        for one in await request.services.accounts.list(request.actor)
        if one.active
        and one.source_roles.keys() >= set(sources)
        and (Permission.EXPORT_CONTACT_DATA in one.permissions or not personal)
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
        recipients=tuple(_choice(one) for one in found),
        to=(actor.email,) if actor.person else (),
        formats=tuple(Choice(one.format, one.label) for one in renderers.values()),
        usual_formats=(USUAL,) if USUAL in renderers else (),
        languages=(
            Choice(OWN, _("that of each recipient")),
            *(Choice(code, name) for code, name in LANGUAGES),
        ),
        period=_period(values.get("period")),
        periodic="period" in kind.common,
        filters=tuple(Choice(one.key, one.label) for one in splittable(kind)),
        adds=await _adds(request, kind),
        approvers=await _approvers(request, (), personal=kind.personal),
    )


async def _adds(request: PageRequest, kind: ReportKind) -> bool:
    if not allowed(request.actor, Action.MANAGE_RECIPIENTS):
        return False
    rules = await request.services.recipient_rules.get(request.actor)
    return audience_of(rules, kind.key, personal=kind.personal) is Audience.ANYONE


def _choice(one: RecipientInfo) -> Choice:
    label = _("{name} <{address}>", name=one.name, address=one.address)
    if one.state in UNCONFIRMED:
        label = _("{name} <{address}>, not confirmed yet", name=one.name, address=one.address)
    return Choice(one.address, label, GROUPS[one.kind] if one.external else None)


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
