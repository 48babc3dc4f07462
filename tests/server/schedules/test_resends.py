"""What a schedule sent is sent again: to who did not get it, to oneself, or at once; each once a key."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bilan.accounts.models import Person
from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.delivery import DeliveryState
from bilan.delivery.models import DeliveryRow
from bilan.schedules import at_once
from bilan.schedules.values import OccurrenceState, RecordedOccurrence, Schedule, ScheduleDraft
from bilan.sdk.channels import DeliveryStatus, OutgoingReport
from bilan.sdk.errors import Conflict, Forbidden, Unavailable
from bilan.sdk.messages import Message
from bilan.sdk.periods import Period, Preset
from bilan.warehouse import Warehouse
from support.office import LEFT
from support.schedules import NINE, PARIS, Agency, daily, send

BOB = "bob@example.org"


@pytest.fixture
async def incomplete(agency: Agency, ada: Principal, schedule: Schedule) -> RecordedOccurrence:
    """Bob's mail server refused it; the others have it."""
    agency.post.answers = {BOB: DeliveryStatus.REFUSED}
    found = await send(agency, ada)
    agency.post.answers = {}
    agency.clock.move(timedelta(minutes=5))
    return found


def hashes(agency: Agency) -> dict[str, list[str]]:
    """What each recipient has of the file, by its hash."""
    found = dict[str, list[str]]()
    for address, report in agency.post.taken:
        found.setdefault(address, []).append(hash_of(report))
    return found


def hash_of(report: OutgoingReport) -> str:
    (file,) = report.files
    return hashlib.sha256(file.content()).hexdigest()


@pytest.mark.requirement("GO-02")
async def test_what_failed_is_sent_again_with_the_same_bytes_to_whom_it_failed_for(
    agency: Agency, ada: Principal, incomplete: RecordedOccurrence
):
    assert (incomplete.state, incomplete.recipients, incomplete.reached) == (OccurrenceState.INCOMPLETE, 3, 2)
    # Drawn anew the file would be another, with the date of its making or a new colour.
    await agency.branding.set_colour(await admin(agency), "#aa0000")
    again = await agency.resends.resend_failed(ada, incomplete.id, "again")
    assert (again.state, again.recipients) == (OccurrenceState.BEGUN, 3)
    await agency.work()
    sent = await agency.occurrences.get(ada, incomplete.id)
    assert (sent.state, sent.reason, sent.reached) == (OccurrenceState.SENT, None, 3)
    found = hashes(agency)
    assert {address: len(copies) for address, copies in found.items()} == {
        "ada@example.org": 1, "eve@example.org": 1, BOB: 1,
    }  # fmt: skip
    assert len({copy for copies in found.values() for copy in copies}) == 1
    states = [one.state for one in await agency.occurrences.deliveries(ada, incomplete.id)]
    assert sorted(states) == ["accepted", "accepted", "accepted", "refused"]


async def admin(agency: Agency) -> Principal:
    return await agency.actor((await Person.get(name="Ada")).id)


async def test_asked_for_twice_it_is_sent_again_once(
    agency: Agency, ada: Principal, incomplete: RecordedOccurrence
):
    for _click in range(2):
        await agency.resends.resend_failed(ada, incomplete.id, "again")
    await agency.work()
    assert (await agency.resends.resend_failed(ada, incomplete.id, "again")).state is OccurrenceState.SENT
    assert [address for address, _report in agency.post.taken].count(BOB) == 1
    with pytest.raises(Conflict, match="There is nobody to send this to again"):
        await agency.resends.resend_failed(ada, incomplete.id, "and again")


async def test_who_may_have_got_it_is_not_sent_it_again(agency: Agency, ada: Principal, schedule: Schedule):
    agency.post.answers = {BOB: DeliveryStatus.UNKNOWN}
    unknown = await send(agency, ada)
    with pytest.raises(Conflict, match="There is nobody to send this to again"):
        await agency.resends.resend_failed(ada, unknown.id, "again")
    assert await DeliveryRow.filter(address=BOB, state=DeliveryState.UNKNOWN).count() == 1
    assert (await agency.occurrences.get(ada, unknown.id)).state is OccurrenceState.INCOMPLETE


async def test_what_could_not_be_built_is_built_anew_for_the_same_days(
    agency: Agency, ada: Principal, schedule: Schedule
):
    build = agency.handlers["build"]

    async def fail(_context: Any) -> None:
        raise Unavailable(Message("The warehouse is away."))

    agency.handlers["build"] = fail
    failed = await send(agency, ada)
    agency.handlers["build"] = build
    agency.clock.move(timedelta(hours=3))
    for _click in range(2):
        assert (await agency.resends.resend_failed(ada, failed.id, "again")).state is OccurrenceState.BEGUN
    await agency.work()
    assert (await agency.occurrences.get(ada, failed.id)).state is OccurrenceState.SENT
    assert [run.values["period"] for run in await agency.began()] == ["2026-03-09..2026-03-09"] * 2
    assert len(agency.post.taken) == 3


async def test_sending_again_takes_what_changing_the_schedule_takes(
    agency: Agency, ada: Principal, incomplete: RecordedOccurrence
):
    guest = await agency.person("Kim", {LEFT: "guest"})
    for change in (
        agency.resends.resend_failed(guest, incomplete.id, "again"),
        agency.resends.send_now(guest, incomplete.schedule, "now"),
    ):
        with pytest.raises(Forbidden, match="Scheduling a report takes one of these roles on every source"):
            await change
    assert len(agency.post.taken) == 2


