"""Schedules on the pages, without JavaScript: made, previewed, changed, paused, sent again."""

from __future__ import annotations

import shutil
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from bilan.accounts import Principal, SourceRole, WorkspaceRole
from bilan.app import Bilan
from bilan.clock import FrozenClock
from bilan.delivery.models import DeliveryRow
from bilan.i18n import DateFormat, DisplayFormats, TimeFormat
from bilan.reports.values import Draft, SavedReport
from bilan.schedules import CatchUp, DoubledHour, MissingHour, Rhythm
from bilan.schedules.approval import ApprovalRule, Unanswered
from bilan.schedules.conclude import Conclusions
from bilan.schedules.condition import SendCondition, SendConditionKind
from bilan.schedules.freshness import FreshnessRule, WhenStale
from bilan.schedules.models import OccurrenceRow
from bilan.schedules.split_rule import SplitRule
from bilan.schedules.values import OccurrenceState, Schedule, ScheduleState
from bilan.sdk.periods import Preset
from bilan.settings import Settings
from bilan.work import State
from bilan.work.models import StepRow
from fixtures.mailing import Mailing
from fixtures.pages import Markup, Reader
from support.posting import MARCH

TUESDAY = datetime(2026, 3, 10, 12, tzinfo=UTC)
PASSWORD = "correct horse battery"
OLGA, OLA = "olga@example.org", "ola@example.org"
WEEK = {"period.preset": "last_7_days", "tags.given": "1"}
MONDAYS = {
    "key": "form", "schedule.rhythm": "weekly", "schedule.at": "08:00", "schedule.zone": "Europe/Paris",
    "schedule.start": "2026-03-10", "schedule.to.given": "1", "schedule.to": OLA,
    "schedule.formats.given": "1", "schedule.formats": "html", "schedule.mode": "link", "schedule.days": "7",
}  # fmt: skip


@pytest.fixture
def clock() -> FrozenClock:
    """Stands at noon on a Tuesday until a test moves it."""
    return FrozenClock(TUESDAY)


@pytest.fixture
async def bilan(
    warehouse_settings: Settings, _migrated_sqlite: Path, tmp_path: Path, thrifty: None, clock: FrozenClock
) -> AsyncGenerator[Bilan]:
    """A server that goes by that clock."""
    shutil.copy(_migrated_sqlite, tmp_path / "catalog.sqlite")
    async with Bilan.open(warehouse_settings, clock=clock, local=True) as opened:
        yield opened


@pytest.fixture
async def ola(mailing: Mailing, signs_in: Any) -> Reader:
    """An admin of the workspace who edits both sources."""
    editor = SourceRole.EDITOR
    await mailing.person("Ola", shop=editor, lab=editor, role=WorkspaceRole.ADMIN)
    return await signs_in(OLA, PASSWORD)


@pytest.fixture
async def report(mailing: Mailing) -> SavedReport:
    """A saved report of both sources."""
    return await mailing.bilan.services.reports.create(mailing.owner, Draft("March", "email.campaign", MARCH))


async def made(ola: Reader, report: SavedReport, **changes: Any) -> str:
    """The page of a schedule that is made with the form."""
    given = MONDAYS | {f"schedule.{name}": value for name, value in changes.items()}
    where = await ola.goes(f"/reports/{report.id}/schedule", given)
    assert where.startswith("/schedules/")
    return where


async def held(mailing: Mailing, where: str) -> Schedule:
    """What the schedule of a page holds."""
    return await mailing.bilan.services.schedules.get(mailing.owner, UUID(where.rpartition("/")[2]))


async def let_pass(bilan: Bilan, clock: FrozenClock, *moment: int) -> None:
    """Let it be a moment (UTC), and do what is due by then."""
    clock.move(datetime(*moment, tzinfo=UTC) - clock.now())
    await bilan.due.tick()
    while steps := await StepRow.filter(state=State.WAITING, due_at__lte=clock.now()):
        for step in steps:
            await bilan.engine.work(step.id)
    await Conclusions(bilan.services.catalog, clock).sweep()


