"""Schedules that are there, on their pages: listed, changed, paused, taken over and deleted."""

from __future__ import annotations

from typing import Any

import pytest

from bilan.accounts import Principal
from bilan.delivery.values import FileContent
from bilan.i18n import DateFormat, DisplayFormats, TimeFormat
from bilan.reports.values import SavedReport
from bilan.schedules import CatchUp, DoubledHour, MissingHour
from bilan.schedules.values import ScheduleState
from fixtures.mailing import Mailing
from fixtures.pages import Reader
from support.schedule_forms import MONDAYS, OLA, OLGA, held, made


@pytest.mark.requirement("AP-29", "AP-30", "AP-31", "AP-32", "AP-35", "AP-42", "DC-14")
async def test_a_schedule_is_changed_and_shows_what_it_holds(
    mailing: Mailing, ola: Reader, report: SavedReport
):
    where = await made(ola, report)
    policies = {"missing": "shifted", "doubled": "second", "catch_up": "all", "first_weekday": "6"}
    changed = MONDAYS | {f"schedule.{name}": value for name, value in policies.items()}
    changed |= {"schedule.date_format": "iso", "schedule.time_format": "24h", "schedule.content": "custom"}
    changed |= {"version": "1", "schedule.days": "3", "schedule.language": "fr", "schedule.to": [OLA, OLGA]}
    assert await ola.goes(f"{where}/edit", changed) == where
    schedule = await held(mailing, where)
    recurrence = schedule.timetable.recurrence
    assert (recurrence.missing, recurrence.doubled) == (MissingHour.SHIFTED, DoubledHour.SECOND)
    assert (schedule.catch_up, recurrence.first_weekday) == (CatchUp.ALL, 6)
    assert (schedule.delivery.days, schedule.delivery.language) == (3, "fr")
    assert schedule.delivery.display == DisplayFormats(DateFormat.ISO, TimeFormat.HOURS_24)
    assert schedule.delivery.content is FileContent.CHOSEN
    filled = await ola.get(f"{where}/edit")
    checked = [one.attributes["value"] for one in filled.all("input") if "checked" in one.attributes]
    assert {"weekly", "shifted", "second", "all", "iso", "24h", "custom", "fr", OLA, OLGA} <= set(checked)
    page = await ola.get(where)
    facts = dict(zip(page.texts("dt"), page.texts("dd"), strict=True))
    said = "the parts that the report shows (custom)"
    assert facts["Files"] == f"Web page as links for 3 days {said}"
    assert facts["Language"] == "Français"
    assert len(page.all("ol", class_="upcoming")[0].said.split("covers")) == 13
    assert page.texts("ul", class_="receivers") == [f"Ola {OLA} Olga {OLGA}"]
    refused = await ola.refused(f"{where}/edit", changed, 409)
    assert (
        "Somebody else changed this schedule meanwhile; look at it again."
        in refused.one("div", id="errors").said
    )


@pytest.mark.requirement("AP-36", "DC-06")
async def test_a_schedule_is_paused_resumed_and_deleted_from_the_list(
    mailing: Mailing, ola: Reader, report: SavedReport
):
    where = await made(ola, report)
    assert await ola.goes(f"{where}/pause", {"back": "list"}) == "/schedules"
    assert "paused" in (await ola.get("/schedules")).texts("span", class_="badge")
    assert (await ola.get(f"{where}/pause", 405)).all("h1")
    assert await ola.goes(f"{where}/resume", {"back": "list"}) == "/schedules"
    assert await ola.goes(f"{where}/pause", {"until": "2026-03-20"}) == where
    assert "This schedule is paused until Mar 20, 2026, 12:00 AM CET." in (await ola.get(where)).texts("p")
    await ola.goes(f"{where}/pause", {"until": "2026-03-01"})
    assert "Only a schedule that is going on can be paused." in " ".join((await ola.get(where)).texts("p"))
    assert await ola.goes(f"{where}/delete") == "/schedules"
    assert "Nothing is sent by itself yet" in (await ola.get("/schedules")).texts("h2")
    await ola.get(where, 404)


async def test_a_schedule_whose_owner_has_left_is_listed_and_taken_over(
    mailing: Mailing,
    ola: Reader,
    report: SavedReport,
    signs_in: Any,
    owner_and_password: tuple[Principal, str],
):
    services = mailing.bilan.services
    where = await made(ola, report, to=[OLA, OLGA])
    (leaving,) = [one for one in await services.accounts.list(mailing.owner) if one.email == OLA]
    await services.accounts.deactivate(mailing.owner, leaving.id)
    await mailing.bilan.due.suspend_ownerless()
    assert (await held(mailing, where)).state is ScheduleState.SUSPENDED
    olga = await signs_in(OLGA, owner_and_password[1])
    assert "suspended" in (await olga.get("/schedules")).texts("span", class_="badge")
    assert "Its owner no longer has access; somebody else has to take it over." in " ".join(
        (await olga.get(where)).texts("p")
    )
    assert await olga.goes(f"{where}/take-over", {"back": "list"}) == "/schedules"
    schedule = await held(mailing, where)
    assert (schedule.state, schedule.owner_name) == (ScheduleState.ACTIVE, "Olga")


async def test_the_list_is_paged_and_narrowed_by_state(
    mailing: Mailing, ola: Reader, report: SavedReport, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bilan_ui.views.schedules.PAGE", 1)
    first = await made(ola, report)
    await made(ola, report, key="other", at="09:00")
    page = await ola.get("/schedules")
    assert [one.attributes["href"] for one in page.all("a", rel="next")] == ["/schedules?from=1"]
    await ola.goes(f"{first}/pause")
    page = await ola.get("/schedules?state=paused")
    assert "One schedule" in page.texts("p")
    assert page.all("a", rel="next") == []
    assert "No schedule like that" in (await ola.get("/schedules?state=suspended")).texts("h2")


async def test_the_calendar_leaves_no_month_of_the_calendar_of_reports(ola: Reader):
    for month in ("2026-03", "1900-01", "2299-12", "9999-99", "nonsense"):
        assert (await ola.get(f"/schedules/calendar?month={month}")).all("table", class_="month")


async def test_a_month_of_more_than_is_told_at_once_is_shown_whole(
    mailing: Mailing, ola: Reader, report: SavedReport, monkeypatch: pytest.MonkeyPatch
):
    for module in ("schedules.service.MOST_IN_CALENDAR", "schedules.history.MOST_EXPECTED"):
        monkeypatch.setattr(f"bilan.{module}", 7)
    await made(ola, report, **{"rhythm": "days", "every": "1", "period.preset": "last_7_days"})
    page = await ola.get("/schedules/calendar?month=2026-04")
    assert page.texts("a").count("March") == 30
