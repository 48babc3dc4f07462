"""Schedules as people make, change, pause, delete, list and preview them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bilan.accounts.models import Membership, Person, SourceGrant
from bilan.accounts.values import OperatorPrincipal, Principal
from bilan.catalog import Catalog
from bilan.delivery.values import Addressee, Mode
from bilan.reports.values import Draft
from bilan.schedules import CatchUp, Recurrence, Rhythm, Timetable, at_once, monthly, weekly
from bilan.schedules.values import DeliveryOptions, OccurrenceState, Schedule, ScheduleDraft, ScheduleState
from bilan.sdk.errors import Conflict, Forbidden, Invalid, NotFound
from bilan.sdk.periods import Period, Preset
from support.office import LEFT, RIGHT
from support.schedules import PARIS, Agency, daily

TODAY = date(2026, 3, 10)
MIDDAY = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
async def agency(sqlite_catalog: Catalog, tmp_path: Path) -> Agency:
    agency = Agency(sqlite_catalog, None, tmp_path)
    await agency.furnish()
    return agency


@pytest.fixture
async def ada(agency: Agency) -> Principal:
    """Edits the left till."""
    return await agency.person("Ada", {LEFT: "editor"})


@pytest.fixture
async def schedule(agency: Agency, ada: Principal) -> Schedule:
    """Every day at nine in Paris, from tomorrow on: it is noon in London."""
    return await agency.schedule(ada, daily(TODAY))


def draft_of(schedule: Schedule, **fields: Any) -> ScheduleDraft:
    return replace(ScheduleDraft(schedule.report, schedule.timetable, catch_up=schedule.catch_up), **fields)


async def dues(agency: Agency, actor: Principal) -> list[tuple[str, OccurrenceState]]:
    return [(one.nominal.partition("[")[0][5:16], one.state) for one in await agency.told(actor)]


async def test_a_schedule_holds_what_was_chosen_and_when_it_is_next(agency: Agency, ada: Principal):
    report = await agency.report(ada)
    delivery = DeliveryOptions(("csv",), Mode.ATTACH, 3, "fr", "Voilà.")
    draft = ScheduleDraft(report.id, weekly(TODAY, PARIS), ("Ada@Example.org",), delivery, CatchUp.ALL)
    made = await agency.schedules.create(ada, draft)
    assert made == await agency.schedules.get(ada, made.id)
    weeks = replace(draft.timetable.recurrence, since=MIDDAY)
    assert made.timetable == replace(draft.timetable, recurrence=weeks)
    assert (made.report, made.delivery, made.catch_up) == (report.id, delivery, CatchUp.ALL)
    assert made.recipients == (Addressee(ada.person or uuid4(), "ada@example.org", "Ada"),)
    assert (made.owner, made.owner_name, made.report_name) == (ada.person, "Ada", "Takings")
    assert (made.state, made.version, made.created_at) == (ScheduleState.ACTIVE, 1, MIDDAY)
    assert made.next_due_at == datetime(2026, 3, 16, 7, tzinfo=UTC)


@pytest.mark.requirement("AP-06", "DC-02")
@pytest.mark.parametrize("role", ["moderator", "guest"])
async def test_a_schedule_takes_admin_or_editor_on_every_source(agency: Agency, ada: Principal, role: str):
    both = await agency.person("Bob", {LEFT: "admin", RIGHT: "editor"})
    sources = frozenset({LEFT, RIGHT})
    report = await agency.reports.create(both, Draft("Both", "shop.sales", {}, sources=sources))
    schedule = await agency.schedules.create(both, ScheduleDraft(report.id, daily(TODAY)))
    eve = await agency.person("Eve", {LEFT: "admin", RIGHT: role})
    for change in (
        agency.schedules.create(eve, draft_of(schedule)),
        agency.schedules.edit(eve, schedule.id, draft_of(schedule), version=1),
        agency.schedules.pause(eve, schedule.id),
        agency.schedules.resume(eve, schedule.id),
        agency.schedules.take_over(eve, schedule.id),
        agency.schedules.delete(eve, schedule.id),
    ):
        with pytest.raises(Forbidden, match="Scheduling a report takes one of these roles on every source"):
            await change
    assert await agency.schedules.get(eve, schedule.id) == schedule
    with pytest.raises(NotFound):  # ada cannot read the right till
        await agency.schedules.get(ada, schedule.id)
    assert await agency.schedules.list(ada) == ()
    assert await agency.told(ada) == []


@pytest.mark.requirement("DC-03")
async def test_a_schedule_of_rows_about_persons_takes_the_permission(agency: Agency, ada: Principal):
    holder = await agency.person("Bob", {LEFT: "editor"}, ["export_contact_data"])
    report = await agency.report(holder, kind="shop.customers")
    schedule = await agency.schedules.create(holder, ScheduleDraft(report.id, daily(TODAY)))
    with pytest.raises(NotFound):
        await agency.schedules.get(ada, schedule.id)


async def test_a_schedule_acts_for_a_person(agency: Agency, ada: Principal, schedule: Schedule):
    operator = OperatorPrincipal(workspace=ada.workspace)
    with pytest.raises(Forbidden, match="A schedule acts for a person"):
        await agency.schedules.create(operator, draft_of(schedule))
    await agency.schedules.delete(operator, schedule.id)
    assert await agency.schedules.list(ada) == ()


@pytest.mark.parametrize(
    ("fields", "path", "sentence"),
    [
        ({"timetable": at_once(MIDDAY - timedelta(days=1), PARIS, Period(Preset.YESTERDAY))}, "start",
         "Nothing would ever come due; choose a day that is not over."),
        ({"delivery": DeliveryOptions(("doc",))}, "format", None),
        ({"delivery": DeliveryOptions(days=91)}, "days", "Links last from 1 to 90 days."),
        ({"to": ()}, "to", "Choose at least one recipient."),
        ({"to": ("eve@example.com",)}, "to", None),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused(
    agency: Agency,
    ada: Principal,
    schedule: Schedule,
    fields: dict[str, Any],
    path: str,
    sentence: str | None,
):
    with pytest.raises((Invalid, NotFound)) as error:
        await agency.schedules.create(ada, draft_of(schedule, **fields))
    assert error.value.path == (path,)
    assert sentence in (None, str(error.value))


@pytest.mark.requirement("BZ-30")
async def test_sent_at_once_is_due_as_soon_as_it_is_saved_and_then_has_ended(agency: Agency, ada: Principal):
    agency.clock.move(timedelta(milliseconds=900))
    timetable = at_once(agency.clock.now(), PARIS, Period(Preset.YESTERDAY))
    schedule = await agency.schedule(ada, timetable)
    assert await agency.due.tick() == 1
    assert len(await agency.began()) == 1
    assert (await agency.schedules.get(ada, schedule.id)).state is ScheduleState.ENDED


async def test_what_was_saved_by_somebody_else_is_not_saved_over(
    agency: Agency, ada: Principal, schedule: Schedule
):
    later = draft_of(schedule, timetable=daily(TODAY, time(10)))
    saved = await agency.schedules.edit(ada, schedule.id, later, version=1)
    assert (saved.version, saved.next_due_at) == (2, datetime(2026, 3, 11, 9, tzinfo=UTC))
    with pytest.raises(Conflict, match="Somebody else changed this schedule meanwhile"):
        await agency.schedules.edit(ada, schedule.id, draft_of(schedule), version=1)
    assert await agency.schedules.get(ada, schedule.id) == saved


async def test_an_edit_replaces_what_was_planned_and_nothing_that_began(
    agency: Agency, ada: Principal, schedule: Schedule
):
    agency.set_clock(2026, 3, 11, 8, 0)
    # It is due now; it begins before it is changed, and not once more after.
    await agency.schedules.edit(ada, schedule.id, draft_of(schedule, catch_up=CatchUp.ALL), version=1)
    assert await dues(agency, ada) == [
        ("03-11T09:00", OccurrenceState.BEGUN), ("03-12T09:00", OccurrenceState.PLANNED),
    ]  # fmt: skip
    # The clocks of New York show nine o'clock some hours later on the same day.
    there = Timetable(Recurrence(Rhythm.DAYS, TODAY, "America/New_York", time(9)), Period(Preset.YESTERDAY))
    await agency.schedules.edit(ada, schedule.id, draft_of(schedule, timetable=there), version=2)
    agency.set_clock(2026, 3, 11, 13)
    await agency.due.tick()
    assert [one.nominal for one in await agency.told(ada)] == [
        "2026-03-11T09:00:00[Europe/Paris]",
        "2026-03-11T09:00:00[America/New_York]",
        "2026-03-12T09:00:00[America/New_York]",
    ]
    assert len(await agency.began()) == 2


async def test_a_schedule_that_has_ended_goes_on_once_it_is_given_days(
    agency: Agency, ada: Principal, schedule: Schedule
):
    once = draft_of(schedule, timetable=daily(date(2026, 3, 11), count=1))
    await agency.schedules.edit(ada, schedule.id, once, version=1)
    agency.set_clock(2026, 3, 11, 12)
    await agency.due.tick()
    ended = await agency.schedules.get(ada, schedule.id)
    assert (ended.state, ended.next_due_at) == (ScheduleState.ENDED, None)
    more = await agency.schedules.edit(ada, schedule.id, draft_of(schedule), version=2)
    assert (more.state, more.next_due_at) == (ScheduleState.ACTIVE, datetime(2026, 3, 12, 8, tzinfo=UTC))


async def test_times_are_counted_from_when_they_are_chosen(agency: Agency, ada: Principal):
    # Of today, nine o'clock is over.
    twice = await agency.schedule(ada, daily(TODAY, count=2))
    agency.set_clock(2026, 3, 11, 12)
    await agency.due.tick()
    same = draft_of(twice, timetable=daily(TODAY, count=2), catch_up=CatchUp.ALL)
    await agency.schedules.edit(ada, twice.id, same, version=1)
    (last,) = await agency.schedules.upcoming(ada, (await agency.schedules.get(ada, twice.id)).timetable)
    assert last.nominal.day == 12
    later = draft_of(twice, timetable=daily(TODAY, time(10), count=2))
    await agency.schedules.edit(ada, twice.id, later, version=2)
    found = await agency.schedules.upcoming(ada, (await agency.schedules.get(ada, twice.id)).timetable)
    assert [one.nominal.day for one in found] == [12, 13]


async def test_a_change_is_previewed_with_what_was_sent_of_its_times_and_with_its_pause(
    agency: Agency, ada: Principal
):
    thrice = await agency.schedule(ada, daily(TODAY, count=3))
    agency.set_clock(2026, 3, 11, 12)
    await agency.due.tick()
    draft = draft_of(thrice, timetable=daily(TODAY, count=3), catch_up=CatchUp.ALL)

    async def previewed(draft: ScheduleDraft) -> list[int]:
        found = await agency.schedules.preview(ada, draft, schedule=thrice.id)
        return [one.nominal.day for one in found.occurrences]

    assert await previewed(draft) == [12, 13]
    assert await previewed(replace(draft, timetable=daily(TODAY, count=4))) == [12, 13, 14, 15]
    await agency.schedules.pause(ada, thrice.id, until=datetime(2026, 3, 20, tzinfo=UTC))
    assert await previewed(draft) == [20, 21]
    saved = await agency.schedules.edit(ada, thrice.id, draft, version=2)
    assert saved.next_due_at == datetime(2026, 3, 20, 8, tzinfo=UTC)
    await agency.schedules.resume(ada, thrice.id)
    await agency.schedules.pause(ada, thrice.id)
    assert await previewed(draft) == []


async def test_a_schedule_that_was_sent_as_often_as_was_chosen_takes_other_times_to_go_on(
    agency: Agency, ada: Principal
):
    once = await agency.schedule(ada, daily(TODAY, count=1))
    agency.set_clock(2026, 3, 11, 12)
    await agency.due.tick()
    draft = draft_of(once, timetable=daily(TODAY, count=1))
    for attempt in (
        agency.schedules.preview(ada, draft, schedule=once.id),
        agency.schedules.edit(ada, once.id, draft, version=1),
    ):
        with pytest.raises(Invalid, match="It was sent as often as was chosen") as error:
            await attempt
        assert error.value.path == ("count",)
    again = replace(draft, timetable=daily(date(2026, 3, 11), count=1))
    saved = await agency.schedules.edit(ada, once.id, again, version=1)
    assert (saved.state, saved.next_due_at) == (ScheduleState.ACTIVE, datetime(2026, 3, 12, 8, tzinfo=UTC))


async def test_times_that_a_pause_let_pass_are_left_while_it_lasts_and_after_it(
    agency: Agency, ada: Principal
):
    thrice = await agency.schedule(ada, daily(TODAY, count=3))
    agency.set_clock(2026, 3, 11, 12)
    await agency.due.tick()
    halted = await agency.schedules.pause(ada, thrice.id)
    agency.set_clock(2026, 3, 18, 12)
    draft = draft_of(thrice, timetable=daily(TODAY, count=3), catch_up=CatchUp.ALL)
    paused = await agency.schedules.edit(ada, thrice.id, draft, version=halted.version)
    assert (paused.state, paused.catch_up) == (ScheduleState.PAUSED, CatchUp.ALL)
    resumed = await agency.schedules.resume(ada, thrice.id)
    edited = await agency.schedules.edit(ada, thrice.id, draft_of(thrice), version=resumed.version)
    assert (edited.state, edited.next_due_at) == (ScheduleState.ACTIVE, datetime(2026, 3, 19, 8, tzinfo=UTC))
    shown = await agency.schedules.preview(ada, draft_of(thrice), schedule=thrice.id)
    assert [one.nominal.day for one in shown.occurrences] == [19, 20]


async def test_nothing_comes_due_in_a_pause_and_nothing_of_it_is_made_up_for(
    agency: Agency, ada: Principal, schedule: Schedule
):
    paused = await agency.schedules.pause(ada, schedule.id)
    assert (paused.state, paused.next_due_at) == (ScheduleState.PAUSED, None)
    agency.set_clock(2026, 3, 14, 12)
    assert await agency.due.tick() == 0
    with pytest.raises(Conflict, match="Only a schedule that is going on can be paused"):
        await agency.schedules.pause(ada, schedule.id)
    resumed = await agency.schedules.resume(ada, schedule.id)
    assert (resumed.state, resumed.next_due_at) == (
        ScheduleState.ACTIVE,
        datetime(2026, 3, 15, 8, tzinfo=UTC),
    )
    assert await dues(agency, ada) == [("03-15T09:00", OccurrenceState.PLANNED)]
    with pytest.raises(Conflict, match="This schedule is not paused"):
        await agency.schedules.resume(ada, schedule.id)


async def test_a_pause_with_an_end_ends_by_itself(agency: Agency, ada: Principal, schedule: Schedule):
    until = datetime(2026, 3, 20, 8, tzinfo=UTC)
    paused = await agency.schedules.pause(ada, schedule.id, until=until)
    assert (paused.state, paused.next_due_at) == (ScheduleState.ACTIVE, until)
    with pytest.raises(Invalid, match="A pause ends later than now"):
        await agency.schedules.pause(ada, (await agency.schedule(ada, daily(TODAY))).id, until=MIDDAY)


async def test_a_deleted_schedule_begins_nothing_and_what_it_did_is_still_told(
    agency: Agency, ada: Principal, schedule: Schedule
):
    agency.set_clock(2026, 3, 11, 12)
    await agency.due.tick()
    await agency.schedules.delete(ada, schedule.id)
    agency.set_clock(2026, 3, 20, 12)
    assert await agency.due.tick() == 0
    with pytest.raises(NotFound):
        await agency.schedules.get(ada, schedule.id)
    assert await agency.schedules.list(ada) == ()
    assert await dues(agency, ada) == [("03-11T09:00", OccurrenceState.BEGUN)]


async def test_what_was_expected_is_told_between_two_instants(
    agency: Agency, ada: Principal, schedule: Schedule
):
    agency.set_clock(2026, 3, 13, 12)
    await agency.due.tick()
    since, until = datetime(2026, 3, 12, 8, tzinfo=UTC), datetime(2026, 3, 13, 8, tzinfo=UTC)
    (one,) = await agency.occurrences.expected(ada, since, until)
    assert (one.due_at, one.state) == (since, OccurrenceState.LEFT_OUT)


async def test_schedules_are_listed_with_the_next_due_first(agency: Agency, ada: Principal):
    made = [await agency.schedule(ada, daily(date(2026, 3, day))) for day in (20, 12, 15)]
    await agency.schedules.pause(ada, made[1].id)
    found = await agency.schedules.list(ada)
    assert [one.id for one in found] == [made[2].id, made[0].id, made[1].id]
    assert [one.id for one in await agency.schedules.list(ada, report=made[0].report)] == [made[0].id]
    (paused,) = await agency.schedules.list(ada, state=ScheduleState.PAUSED)
    assert paused.id == made[1].id


async def test_working_days_are_planned_anew_when_holidays_change(agency: Agency, ada: Principal):
    working = Recurrence(Rhythm.WORKING_DAYS, TODAY, PARIS, time(9))
    schedule = await agency.schedule(ada, Timetable(working, Period(Preset.YESTERDAY)))
    with pytest.raises(Forbidden):
        await agency.schedules.change_holidays(ada, [])
    await Membership.filter(person_id=ada.person).update(role="admin")
    admin = await agency.actor(ada.person)
    # Wednesday to Friday are holidays, and a weekend follows.
    await agency.schedules.change_holidays(admin, [date(2026, 3, day) for day in (11, 12, 13)])
    changed = await agency.schedules.get(ada, schedule.id)
    assert changed.next_due_at == datetime(2026, 3, 16, 8, tzinfo=UTC)
    (previewed,) = await agency.schedules.upcoming(ada, changed.timetable, 1)
    assert previewed.instant == changed.next_due_at
    await agency.schedules.change_holidays(admin, [date(2026, 3, 11)])
    assert await agency.schedules.holidays(ada) == {date(2026, 3, 11)}
    assert (await agency.schedules.get(ada, schedule.id)).next_due_at == datetime(2026, 3, 12, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "timetable",
    [
        daily(date(2026, 3, 25), time(2, 30)),  # clocks are changed on 29 March
        weekly(TODAY, "America/Sao_Paulo"),
        monthly(TODAY, "Pacific/Auckland"),
        Timetable(Recurrence(Rhythm.WORKING_DAYS, TODAY, PARIS, count=5), Period(Preset.THIS_MONTH)),
    ],
)
async def test_what_is_previewed_is_what_then_happens(agency: Agency, ada: Principal, timetable: Timetable):
    previewed = await agency.schedules.upcoming(ada, timetable)
    assert len(previewed) == (timetable.recurrence.count or 12)
    await agency.schedule(ada, timetable)
    for one in previewed:
        agency.clock.move(one.instant - timedelta(microseconds=1) - agency.clock.now())
        assert await agency.due.tick() == 0
        agency.clock.move(timedelta(microseconds=1))
        assert await agency.due.tick() == 1
    begun = [one for one in await agency.told(ada) if one.state is OccurrenceState.BEGUN]
    assert [(one.nominal, one.due_at) for one in begun] == [(one.key, one.instant) for one in previewed]
    periods = {run.id: run.values["period"] for run in await agency.began()}
    spans = [one.covers for one in previewed if one.covers is not None]
    assert [periods[one.run] for one in begun if one.run] == [
        f"{span.start}..{span.end - timedelta(days=1)}" for span in spans
    ]


@pytest.mark.requirement("GO-06")
async def test_a_preview_tells_who_would_get_nothing_and_why(agency: Agency, ada: Principal):
    report = await agency.report(ada)
    draft = ScheduleDraft(report.id, daily(TODAY))
    previewed = await agency.schedules.preview(ada, draft, count=2)
    assert [one.key for one in previewed.occurrences] == [
        "2026-03-11T09:00:00[Europe/Paris]", "2026-03-12T09:00:00[Europe/Paris]",
    ]  # fmt: skip
    assert [(one.recipient.name, one.reason) for one in previewed.recipients] == [("Ada", None)]
    assert (previewed.reason, await agency.schedules.list(ada)) == (None, ())
    made = await agency.schedules.create(ada, draft)
    await Membership.filter(person_id=ada.person).update(role="admin")
    await agency.person("Bob", {})
    admin, both = await agency.actor(ada.person), ("ada@example.org", "bob@example.org")
    changed = await agency.schedules.edit(admin, made.id, replace(draft, to=both), version=1)
    await Person.filter(name="Bob").update(active=False)
    kept = await agency.schedules.preview_saved(admin, changed.id)
    assert [str(one.reason) for one in kept.recipients] == [
        "None", "bob@example.org no longer belongs to a person of this workspace.",
    ]  # fmt: skip
    await SourceGrant.filter(person_id=ada.person).delete()
    kept = await agency.schedules.preview_saved(admin, changed.id)
    assert str(kept.reason).startswith("Sending a report takes one of these roles on every source")


async def test_a_calendar_shows_what_all_schedules_are_to_send(
    agency: Agency, ada: Principal, schedule: Schedule
):
    other = await agency.schedule(ada, daily(TODAY, time(8), every=2))
    await agency.schedules.pause(ada, (await agency.schedule(ada, daily(TODAY))).id)
    found = await agency.schedules.calendar(ada, MIDDAY - timedelta(days=9), MIDDAY + timedelta(days=2))
    assert [(one.schedule, one.occurrence.nominal.isoformat()) for one in found] == [
        (schedule.id, "2026-03-11T09:00:00"), (other.id, "2026-03-12T08:00:00"),
        (schedule.id, "2026-03-12T09:00:00"),
    ]  # fmt: skip
    with pytest.raises(Invalid, match="A calendar shows at most a year"):
        await agency.schedules.calendar(ada, MIDDAY, MIDDAY + timedelta(days=367))