@pytest.mark.requirement(
    "AP-07", "AP-09", "AP-11", "AP-17", "AP-19", "AP-21", "AP-32", "AP-33", "AP-34", "DC-04"
)
async def test_a_report_is_scheduled_for_the_week_before_every_monday(
    mailing: Mailing, ola: Reader, report: SavedReport
):
    chosen = await ola.get("/schedules/new")
    assert f"/reports/{report.id}/schedule" in [one.attributes["href"] for one in chosen.all("a")]
    form = await ola.get(f"/reports/{report.id}/schedule")
    people = {
        one.attributes["value"]: "checked" in one.attributes for one in form.all("input", name="schedule.to")
    }
    assert people == {OLGA: False, OLA: True}  # everybody of the workspace; whoever makes it is chosen
    schedule = await held(mailing, await made(ola, report))
    recurrence = schedule.timetable.recurrence
    assert (recurrence.rhythm, recurrence.weekdays, recurrence.at.hour) == (Rhythm.WEEKS, {0}, 8)
    assert (recurrence.zone, schedule.timetable.period.preset) == ("Europe/Paris", Preset.PREVIOUS_WEEK)
    assert schedule.next_due_at == datetime(2026, 3, 16, 7, tzinfo=UTC)
    assert [one.address for one in schedule.recipients] == [OLA]
    assert schedule.delivery.formats == ("html",)


@pytest.mark.requirement("AP-10", "BZ-31", "BZ-32")
@pytest.mark.parametrize(
    ("given", "due"),
    [
        ({"rhythm": "monthly"}, "Apr 2, 2026, 8:00 AM CEST"),
        ({"rhythm": "days", "every": "3", "period.preset": "yesterday", "end": "count", "count": "2"},
         "Mar 11, 2026, 8:00 AM CET"),
        ({"rhythm": "weeks", "every": "2", "weekdays.given": "1", "weekdays": ["4", "3"], "end": "until",
          "until": "2026-04-30", "period.preset": "last_7_days"}, "Mar 12, 2026, 8:00 AM CET"),
        ({"rhythm": "months", "every": "1", "month_day": "31", "period.preset": "this_month"},
         "Mar 31, 2026, 8:00 AM CEST"),
        ({"rhythm": "working_days", "period.preset": "yesterday"}, "Mar 11, 2026, 8:00 AM CET"),
        ({"rhythm": "once", "start": "2026-03-29", "at": "02:30", "period.preset": "",
          "period.first": "2026-03-01", "period.last": "2026-03-02"}, "Mar 29, 2026, 3:00 AM CEST"),
        ({"rhythm": "now", "period.preset": "previous_month"}, "Mar 10, 2026, 1:00 PM CET"),
    ],
    ids=["monthly", "days", "weeks", "months", "working_days", "once", "now"],
)  # fmt: skip
async def test_each_rhythm_is_previewed_saved_and_shown_as_it_was_filled_in(
    mailing: Mailing, ola: Reader, report: SavedReport, given: dict[str, Any], due: str
):
    filled = MONDAYS | {"schedule.start": "2026-03-11"}
    filled |= {f"schedule.{name}": value for name, value in given.items()}
    previewed = Markup((await ola.sends(f"/reports/{report.id}/schedule/preview", filled)).text)
    where = await ola.goes(f"/reports/{report.id}/schedule", filled)
    next_due = (await held(mailing, where)).next_due_at
    assert next_due is not None
    assert next_due.isoformat() == previewed.all("time")[0].attributes["datetime"]
    assert (await ola.get("/schedules")).texts("time") == [due]
    form = await ola.get(f"{where}/edit")
    rhythms = form.all("input", name="schedule.rhythm")
    checked = [one.attributes["value"] for one in rhythms if "checked" in one.attributes]
    assert checked == ["once" if given["rhythm"] == "now" else given["rhythm"]]
    again = Markup((await ola.sends(f"{where}/preview", filled)).text)
    assert again.texts("time") == previewed.texts("time")


