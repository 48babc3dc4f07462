"""What is due begins once: at its time, after an outage, with many tickers, and when one is killed."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from tortoise.exceptions import DBConnectionError

from bilan.accounts.models import Person, SourceGrant
from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.reports.values import Draft
from bilan.runs.values import Run
from bilan.schedules import CatchUp, monthly
from bilan.schedules.values import OccurrenceState, ScheduleState
from bilan.sdk.document import Kpis
from bilan.warehouse import Warehouse
from bilan.work import State
from support.office import LEFT
from support.schedules import PARIS, Agency, daily

TODAY = date(2026, 3, 10)
BEGUN, LEFT_OUT, FAILED, PLANNED = (
    OccurrenceState.BEGUN, OccurrenceState.LEFT_OUT, OccurrenceState.FAILED, OccurrenceState.PLANNED,
)  # fmt: skip
KILLED = Path(__file__).parents[2] / "support" / "killed_ticker.py"


@pytest.fixture
async def agency(catalog: Catalog, tmp_path: Path) -> Agency:
    agency = Agency(catalog, None, tmp_path)
    await agency.furnish()
    return agency


@pytest.fixture
async def ada(agency: Agency) -> Principal:
    """Edits the left till."""
    return await agency.person("Ada", {LEFT: "editor"})


async def test_a_schedule_made_at_8_59_for_9_00_leaves_today_for_the_day_before(
    sqlite_catalog: Catalog, warehouse: Warehouse, tmp_path: Path
):
    agency = Agency(sqlite_catalog, warehouse, tmp_path)
    await agency.open()
    ada = await agency.person("Ada", {LEFT: "editor"})
    agency.sell(LEFT, "a", "b", ago=timedelta(days=1))
    agency.sell(LEFT, "today", ago=timedelta(hours=5))
    agency.set_clock(2026, 3, 10, 7, 59)
    schedule = await agency.schedule(ada, daily(TODAY))
    assert schedule.next_due_at == datetime(2026, 3, 10, 8, tzinfo=UTC)
    assert await agency.due.tick() == 0
    agency.set_clock(2026, 3, 10, 8)
    assert await agency.due.tick() == 1
    (run,) = await agency.began()
    assert (run.title, run.asked_by) == (schedule.report_name, ada.person)
    assert run.values["period"] == "2026-03-09..2026-03-09"
    agency.set_clock(2026, 3, 10, 12)
    assert (await agency.finish(run)).state is State.SUCCEEDED
    (kpis, _table) = (await agency.runs.document(ada, run.id)).blocks
    assert isinstance(kpis, Kpis)
    assert kpis.tiles[0].value == 2
    begun, planned = await agency.told(ada)
    assert (begun.state, begun.run, begun.report_version) == (BEGUN, run.id, 1)
    assert (planned.state, planned.nominal) == (PLANNED, "2026-03-11T09:00:00[Europe/Paris]")


async def test_a_schedule_made_within_the_second_leaves_at_once(agency: Agency, ada: Principal):
    agency.set_clock(2026, 3, 10, 8)
    agency.clock.move(timedelta(milliseconds=700))
    await agency.schedule(ada, daily(TODAY))
    assert await agency.due.tick() == 1
    assert [one.due_at.day for one in await agency.told(ada)] == [10, 11]


async def test_a_month_that_is_made_up_for_is_the_one_that_was_missed(agency: Agency, ada: Principal):
    await agency.schedule(ada, monthly(TODAY, PARIS))
    agency.set_clock(2026, 4, 20, 12)
    await agency.due.tick()
    assert [run.values["period"] for run in await agency.began()] == ["2026-03-01..2026-03-31"]


@pytest.mark.requirement("GO-16")
@pytest.mark.parametrize(
    ("policy", "days"), [(CatchUp.LATEST, [30]), (CatchUp.ALL, list(range(11, 31))), (CatchUp.SKIP, [])]
)
async def test_after_an_outage_of_twenty_occurrences_all_are_told_and_the_policy_is_done(
    agency: Agency, ada: Principal, policy: CatchUp, days: list[int]
):
    await agency.schedule(ada, daily(date(2026, 3, 11)), policy)
    agency.set_clock(2026, 3, 30, 12)
    assert await agency.due.tick() == 1
    *missed, planned = await agency.told(ada)
    assert [one.due_at.day for one in missed] == list(range(11, 31))
    assert [one.due_at.day for one in missed if one.state is BEGUN] == days
    assert all(one.reason is not None for one in missed if one.state is LEFT_OUT)
    periods = {run.id: run.values["period"] for run in await agency.began()}
    assert [periods[one.run] for one in missed if one.run is not None] == [
        f"2026-03-{day - 1}..2026-03-{day - 1}" for day in days
    ]
    assert (planned.state, planned.due_at.day) == (PLANNED, 31)
    assert await agency.due.tick() == 0


async def test_many_tickers_at_once_begin_each_occurrence_once(
    agency: Agency, ada: Principal, catalog_url: str
):
    for minute in range(12):
        await agency.schedule(ada, daily(TODAY, time(14, minute)), CatchUp.ALL)
    agency.set_clock(2026, 3, 11, 14)
    async with AsyncExitStack() as stack:
        others = [await another(stack, agency, catalog_url) for _process in range(3)]
        done = await asyncio.gather(*map(tick, others))
    assert sum(done) == 12
    told = await agency.told(ada)
    begun = [one for one in told if one.state is BEGUN]
    assert len(begun) == len({(one.schedule, one.nominal) for one in begun}) == 24
    assert {one.run for one in begun} == {run.id for run in await agency.began()}
    assert len([one for one in told if one.state is PLANNED]) == 12


async def another(stack: AsyncExitStack, agency: Agency, url: str) -> Agency:
    """The same agency as another process sees it, with connections of its own."""
    catalog = Catalog(url)
    await catalog.open()
    stack.push_async_callback(catalog.close)
    other = Agency(catalog, None, agency.folder)
    other.clock.move(agency.clock.now() - other.clock.now())
    return other


async def tick(agency: Agency) -> int:
    with agency.catalog.activate():
        return await agency.due.tick()


async def test_a_ticker_that_is_killed_once_it_has_begun_has_done_nothing(
    agency: Agency, ada: Principal, catalog_url: str
):
    await agency.schedule(ada, daily(TODAY, time(14)))
    arguments = [catalog_url, "2026-03-10T13:00:00+00:00", str(agency.folder)]
    killed = await asyncio.create_subprocess_exec(sys.executable, str(KILLED), *arguments)
    assert await killed.wait() == -signal.SIGKILL
    assert await agency.began() == []
    assert [one.state for one in await agency.told(ada)] == [PLANNED]
    agency.set_clock(2026, 3, 10, 13)
    assert await agency.due.tick() == 1
    assert len(await agency.began()) == 1


async def test_a_schedule_whose_owner_is_gone_acts_for_nobody_until_somebody_takes_it_over(
    agency: Agency, ada: Principal
):
    schedule = await agency.schedule(ada, daily(TODAY, time(14)))
    await Person.filter(id=ada.person).update(active=False)
    bob = await agency.person("Bob", {LEFT: "admin"})
    for day in (10, 11):
        agency.set_clock(2026, 3, day, 13)
        assert await agency.due.tick() == 1
    (suspended,) = await agency.schedules.list(bob, state=ScheduleState.SUSPENDED)
    sentence = "Its owner no longer has access; somebody else has to take it over."
    assert (suspended.id, str(suspended.reason)) == (schedule.id, sentence)
    told = await agency.told(bob)
    assert [(one.state, str(one.reason)) for one in told[:2]] == [(LEFT_OUT, sentence)] * 2
    taken = await agency.schedules.take_over(bob, schedule.id)
    assert (taken.state, taken.owner, taken.reason) == (ScheduleState.ACTIVE, bob.person, None)
    agency.set_clock(2026, 3, 12, 13)
    await agency.due.tick()
    assert [run.asked_by for run in await agency.began()] == [bob.person]


async def test_schedules_of_someone_who_left_are_suspended_before_anything_is_due(
    agency: Agency, ada: Principal
):
    schedule = await agency.schedule(ada, daily(date(2026, 6, 1)))
    assert await agency.due.suspend_ownerless() == 0
    await Person.filter(id=ada.person).update(active=False)
    assert await agency.due.suspend_ownerless() == 1
    assert (await agency.schedules.get(ada, schedule.id)).state is ScheduleState.SUSPENDED
    assert await agency.due.suspend_ownerless() == 0


async def test_what_its_owner_may_no_longer_read_is_not_read_for_them(agency: Agency, ada: Principal):
    await agency.schedule(ada, daily(TODAY, time(14)))
    await SourceGrant.filter(person_id=ada.person).delete()
    agency.set_clock(2026, 3, 10, 13)
    await agency.due.tick()
    failed, planned = await agency.told(await agency.actor(ada.person))
    assert str(failed.reason).startswith("Running a report takes one of these roles on every source")
    assert (failed.state, failed.run, planned.state) == (FAILED, None, PLANNED)
    assert await agency.began() == []


async def test_a_schedule_ends_with_its_report(agency: Agency, ada: Principal):
    schedule = await agency.schedule(ada, daily(TODAY, time(14)))
    await agency.reports.delete(ada, schedule.report)
    agency.set_clock(2026, 3, 10, 13)
    await agency.due.tick()
    ended = await agency.schedules.get(ada, schedule.id)
    assert (ended.state, str(ended.reason)) == (ScheduleState.ENDED, "Its report was deleted.")
    assert [one.state for one in await agency.told(ada)] == [LEFT_OUT]


@pytest.mark.parametrize("paused", [True, False])
async def test_a_schedule_whose_report_is_gone_ends_before_anything_is_due(
    agency: Agency, ada: Principal, paused: bool
):
    schedule = await agency.schedule(ada, daily(date(2026, 6, 1)))
    if paused:
        await agency.schedules.pause(ada, schedule.id)
    other = await agency.schedule(ada, daily(date(2026, 6, 1)))
    assert await agency.due.end_reportless() == 0
    await agency.reports.delete(ada, schedule.report)
    assert [await agency.due.end_reportless() for _sweep in range(2)] == [1, 0]
    ended = await agency.schedules.get(ada, schedule.id)
    assert (ended.state, ended.next_due_at, str(ended.reason)) == (
        ScheduleState.ENDED, None, "Its report was deleted.",
    )  # fmt: skip
    assert [one.schedule for one in await agency.told(ada)] == [other.id]


async def test_a_run_takes_the_report_as_it_is_when_it_is_due_and_tells_its_version(
    agency: Agency, ada: Principal
):
    schedule = await agency.schedule(ada, daily(TODAY, time(14)))
    saved = await agency.reports.get(ada, schedule.report)
    changed = Draft("Renamed", saved.kind, {"country": "fr"}, sources=saved.sources)
    await agency.reports.edit(ada, saved.id, changed)
    agency.set_clock(2026, 3, 10, 13)
    await agency.due.tick()
    (run,) = await agency.began()
    assert (run.title, run.values["country"]) == ("Renamed", "fr")
    assert (await agency.told(ada))[0].report_version == 2


async def test_a_mistake_of_the_server_costs_one_occurrence_and_holds_up_no_other(
    agency: Agency, ada: Principal, monkeypatch: pytest.MonkeyPatch
):
    broken = await agency.schedule(ada, daily(TODAY, time(14)))
    await agency.schedule(ada, daily(TODAY, time(14, 1)))
    start = agency.runs.start

    async def failing(*args: Any, **kwargs: Any) -> Run:
        if kwargs["report"] == broken.report:
            raise RuntimeError("a mistake")
        return await start(*args, **kwargs)

    monkeypatch.setattr(agency.runs, "start", failing)
    agency.set_clock(2026, 3, 10, 13, 5)
    assert await agency.due.tick() == 2
    failed, begun = [one for one in await agency.told(ada) if one.state is not PLANNED]
    assert (failed.state, begun.state) == (FAILED, BEGUN)
    assert str(failed.reason) == "The server made a mistake when this was to begin. Its log says more."


async def test_what_was_due_while_the_database_was_away_is_still_planned(
    agency: Agency, ada: Principal, monkeypatch: pytest.MonkeyPatch
):
    await agency.schedule(ada, daily(TODAY, time(14)))

    async def away(*args: Any, **kwargs: Any) -> Run:
        raise DBConnectionError("gone")

    monkeypatch.setattr(agency.runs, "start", away)
    agency.set_clock(2026, 3, 10, 13)
    with pytest.raises(DBConnectionError):
        await agency.due.tick()
    monkeypatch.undo()
    assert await agency.due.tick() == 1
    assert len(await agency.began()) == 1
