"""Schedules through GraphQL: previewed, made, changed, sent, and what became of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from bilan.delivery.models import DeliveryRow
from bilan.reports.values import Draft
from bilan.schedules.conclude import Conclusions
from bilan.schedules.models import OccurrenceRow
from bilan.work import State
from bilan.work.models import StepRow
from fixtures.bilan import Query
from fixtures.mailing import Mailing

CREATE = """mutation ($schedule: ScheduleInput!, $key: String) {
  createSchedule(schedule: $schedule, key: $key) {
    id reportName version state formats mode days recipients { address name }
    recurrence { rhythm weekdays at zone firstWeekday count } period { preset }
  }
}"""
PREVIEW = """query ($schedule: ScheduleInput!) {
  schedulePreview(schedule: $schedule, count: 2) {
    occurrences { nominal local dueAt remark first last }
    recipients { recipient { address } reason } reason
  }
}"""
AT_TWO = {
    "rhythm": "WEEKS", "weekdays": [6], "at": "02:30", "zone": "Europe/Paris", "start": "2198-03-20",
    "count": 9,
}  # fmt: skip


@pytest.fixture
async def report(mailing: Mailing) -> str:
    """A saved report."""
    saved = await mailing.bilan.services.reports.create(
        mailing.owner, Draft("News", "email.campaign", {}, ("csv",))
    )
    return str(saved.id)


def schedule_of(report: str, **fields: Any) -> dict[str, Any]:
    return {"report": report, "recurrence": AT_TWO, "period": {"preset": "PREVIOUS_WEEK"}, **fields}


async def done(mailing: Mailing) -> None:
    """Do every step that is due, and conclude what is over."""
    while steps := await StepRow.filter(state=State.WAITING, due_at__isnull=False):
        for step in steps:
            await mailing.bilan.engine.work(step.id)
    await Conclusions(mailing.bilan.services.catalog, mailing.bilan.services.clock).sweep()


@pytest.mark.requirement("GO-06")
async def test_a_schedule_is_previewed_before_it_is_saved(
    mailing: Mailing, asking: Query, report: str
) -> None:
    await mailing.person("Eve")
    wanted = schedule_of(report, to=["olga@example.org", "eve@example.org"])
    told = await asking(PREVIEW, mailing.owner, {"schedule": wanted})
    assert told.errors is None
    # On the last Sunday of March the clocks of Paris skip two o'clock.
    assert told.data["schedulePreview"] == {
        "occurrences": [
            {"nominal": "2198-03-25T02:30:00[Europe/Paris]", "local": "2198-03-25T03:00:00+02:00",
             "dueAt": "2198-03-25T01:00:00+00:00", "first": "2198-03-12", "last": "2198-03-18",
             "remark": "The clocks are put forward and skip 02:30; it leaves at 03:00."},
            {"nominal": "2198-04-01T02:30:00[Europe/Paris]", "local": "2198-04-01T02:30:00+02:00",
             "dueAt": "2198-04-01T00:30:00+00:00", "first": "2198-03-19", "last": "2198-03-25",
             "remark": None},
        ],
        "recipients": [
            {"recipient": {"address": "olga@example.org"}, "reason": None},
            {"recipient": {"address": "eve@example.org"}, "reason": None},
        ],
        "reason": None,
    }  # fmt: skip
    assert (await asking("{ schedules { totalCount } }", mailing.owner)).data["schedules"]["totalCount"] == 0


async def test_a_schedule_is_made_once_a_key_and_changed_by_who_has_seen_it(
    mailing: Mailing, asking: Query, report: str
) -> None:
    variables = {"schedule": schedule_of(report), "key": "form"}
    made = [(await asking(CREATE, mailing.owner, variables)).data["createSchedule"] for _click in range(2)]
    assert made[0] == made[1]
    assert made[0] == {
        "id": made[0]["id"], "reportName": "News", "version": 1, "state": "ACTIVE", "formats": ["csv"],
        "mode": "LINK", "days": 7, "recipients": [{"address": "olga@example.org", "name": "Olga"}],
        "recurrence": {"rhythm": "WEEKS", "weekdays": [6], "at": "02:30:00", "zone": "Europe/Paris",
                       "firstWeekday": 0, "count": 9},
        "period": {"preset": "PREVIOUS_WEEK"},
    }  # fmt: skip
    change = """mutation ($id: ID!, $schedule: ScheduleInput!, $version: Int!) {
      changeSchedule(id: $id, schedule: $schedule, version: $version) { version mode recipients { name } }
    }"""
    given = {"id": made[0]["id"], "schedule": schedule_of(report, mode="ATTACH"), "version": 1}
    changed = await asking(change, mailing.owner, given)
    assert changed.data["changeSchedule"] == {
        "version": 2, "mode": "ATTACH", "recipients": [{"name": "Olga"}],
    }  # fmt: skip
    change = change.replace("recipients { name }", "protected { separately views downloads }")
    how = {"separately": True, "views": 2, "downloads": False}
    given |= {"schedule": schedule_of(report, mode="PROTECTED", protected=how), "version": 2}
    changed = await asking(change, mailing.owner, given)
    assert changed.data["changeSchedule"] == {"version": 3, "mode": "PROTECTED", "protected": how}
    left_out = {"id": made[0]["id"], "schedule": schedule_of(report, message="As ever."), "version": 3}
    changed = await asking(change, mailing.owner, left_out)
    assert changed.data["changeSchedule"] == {"version": 4, "mode": "PROTECTED", "protected": how}
    (error,) = (await asking(change, mailing.owner, given)).errors
    assert error.extensions["code"] == "conflict"


async def test_what_is_wrong_is_said_with_its_field(mailing: Mailing, asking: Query, report: str) -> None:
    wrong = schedule_of(report, recurrence={"rhythm": "WEEKS", "weekdays": [7]})
    (error,) = (await asking(CREATE, mailing.owner, {"schedule": wrong})).errors
    assert (error.message, error.extensions["code"]) == (
        "Weekdays count from 0, Monday, to 6, Sunday.", "invalid",
    )  # fmt: skip
    early = (
        '{ expectedOccurrences(since: "0001-01-01T00:00:00+14:00", until: "2026-01-01T00:00:00Z") { id } }'
    )
    (error,) = (await asking(early, mailing.owner)).errors
    assert "lies outside of the calendar of reports" in error.message
    bare = '{ scheduleCalendar(since: "2026-01-01T00:00:00", until: "2026-01-02T00:00:00Z") { schedule } }'
    (error,) = (await asking(bare, mailing.owner)).errors
    assert error.message.startswith("Write the moment with its offset")


async def test_sent_now_failed_and_sent_again(mailing: Mailing, asking: Query, report: str) -> None:
    march = schedule_of(report, period={"first": "2026-03-01", "last": "2026-03-04"})
    made = await asking(CREATE, mailing.owner, {"schedule": march})
    ident = made.data["createSchedule"]["id"]
    now = f'mutation {{ sendScheduleNow(id: "{ident}", key: "k") {{ id state askedBy }} }}'
    sent = (await asking(now, mailing.owner)).data["sendScheduleNow"]
    assert (sent["state"], sent["askedBy"]) == ("BEGUN", "Olga")
    await done(mailing)
    # As if its mail server had refused it.
    await DeliveryRow.all().update(state="refused")
    await OccurrenceRow.filter(id=UUID(sent["id"])).update(state="failed")
    again = f'mutation {{ resendFailed(occurrence: "{sent["id"]}", key: "k") {{ state }} }}'
    assert (await asking(again, mailing.owner)).data["resendFailed"] == {"state": "BEGUN"}
    await done(mailing)
    told = await asking(
        f'{{ schedule(id: "{ident}") {{ occurrences {{ totalCount nodes {{ state recipients reached '
        "deliveries { state } } } } }",
        mailing.owner,
    )
    planned, sent = told.data["schedule"]["occurrences"]["nodes"]
    assert (planned["state"], planned["deliveries"]) == ("PLANNED", [])
    assert sent == {
        "state": "SENT", "recipients": 1, "reached": 1,
        "deliveries": [{"state": "ACCEPTED"}, {"state": "REFUSED"}],
    }  # fmt: skip


@pytest.mark.requirement("GO-04", "GO-05")
async def test_what_changed_and_late_sources_are_asked_for_and_told(
    mailing: Mailing, asking: Query, report: str
) -> None:
    make = """mutation ($schedule: ScheduleInput!) { createSchedule(schedule: $schedule) {
      id tellsChanges freshness { stale hours then } preview(count: 1) { stale }
      occurrences { nodes { state waitsUntil } }
    } }"""
    given = schedule_of(report, tellsChanges=True, freshness={"stale": "WAIT", "hours": 6, "then": "SKIP"})
    made = (await asking(make, mailing.owner, {"schedule": given})).data["createSchedule"]
    assert made == {
        "id": made["id"],
        "tellsChanges": True,
        "freshness": {"stale": "WAIT", "hours": 6, "then": "SKIP"},
        "preview": {"stale": ["Lab has not reported anything yet.", "Shop has not reported anything yet."]},
        "occurrences": {"nodes": [{"state": "PLANNED", "waitsUntil": None}]},
    }
    sources = (await asking("{ sources { name watermark settlingHours } }", mailing.owner)).data["sources"]
    assert sources == [
        {"name": "Lab", "watermark": None, "settlingHours": 1},
        {"name": "Shop", "watermark": None, "settlingHours": 1},
    ]
    wrong = {"schedule": schedule_of(report, freshness={"hours": 0})}
    (error,) = (await asking(make, mailing.owner, wrong)).errors
    assert error.message == "Sources are waited for from 1 to 168 hours."