async def test_what_is_wrong_is_said_at_its_field_and_what_was_filled_in_stays(
    mailing: Mailing, ola: Reader, report: SavedReport
):
    where = f"/reports/{report.id}/schedule"
    wrong = {
        "weekdays": ({"rhythm": "weeks"}, "Choose at least one day of the week."),
        "at": ({"at": "25:99"}, "25:99 is no time of day; write hours and minutes, like 08:00."),
        "start": ({"start": "soon"}, "soon is no date; write it as year-month-day, like 2026-01-31."),
        "until": ({"end": "until", "until": "2026-01-01"}, "lies before the first"),
        "count": ({"end": "count", "count": ""}, "Write after how many times it ends."),
        "zone": ({"zone": "Mars/Base"}, "Mars/Base is no time zone; write one like Europe/Paris or UTC."),
        "every": ({"rhythm": "days", "every": "0"},
                  "Something recurs every 1 to 366 days, weeks or months, not every 0."),
        "to": ({"to": ""}, "Choose at least one recipient."),
        "days": ({"days": "1000"}, "Links last from 1 to 90 days."),
    }  # fmt: skip
    for field, (given, said) in wrong.items():
        filled = MONDAYS | {"schedule.message": "Hello <b>"}
        filled |= {f"schedule.{name}": value for name, value in given.items()}
        page = await ola.refused(where, {name: value for name, value in filled.items() if value})
        assert said in page.one("div", id="errors").said
        led = [one.attributes["href"] for one in page.all("a") if one.attributes["href"].startswith("#f-")]
        assert led == [f"#f-schedule-{field}"]
        assert page.one("textarea", name="schedule.message").text == "Hello <b>"
    assert await mailing.bilan.services.schedules.list(mailing.owner) == ()


async def test_a_field_that_belongs_to_another_rhythm_is_not_looked_at(
    mailing: Mailing, ola: Reader, report: SavedReport
):
    where = await made(ola, report, every="", count="x", until="never", end="never")
    assert (await held(mailing, where)).timetable.recurrence.count is None


@pytest.mark.requirement("AP-20", "AP-23", "AP-28")
async def test_a_member_chooses_themselves_alone_and_a_moderator_makes_none(
    mailing: Mailing, report: SavedReport, signs_in: Any
):
    editor, moderator = SourceRole.EDITOR, SourceRole.MODERATOR
    await mailing.person("Max", shop=editor, lab=editor)
    await mailing.person("Mo", shop=moderator, lab=moderator)
    max_, mo = [await signs_in(f"{name}@example.org", PASSWORD) for name in ("max", "mo")]
    form = await max_.get(f"/reports/{report.id}/schedule")
    assert [one.attributes["value"] for one in form.all("input", name="schedule.to")] == ["max@example.org"]
    await max_.refused(f"/reports/{report.id}/schedule", MONDAYS | {"schedule.to": OLGA}, 403)
    await mo.get(f"/reports/{report.id}/schedule", 403)
    page = await mo.get(f"/reports/{report.id}")
    assert f"/reports/{report.id}/schedule" not in [one.attributes["href"] for one in page.all("a")]


@pytest.mark.requirement("AP-29", "AP-30", "AP-31", "AP-32", "AP-35", "AP-42", "DC-14")
async def test_a_schedule_is_changed_and_shows_what_it_holds(
    mailing: Mailing, ola: Reader, report: SavedReport
):
    where = await made(ola, report)
    policies = {"missing": "shifted", "doubled": "second", "catch_up": "all", "first_weekday": "6"}
    changed = MONDAYS | {f"schedule.{name}": value for name, value in policies.items()}
    changed |= {"schedule.date_format": "iso", "schedule.time_format": "24h"}
    changed |= {"version": "1", "schedule.days": "3", "schedule.language": "fr", "schedule.to": [OLA, OLGA]}
    assert await ola.goes(f"{where}/edit", changed) == where
    schedule = await held(mailing, where)
    recurrence = schedule.timetable.recurrence
    assert (recurrence.missing, recurrence.doubled) == (MissingHour.SHIFTED, DoubledHour.SECOND)
    assert (schedule.catch_up, recurrence.first_weekday) == (CatchUp.ALL, 6)
    assert (schedule.delivery.days, schedule.delivery.language) == (3, "fr")
    assert schedule.delivery.display == DisplayFormats(DateFormat.ISO, TimeFormat.HOURS_24)
    filled = await ola.get(f"{where}/edit")
    checked = [one.attributes["value"] for one in filled.all("input") if "checked" in one.attributes]
    assert {"weekly", "shifted", "second", "all", "iso", "24h", "fr", OLA, OLGA} <= set(checked)
    page = await ola.get(where)
    facts = dict(zip(page.texts("dt"), page.texts("dd"), strict=True))
    assert facts["Files"] == "Web page as links for 3 days"
    assert facts["Language"] == "Français"
    assert len(page.all("ol", class_="upcoming")[0].said.split("covers")) == 13
    assert page.texts("ul", class_="receivers") == [f"Ola {OLA} Olga {OLGA}"]
    refused = await ola.refused(f"{where}/edit", changed, 409)
    assert (
        "Somebody else changed this schedule meanwhile; look at it again."
        in refused.one("div", id="errors").said
    )