async def test_one_of_those_who_read_the_report_has_it_sent_to_themselves(
    agency: Agency, ada: Principal, incomplete: RecordedOccurrence
):
    guest = await agency.person("Kim", {LEFT: "guest"})
    for _click in range(2):
        await agency.resends.resend_to_me(guest, incomplete.id, "me")
    await agency.work()
    found = hashes(agency)
    assert found["kim@example.org"] == found["ada@example.org"]
    # They are none of its recipients: the occurrence stays as it is.
    assert (await agency.occurrences.get(ada, incomplete.id)).state is OccurrenceState.INCOMPLETE


@pytest.mark.requirement("AD-10")
async def test_a_test_goes_to_whoever_asks_and_is_marked_as_one(
    agency: Agency, ada: Principal, schedule: Schedule
):
    guest = await agency.person("Kim", {LEFT: "guest"})
    for _click in range(2):
        await agency.resends.send_test(guest, schedule.id, "test")
    await agency.work()
    ((address, report),) = agency.post.taken
    assert (address, report.test, report.document.title) == ("kim@example.org", True, schedule.report_name)
    assert [run.values["period"] for run in await agency.began()] == ["2026-03-09..2026-03-09"]
    # No occurrence has come of it.
    assert [one.state for one in await agency.told(ada)] == [OccurrenceState.PLANNED]


async def test_sent_now_it_goes_out_beside_what_is_planned_for_the_days_seen_from_today(
    agency: Agency, ada: Principal
):
    schedule = await agency.schedule(ada, daily(date(2026, 3, 12)))
    await asyncio.gather(*(agency.resends.send_now(ada, schedule.id, "now") for _click in range(2)))
    await agency.work()
    sent, planned = await agency.told(ada)
    assert (sent.state, sent.asked_by_name) == (OccurrenceState.SENT, "Ada")
    assert sent.nominal.startswith("2026-03-10T13:00:00[Europe/Paris]#")
    assert [run.values["period"] for run in await agency.began()] == ["2026-03-09..2026-03-09"]
    assert (planned.state, planned.asked_by_name) == (OccurrenceState.PLANNED, None)
    assert len(agency.post.taken) == 1
    await agency.schedules.pause(ada, schedule.id)
    await agency.resends.send_now(ada, schedule.id, "although it is paused")
    await agency.work()
    assert len(agency.post.taken) == 2


async def test_occurrences_are_listed_with_the_last_due_first(
    agency: Agency, ada: Principal, incomplete: RecordedOccurrence
):
    page = await agency.occurrences.list(ada, incomplete.schedule)
    assert ([one.state for one in page.occurrences], page.total) == (
        [OccurrenceState.PLANNED, OccurrenceState.INCOMPLETE], 2,
    )  # fmt: skip
    second = await agency.occurrences.list(ada, incomplete.schedule, offset=1, limit=1)
    assert (second.occurrences, second.total) == ((incomplete,), 2)


async def test_a_schedule_made_twice_with_one_key_is_one(agency: Agency, ada: Principal, schedule: Schedule):
    draft = ScheduleDraft(schedule.report, NINE)
    made = await asyncio.gather(*(agency.schedules.create(ada, draft, key="form") for _click in range(2)))
    assert made[0] == made[1]
    assert len(await agency.schedules.list(ada)) == 2


async def test_on_either_database_what_failed_is_sent_again_and_told(
    catalog: Catalog, warehouse: Warehouse, tmp_path: Path
):
    agency = Agency(catalog, warehouse, tmp_path)
    await agency.open()
    ada = await agency.person("Ada", {LEFT: "editor"})
    schedule = await agency.schedule(ada, NINE)
    agency.post.answers = {"ada@example.org": DeliveryStatus.REFUSED}
    failed = await send(agency, ada)
    assert (failed.state, failed.recipients, failed.reached) == (OccurrenceState.FAILED, 1, 0)
    agency.post.answers = {}
    await agency.resends.resend_failed(ada, failed.id, "again")
    await agency.resends.send_now(ada, schedule.id, "now")
    await agency.work()
    assert [(one.state, one.reached) for one in await agency.told(ada)] == [
        (OccurrenceState.SENT, 1), (OccurrenceState.SENT, 1), (OccurrenceState.PLANNED, 0),
    ]  # fmt: skip
    await agency.schedules.delete(ada, schedule.id)
    assert len(agency.post.taken) == 2


@pytest.mark.requirement("BZ-30")
async def test_what_is_to_be_sent_at_once_is_sent_once_in_whichever_second_it_is_asked_for_again(
    agency: Agency, ada: Principal, schedule: Schedule
):
    yesterday, week = Period(Preset.YESTERDAY), Period(Preset.PREVIOUS_WEEK)

    async def asked(key: str, period: Period) -> Schedule:
        draft = ScheduleDraft(schedule.report, at_once(agency.clock.now(), PARIS, period))
        return await agency.schedules.create(ada, draft, key=key)

    made = await asked("form", yesterday)
    agency.clock.move(timedelta(seconds=2))
    assert await asked("form", yesterday) == made
    assert (await asked("form", week)).id != made.id
    assert (await asked("other", yesterday)).id != made.id
