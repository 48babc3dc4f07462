"""A schedule is made on its page, without JavaScript: previewed, corrected and kept as it was filled in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bilan.accounts import SourceRole
from bilan.reports.values import SavedReport
from bilan.schedules import Rhythm
from bilan.sdk.periods import Preset
from fixtures.mailing import Mailing
from fixtures.pages import Markup, Reader
from support.schedule_forms import MONDAYS, OLA, OLGA, PASSWORD, held, made


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
    abroad = {"schedule.to": OLA, "schedule.address": "Zoe@XN--bcher-kva.example", "key": "abroad"}
    for _click in range(2):
        there = await ola.goes(where, MONDAYS | abroad)
    found = [one.address for one in (await held(mailing, there)).recipients]
    assert sorted(found) == [OLA, "zoe@bücher.example"]
    there = await ola.goes(where, MONDAYS | both)
    (receivers,) = (await ola.get(there)).texts("ul", class_="receivers")
    assert (
        "Gets nothing for now: eve@elsewhere.example is still to confirm this address: the first e-mail asks "
        "for that." in receivers
    )


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