@pytest.mark.requirement("GO-06")
async def test_the_clocks_are_remarked_on_before_anything_is_saved(ola: Reader, report: SavedReport):
    given = {
        "rhythm": "days",
        "every": "1",
        "start": "2026-03-29",
        "at": "02:30",
        "period.preset": "yesterday",
    }
    filled = MONDAYS | {f"schedule.{name}": value for name, value in given.items()}
    page = Markup((await ola.sends(f"/reports/{report.id}/schedule/preview", filled, hx_request="true")).text)
    assert page.all("h1") == []
    assert page.texts("span", class_="remark") == [
        "The clocks are put forward and skip 02:30; it leaves at 03:00."
    ]
    assert page.texts("time")[:2] == ["Sunday, March 29, 2026, 3:00 AM", "Monday, March 30, 2026, 2:30 AM"]
    assert page.texts("span", class_="under")[0] == "Mar 29, 2026, 1:00 AM UTC · covers Mar 28, 2026"
    shown = await ola.sends(f"/reports/{report.id}/schedule", filled | {"then": "preview"})
    assert Markup(shown.text).texts("time") == page.texts("time")


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


async def sent_on_monday(mailing: Mailing, ola: Reader, report: SavedReport, clock: FrozenClock) -> str:
    """The page of what was sent on a Monday: Ola has it, Olga's mail server refused it."""
    where = await made(ola, report, to=[OLA, OLGA])
    await let_pass(mailing.bilan, clock, 2026, 3, 16, 7)
    await ola.goes("/sign-in", {"email": OLA, "password": PASSWORD})  # nobody stays signed in for so long
    await DeliveryRow.filter(address=OLGA).update(state="refused", answer="550 no such mailbox")
    service = mailing.bilan.services.occurrences
    schedule = (await held(mailing, where)).id
    found = [one for one in (await service.list(mailing.owner, schedule)).occurrences if one.run]
    await OccurrenceRow.filter(id=found[0].id).update(state=OccurrenceState.BEGUN)
    await Conclusions(mailing.bilan.services.catalog, clock).sweep()
    return f"/occurrences/{found[0].id}"


@pytest.mark.requirement("GO-01", "GO-02")
async def test_what_was_sent_is_looked_back_on_and_sent_again_to_who_did_not_get_it(
    mailing: Mailing, ola: Reader, report: SavedReport, clock: FrozenClock
):
    where = await sent_on_monday(mailing, ola, report, clock)
    page = await ola.get(where)
    assert "not to all" in page.texts("span", class_="badge")
    assert "550 no such mailbox" in " ".join(page.texts("td"))
    schedule = next(
        one.attributes["href"] for one in page.all("a") if one.attributes["href"].startswith("/schedules/")
    )
    history = (await ola.get(schedule)).one("section", id="history")
    assert "Mar 16, 2026, 8:00 AM CET" in history.said
    assert "1 of 2" in history.said
    assert "not to all" in (await ola.get("/schedules")).texts("span", class_="badge")
    calendar = await ola.get("/schedules/calendar?month=2026-03")
    assert calendar.one("h1").said == "March 2026"
    entries = [one.said for one in calendar.all("li") if "March" in one.said]
    assert entries[0] == "7:00 AM March not to all"
    assert entries[1:] == ["7:00 AM March", "6:00 AM March"]  # Paris has put its clocks forward by the 30th
    clock.move(timedelta(minutes=1))
    assert await ola.goes(f"{where}/resend", {"key": "again"}) == where
    assert await ola.goes(f"{where}/resend", {"key": "again"}) == where
    await let_pass(mailing.bilan, clock, 2026, 3, 16, 7, 5)
    assert "sent" in (await ola.get(where)).texts("span", class_="badge")
    assert await DeliveryRow.filter(address=OLGA).count() == 2
    assert await DeliveryRow.filter(address=OLA).count() == 1
    assert await ola.goes(f"{where}/to-me", {"key": "mine"}) == where
    await let_pass(mailing.bilan, clock, 2026, 3, 16, 7, 6)
    assert await DeliveryRow.filter(address=OLA).count() == 2
    await ola.goes(f"{where}/resend", {"key": "once more"})
    assert "There is nobody to send this to again." in " ".join((await ola.get(where)).texts("p"))


