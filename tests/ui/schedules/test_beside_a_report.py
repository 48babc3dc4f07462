"""A report is scheduled where it is made, and from the pages that lead there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bilan.accounts import SourceRole
from bilan.clock import FrozenClock
from bilan.reports.values import SavedReport
from bilan.schedules.values import ScheduleState
from fixtures.mailing import Mailing
from fixtures.pages import Markup, Reader
from support.posting import MARCH
from support.schedule_forms import MONDAYS, OLA, OLGA, PASSWORD, WEEK, held, let_pass, made


@pytest.mark.requirement("AP-37", "AP-38", "AP-40", "AP-43", "BZ-23", "DC-05")
async def test_a_report_is_scheduled_while_it_is_made_and_its_toggle_pauses_it(mailing: Mailing, ola: Reader):
    services = mailing.bilan.services
    new = "/reports/new/email.campaign"
    form = await ola.get(new)
    assert "checked" not in form.one("input", name="schedule.on").attributes
    assert form.all("input", name="schedule.rhythm") == []
    fields = Markup((await ola.sends(f"{new}/schedule", {"schedule.on": "true"}, hx_request="true")).text)
    assert (len(fields.all("time")), fields.all("h1")) == (12, [])
    pdf = [one for one in fields.all("input", name="schedule.formats") if "checked" in one.attributes]
    assert [one.attributes["value"] for one in pdf] == ["pdf"]
    filled = {**WEEK, "name": "Mine", "then": "save", "schedule.on.given": "1"} | MONDAYS
    off = await ola.goes(new, filled | {"name": "Never sent"})
    assert (await ola.get(off)).all("h2")[1].said == "Last runs"
    assert await services.schedules.list(mailing.owner) == ()
    on = filled | {"schedule.on": "true", "key": "second"}
    wrong = await ola.refused(new, on | {"schedule.at": "late"})
    assert "late is no time of day" in wrong.one("div", id="errors").said
    assert len(wrong.all("input", name="schedule.rhythm")) == 8
    where = await ola.goes(new, on)
    assert await ola.goes(new, on) == where  # a double click
    (schedule,) = await services.schedules.list(mailing.owner)
    assert (schedule.report_name, [one.address for one in schedule.recipients]) == ("Mine", [OLA])
    assert "Sent automatically" in (await ola.get(where)).texts("h2")
    edited = {
        **WEEK,
        "name": "Mine",
        "then": "save",
        "schedule.on.given": "1",
        "version": "1",
        "key": "e",
    }
    form = await ola.get(f"{where}/edit")
    assert "checked" in form.one("input", name="schedule.on").attributes
    await ola.goes(f"{where}/edit", edited)
    assert (await services.schedules.get(mailing.owner, schedule.id)).state is ScheduleState.PAUSED
    await ola.goes(f"{where}/edit", edited | {"schedule.on": "true", "version": "2"})
    assert (await services.schedules.get(mailing.owner, schedule.id)).state is ScheduleState.ACTIVE


@pytest.mark.requirement("AP-39", "DC-05")
@pytest.mark.parametrize(
    ("rhythm", "due"),
    [("weekly", datetime(2026, 3, 16, 7, tzinfo=UTC)), ("monthly", datetime(2026, 4, 2, 6, tzinfo=UTC))],
    ids=["weekly", "monthly"],
)
async def test_a_report_that_is_made_is_sent_weekly_or_monthly_in_any_format(
    mailing: Mailing, ola: Reader, rhythm: str, due: datetime
):
    new = "/reports/new/email.campaign"
    fields = Markup((await ola.sends(f"{new}/schedule", {"schedule.on": "true"}, hx_request="true")).text)
    offered = [one.attributes["value"] for one in fields.all("input", name="schedule.rhythm")]
    assert offered[:2] == ["weekly", "monthly"]
    formats = {one.attributes["value"] for one in fields.all("input", name="schedule.formats")}
    assert formats == {"html", "pdf", "csv", "xlsx", "pptx"}
    chosen = {"schedule.on": "true", "schedule.on.given": "1", "schedule.rhythm": rhythm}
    await ola.goes(new, {**WEEK, "name": "Mine", "then": "save"} | MONDAYS | chosen)
    (schedule,) = await mailing.bilan.services.schedules.list(mailing.owner)
    assert schedule.next_due_at == due


async def test_a_report_whose_schedule_is_refused_is_saved_and_its_schedule_asked_for_again(
    mailing: Mailing, signs_in: Any
):
    editor = SourceRole.EDITOR
    await mailing.person("Max", shop=editor, lab=editor)
    max_ = await signs_in("max@example.org", PASSWORD)
    filled = {**WEEK, "name": "Mine", "then": "save", "schedule.on.given": "1", "schedule.on": "true"}
    page = await max_.refused("/reports/new/email.campaign", filled | MONDAYS | {"schedule.to": OLGA}, 403)
    assert "The report is saved; its schedule is not yet." in page.texts("p")
    (saved,) = await mailing.bilan.services.reports.list(mailing.owner)
    assert page.one("form", class_="workbench").attributes["action"] == f"/reports/{saved.id}/schedule"
    assert await mailing.bilan.services.schedules.list(mailing.owner) == ()


@pytest.mark.requirement("AP-04", "AP-05")
async def test_the_files_of_a_run_and_the_page_of_a_source_lead_to_scheduling(
    mailing: Mailing, ola: Reader, report: SavedReport, clock: FrozenClock
):
    def hrefs(page: Markup) -> list[str]:
        return [one.attributes.get("href", "") for one in page.all("a")]

    services = mailing.bilan.services
    run = await services.runs.start(mailing.owner, "email.campaign", MARCH, report=report.id)
    other = await services.runs.start(mailing.owner, "email.campaign", MARCH)
    await let_pass(mailing.bilan, clock, 2026, 3, 10, 13)
    for page in (f"/runs/{run.id}", f"/runs/{run.id}/files", f"/reports/{report.id}", "/reports"):
        assert f"/reports/{report.id}/schedule" in hrefs(await ola.get(page))
    there = f"/reports/new/email.campaign?run={other.id}&schedule=on"
    assert there in hrefs(await ola.get(f"/runs/{other.id}/files"))
    form = await ola.get(there)
    assert "checked" in form.one("input", name="schedule.on").attributes
    assert form.one("input", name="period.first").attributes["value"] == "2026-03-01"
    assert len(form.all("input", name="schedule.rhythm")) == 8
    source = await ola.get(f"/sources/{mailing.shop.id}")
    assert f"/schedules/new?source={mailing.shop.id}" in hrefs(source)
    chosen = await ola.get(f"/schedules/new?source={mailing.shop.id}")
    assert f"/reports/{report.id}/schedule" in hrefs(chosen)
    where = await made(ola, report)
    assert where in hrefs(await ola.get(f"/sources/{mailing.shop.id}"))


async def test_a_report_whose_schedule_has_ended_is_offered_a_new_one(
    mailing: Mailing, ola: Reader, report: SavedReport, clock: FrozenClock
):
    where = await made(ola, report, **{"rhythm": "now", "period.preset": "last_7_days"})
    await let_pass(mailing.bilan, clock, 2026, 3, 10, 13)
    assert (await held(mailing, where)).state is ScheduleState.ENDED
    page = await ola.get(f"/reports/{report.id}/edit?schedule=on")
    assert len(page.all("input", name="schedule.rhythm")) == 8