@pytest.mark.requirement("BZ-30")
async def test_it_is_sent_now_beside_what_is_planned(
    mailing: Mailing, ola: Reader, report: SavedReport, clock: FrozenClock
):
    where = await made(ola, report)
    there = await ola.goes(f"{where}/send-now", {"key": "now"})
    assert there.startswith("/occurrences/")
    assert "hx-get" in (await ola.get(there)).one("div", id="occurrence").attributes
    await let_pass(mailing.bilan, clock, 2026, 3, 10, 12, 1)
    page = await ola.get(there)
    assert "hx-get" not in page.one("div", id="occurrence").attributes
    assert "sent" in page.texts("span", class_="badge")
    assert (await held(mailing, where)).next_due_at == datetime(2026, 3, 16, 7, tzinfo=UTC)
    assert "asked for by Ola" in (await ola.get(where)).one("section", id="history").said


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


async def test_holidays_are_kept_one_a_line_and_leave_out_working_days(
    mailing: Mailing, ola: Reader, report: SavedReport
):
    await ola.goes("/workspace/holidays", {"holidays": "2026-03-11\n\n 2026-03-12 \n"})
    assert (await ola.get("/workspace")).all("textarea")[0].text == "2026-03-11\n2026-03-12"
    where = await made(ola, report, rhythm="working_days", start="2026-03-11")
    assert (await held(mailing, where)).next_due_at == datetime(2026, 3, 13, 7, tzinfo=UTC)
    page = await ola.refused("/workspace/holidays", {"holidays": "2026-03-11\nEaster"})
    assert (
        "Easter is no date; write it as year-month-day, like 2026-01-31." in page.one("div", id="errors").said
    )
    assert page.all("textarea")[0].text == "2026-03-11\nEaster"


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


@pytest.mark.requirement("AP-18", "AP-22", "AP-24", "AP-25", "AP-41", "DC-01")
async def test_somebody_outside_is_written_down_in_the_form_and_chosen(
    mailing: Mailing, ola: Reader, report: SavedReport
):
    where = f"/reports/{report.id}/schedule"
    eve = {"schedule.address": "Eve@Elsewhere.example", "schedule.first_name": "Eve", "then": "add_recipient"}
    form = Markup((await ola.sends(where, MONDAYS | eve)).text)
    assert "Eve <eve@elsewhere.example>, not confirmed yet" in form.texts("label")
    chosen = [one for one in form.all("input", name="schedule.to") if "checked" in one.attributes]
    assert [one.attributes["value"] for one in chosen] == [OLA, "eve@elsewhere.example"]
    assert form.one("input", name="schedule.address").attributes["value"] == ""
    wrong = await ola.refused(where, MONDAYS | {"schedule.address": "nobody"})
    assert [one.attributes["href"] for one in wrong.all("a") if "#f-" in one.attributes["href"]] == [
        "#f-schedule-address"
    ]
    await ola.refused(where, MONDAYS | {"then": "add_recipient"})
    both = {"schedule.to": [OLA, "eve@elsewhere.example"], "schedule.address": "zoe@elsewhere.example"}
    there = await ola.goes(where, MONDAYS | both)
    found = [one.address for one in (await held(mailing, there)).recipients]
    assert sorted(found) == ["eve@elsewhere.example", OLA, "zoe@elsewhere.example"]
    (receivers,) = (await ola.get(there)).texts("ul", class_="receivers")
    assert "eve@elsewhere.example is still to confirm this address" in receivers


@pytest.mark.requirement("AP-23")
async def test_a_member_writes_nobody_down(mailing: Mailing, report: SavedReport, signs_in: Any):
    editor = SourceRole.EDITOR
    await mailing.person("Max", shop=editor, lab=editor)
    max_ = await signs_in("max@example.org", PASSWORD)
    where = f"/reports/{report.id}/schedule"
    assert (await max_.get(where)).all("input", name="schedule.address") == []
    await max_.refused(
        where, MONDAYS | {"schedule.to": "max@example.org", "schedule.address": "e@x.example"}, 403
    )


@pytest.mark.requirement("GO-19", "GO-20")
async def test_a_condition_and_whose_yes_it_takes_are_chosen_kept_and_shown(
    mailing: Mailing, ola: Reader, report: SavedReport, clock: FrozenClock
):
    services, form = mailing.bilan.services, f"/reports/{report.id}/schedule"
    conditions = (await ola.get(form)).one("select", name="schedule.condition")
    assert "greater" not in conditions.said  # it was never built, so there is no figure to choose
    await services.runs.start(
        mailing.owner, "email.campaign", MARCH, report=report.id, sources=report.sources
    )
    await let_pass(mailing.bilan, clock, 2026, 3, 10, 12, 5)
    figures = await services.schedules.figures(mailing.owner, report.id)
    rate = next(key for key, one in figures.items() if one.unit == "proportion")
    assert mailing.owner.person is not None
    asked = {"condition": "above", "kpi": rate, "value": "12,5", "approver": str(mailing.owner.person)}
    where = await made(ola, report, **asked, hours="48", unanswered="send")
    schedule = await held(mailing, where)
    assert schedule.condition == SendCondition(SendConditionKind.ABOVE, rate, 0.125)
    assert schedule.approval == ApprovalRule(mailing.owner.person, 48, Unanswered.SEND)
    page = await ola.get(where)
    facts = dict(zip(page.texts("dt"), page.texts("dd"), strict=True))
    assert facts["Condition"] == f"only if {figures[rate].label} is greater than 12.5%"
    assert facts["Approval"] == "by Olga, within 48 hours else it is sent all the same"
    filled = await ola.get(f"{where}/edit")
    chosen = [one.attributes["value"] for one in filled.all("option") if "selected" in one.attributes]
    assert {"above", rate, str(mailing.owner.person)} <= set(chosen)
    assert filled.one("input", name="schedule.value").attributes["value"] == "12.5"
    moved = MONDAYS | {"schedule.condition": "moved", "schedule.kpi": rate, "schedule.value": "lots"}
    wrong = await ola.refused(form, moved)
    assert "lots is no number." in wrong.one("div", id="errors").said


@pytest.mark.requirement("AD-10")
async def test_a_test_is_sent_to_whoever_asks_and_to_nobody_else(
    mailing: Mailing, ola: Reader, report: SavedReport, clock: FrozenClock
):
    where = await made(ola, report, to=[OLA, OLGA])
    assert await ola.goes(f"{where}/test", {"key": "test"}) == where
    assert await ola.goes(f"{where}/test", {"key": "test"}) == where
    await let_pass(mailing.bilan, clock, 2026, 3, 10, 12, 5)
    assert [row.address for row in await DeliveryRow.all()] == [OLA]
    assert "Nothing was sent yet." in (await ola.get(where)).one("section", id="history").said


@pytest.mark.requirement("GO-18")
async def test_each_recipient_gets_their_part_by_a_table_that_is_written_kept_and_shown(
    mailing: Mailing, ola: Reader, report: SavedReport
):
    table = {"filter": "tags", "values": "OLA@example.org,spring\nolga@example.org,atlantis;spring"}
    where = await made(ola, report, **table)
    saved = await held(mailing, where)
    assert saved.split == SplitRule("tags")
    assert {one.address: one.values for one in saved.table} == {
        OLA: ("spring",), OLGA: ("atlantis", "spring"),
    }  # fmt: skip
    form = await ola.get(f"{where}/edit")
    (written,) = form.all("textarea", name="schedule.values")
    assert written.text.split() == ["ola@example.org,spring", "olga@example.org,atlantis;spring"]
    # What a form does not ask stays: nobody gets the whole unseen.
    await ola.goes(f"{where}/edit", MONDAYS | {"version": str(saved.version), "schedule.at": "09:00"})
    assert (await held(mailing, where)).split == SplitRule("tags")
    said = await ola.sends(f"/reports/{report.id}/schedule", MONDAYS | {"schedule.filter": "tags"})
    assert "Write down at least one recipient and a value." in said.text


@pytest.mark.requirement("GO-18")
async def test_what_was_split_shows_each_part_with_its_reason_and_sends_one_of_them_to_oneself(
    mailing: Mailing, ola: Reader, report: SavedReport, bilan: Bilan, clock: FrozenClock, signs_in: Any
):
    where = await made(ola, report, filter="tags", values="olga@example.org,atlantis")
    await let_pass(bilan, clock, 2026, 3, 16, 7)
    ola = await signs_in(OLA, PASSWORD)
    sent = await OccurrenceRow.filter(schedule_id=(await held(mailing, where)).id).order_by("due_at").first()
    assert sent is not None
    page = await ola.get(f"/occurrences/{sent.id}")
    said = (await ola.client.get(f"/occurrences/{sent.id}")).text
    assert "No source knows atlantis." in said
    assert "No value is written down for them." in said
    actions = [one.attributes.get("action", "") for one in page.all("form")]
    (mine,) = [one for one in actions if "/to-me" in one]
    assert (await ola.goes(mine, {"key": "mine"})) == f"/occurrences/{sent.id}"


@pytest.mark.requirement("GO-04", "GO-05")
async def test_what_changed_and_late_sources_are_chosen_kept_and_shown(
    mailing: Mailing, ola: Reader, report: SavedReport, clock: FrozenClock
):
    waits = {
        "tells_changes.given": "1",
        "tells_changes": "on",
        "stale": "wait",
        "wait_hours": "6",
        "then": "skip",
    }
    where = await made(ola, report, **waits)
    schedule = await held(mailing, where)
    assert schedule.tells_changes
    assert schedule.freshness == FreshnessRule(WhenStale.WAIT, 6, WhenStale.SKIP)
    page = await ola.get(where)
    facts = dict(zip(page.texts("dt"), page.texts("dd"), strict=True))
    assert facts["Since the last copy"] == "each says what changed"
    assert facts["While a source is late"] == "it waits for 6 hours and is left out then"
    assert "If it were due now, its sources would be late:" in page.texts("p")
    late = ["Lab has not reported anything yet.", "Shop has not reported anything yet."]
    assert [one for one in page.texts("li") if "reported" in one] == late
    filled = await ola.get(f"{where}/edit")
    chosen = [one.attributes["value"] for one in filled.all("option") if "selected" in one.attributes]
    assert {"wait"} <= set(chosen)
    ticked = filled.one("input", name="schedule.tells_changes", type="checkbox")
    assert "checked" in ticked.attributes
    # An approver is changed with it, too.
    assert mailing.owner.person is not None
    person = str(mailing.owner.person)
    given = {"schedule.stale": "anyhow", "schedule.approver": person, "version": "1"}
    given |= {"schedule.tells_changes.given": "1"}
    assert await ola.goes(f"{where}/edit", MONDAYS | given) == where
    changed = await held(mailing, where)
    assert (changed.freshness, changed.tells_changes) == (None, False)
    assert changed.approval == ApprovalRule(mailing.owner.person)
    form = f"/reports/{report.id}/schedule"
    wrong = await ola.refused(form, MONDAYS | {"schedule.stale": "wait", "schedule.wait_hours": "500"})
    assert (
        "Sources are waited for from 1 to 168 hours." in wrong.one("div", id="field-schedule.wait_hours").said
    )


@pytest.mark.requirement("GO-05")
async def test_what_waits_for_its_sources_says_so_with_the_reason(
    mailing: Mailing, ola: Reader, report: SavedReport, clock: FrozenClock
):
    where = await made(ola, report, stale="wait", wait_hours="6")
    await let_pass(mailing.bilan, clock, 2026, 3, 16, 9)
    await ola.goes("/sign-in", {"email": OLA, "password": PASSWORD})
    page = await ola.get(where)
    history = page.one("section", id="history").said
    assert "waits for its sources Lab has not reported anything yet." in history
    (row,) = await OccurrenceRow.filter(state=OccurrenceState.AWAITING_SOURCES)
    one = await ola.get(f"/occurrences/{row.id}")
    assert "Waits for its sources until" in one.texts("dt")
