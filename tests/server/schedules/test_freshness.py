"""What is due before its sources have reported all of its days waits, is provisional, or is left out."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

import pytest

from bilan.accounts.values import Principal
from bilan.delivery.models import SendingRow
from bilan.pulls.models import PullRow
from bilan.schedules.freshness import Freshness, FreshnessRule, WhenStale
from bilan.schedules.models import OccurrenceRow
from bilan.schedules.values import OccurrenceState, RecordedOccurrence, Schedule
from bilan.sdk.document import Notice
from bilan.sdk.errors import Invalid
from bilan.sources.models import SourceRow
from fixtures.declarations import TILL
from support.office import LEFT, NOON
from support.schedules import HTML, NINE, Agency

pytestmark = pytest.mark.requirement("GO-05")
FROZEN = datetime(2026, 3, 9, 22, tzinfo=UTC)
"""Eleven in the evening in Paris, on the day that is reported on the tenth."""
MIDNIGHT = datetime(2026, 3, 9, 23, tzinfo=UTC)
WAITS = FreshnessRule(WhenStale.WAIT, 4, WhenStale.PROVISIONAL)


async def heard(at: datetime, event: datetime | None = None) -> None:
    """Let the left till have been heard of, with its last fact at some time."""
    await SourceRow.filter(id=LEFT).update(last_received_at=at, last_event_at=event or at)


async def waiting(agency: Agency, ada: Principal, rule: FreshnessRule = WAITS) -> Schedule:
    """A schedule whose source froze at eleven, an hour before the end of the day that is due at one."""
    schedule = await agency.schedule(ada, NINE, delivery=HTML, freshness=rule)
    await heard(FROZEN)
    await tick(agency, 10, 13)
    return schedule


async def tick(agency: Agency, day: int, hour: int, minute: int = 0) -> None:
    agency.set_clock(2026, 3, day, hour, minute)
    await agency.due.tick()
    await agency.waiting.sweep()
    await agency.work()


async def the_tenth(agency: Agency, ada: Principal) -> RecordedOccurrence:
    return next(one for one in await agency.told(ada) if one.due_at.day == 10)


async def test_it_waits_while_a_source_is_frozen_and_then_goes_once(agency: Agency, ada: Principal):
    schedule = await waiting(agency, ada)
    held = await the_tenth(agency, ada)
    assert (held.state, held.run, held.settled_at) == (OccurrenceState.AWAITING_SOURCES, None, None)
    assert held.waits_until == datetime(2026, 3, 10, 17, tzinfo=UTC)
    assert str(held.reason) == (
        "Left has reported up to 2026-03-09T22:00:00+00:00; the period is complete once it has up to "
        "2026-03-10T00:00:00+00:00."
    )
    await tick(agency, 10, 14)
    assert agency.post.taken == []
    await heard(datetime(2026, 3, 10, 14, 7, tzinfo=UTC))
    for _tick in range(3):
        await tick(agency, 10, 14, 8)
    ((address, report),) = agency.post.taken
    assert (address, report.document.period, report.document.provisional) == (
        "ada@example.org", ("2026-03-09", "2026-03-09"), False,
    )  # fmt: skip
    assert (await the_tenth(agency, ada)).state is OccurrenceState.SENT
    assert (await SendingRow.filter(schedule=schedule.id).count(), agency.post.mails) == (1, [])


async def test_past_the_deadline_it_is_sent_as_provisional_and_the_owner_hears_of_it(
    agency: Agency, ada: Principal
):
    await waiting(agency, ada)
    await tick(agency, 10, 16, 59)
    assert (agency.post.taken, agency.post.mails) == ([], [])
    for _tick in range(2):
        await tick(agency, 10, 17)
    ((_address, report),) = agency.post.taken
    assert report.document.provisional
    assert [str(one.text)[:59] for one in report.document.blocks if isinstance(one, Notice)] == [
        "Provisional: Left has reported up to 2026-03-09T22:00:00+00"
    ]
    ((owner, mail),) = agency.post.mails
    assert (owner, mail.letter.subject.endswith("is sent as provisional")) == ("ada@example.org", True)
    assert (await the_tenth(agency, ada)).state is OccurrenceState.SENT


async def test_past_the_deadline_it_is_left_out_where_that_was_chosen(agency: Agency, ada: Principal):
    await waiting(agency, ada, FreshnessRule(WhenStale.WAIT, 4, WhenStale.SKIP))
    await tick(agency, 10, 18)
    left_out = await the_tenth(agency, ada)
    assert (left_out.state, agency.post.taken) == (OccurrenceState.LEFT_OUT, [])
    assert str(left_out.reason).startswith("Left has reported up to")
    ((owner, mail),) = agency.post.mails
    assert (owner, mail.letter.subject.endswith("was not sent")) == ("ada@example.org", True)


@pytest.mark.parametrize(
    ("rule", "state", "sent", "mails"),
    [
        (FreshnessRule(WhenStale.PROVISIONAL), OccurrenceState.SENT, 1, 0),
        (FreshnessRule(WhenStale.SKIP), OccurrenceState.LEFT_OUT, 0, 1),
    ],
)
async def test_what_does_not_wait_is_decided_at_once(
    agency: Agency, ada: Principal, rule: FreshnessRule, state: OccurrenceState, sent: int, mails: int
):
    await waiting(agency, ada, rule)
    assert ((await the_tenth(agency, ada)).state, len(agency.post.taken)) == (state, sent)
    assert all(report.document.provisional for _to, report in agency.post.taken)
    assert len(agency.post.mails) == mails


async def test_what_is_fresh_does_not_wait(agency: Agency, ada: Principal):
    await agency.schedule(ada, NINE, delivery=HTML, freshness=WAITS)
    await heard(MIDNIGHT + timedelta(hours=1))
    await tick(agency, 10, 13)
    ((_address, report),) = agency.post.taken
    assert not report.document.provisional


async def test_any_number_of_tickers_begin_what_waited_once(agency: Agency, ada: Principal):
    await waiting(agency, ada)
    await heard(datetime(2026, 3, 10, 14, tzinfo=UTC))
    agency.set_clock(2026, 3, 10, 14)
    settled = await asyncio.gather(*(agency.waiting.sweep() for _ticker in range(3)))
    await agency.work()
    assert (sum(settled), len(agency.post.taken)) == (1, 1)


async def test_a_ticker_that_is_killed_while_it_begins_has_done_nothing(
    agency: Agency, ada: Principal, monkeypatch: pytest.MonkeyPatch
):
    await waiting(agency, ada)
    await heard(datetime(2026, 3, 10, 14, tzinfo=UTC))

    async def killed(*_args: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr("bilan.schedules.waiting.record", killed)
        with pytest.raises(asyncio.CancelledError):
            await agency.waiting.sweep()
    assert (await agency.began(), (await the_tenth(agency, ada)).state) == (
        [], OccurrenceState.AWAITING_SOURCES,
    )  # fmt: skip
    await tick(agency, 10, 14)
    assert len(agency.post.taken) == 1


async def test_deleting_the_schedule_ends_what_waits(agency: Agency, ada: Principal):
    schedule = await waiting(agency, ada)
    await agency.schedules.delete(ada, schedule.id)
    cancelled = await the_tenth(agency, ada)
    assert (cancelled.state, str(cancelled.reason)) == (
        OccurrenceState.CANCELLED, "The schedule was deleted before this was sent.",
    )  # fmt: skip
    await heard(datetime(2026, 3, 10, 14, tzinfo=UTC))
    await tick(agency, 10, 14)
    assert agency.post.taken == []


async def test_nothing_leaves_in_a_pause_and_what_waits_goes_on_after_it(agency: Agency, ada: Principal):
    schedule = await waiting(agency, ada)
    await agency.schedules.pause(ada, schedule.id)
    await heard(datetime(2026, 3, 10, 14, tzinfo=UTC))
    await tick(agency, 10, 14)
    assert agency.post.taken == []
    await agency.schedules.resume(ada, schedule.id)
    await tick(agency, 10, 15)
    assert len(agency.post.taken) == 1


async def test_a_pause_that_outlasts_the_deadline_leaves_it_out(agency: Agency, ada: Principal):
    schedule = await waiting(agency, ada)
    await agency.schedules.pause(ada, schedule.id)
    await tick(agency, 10, 18)
    left_out = await the_tenth(agency, ada)
    assert (left_out.state, str(left_out.reason)) == (
        OccurrenceState.LEFT_OUT,
        "The schedule was paused until the time to wait for its sources was over.",
    )


async def test_what_waits_covers_the_days_it_was_due_for_and_the_next_is_planned(
    agency: Agency, ada: Principal
):
    await waiting(agency, ada, FreshnessRule(WhenStale.WAIT, 48))
    await tick(agency, 11, 13)
    assert await OccurrenceRow.filter(state=OccurrenceState.AWAITING_SOURCES).count() == 2
    await heard(datetime(2026, 3, 11, 14, tzinfo=UTC))
    await tick(agency, 11, 14)
    assert sorted(report.document.period or () for _to, report in agency.post.taken) == [
        ("2026-03-09", "2026-03-09"), ("2026-03-10", "2026-03-10"),
    ]  # fmt: skip


async def test_what_somebody_sends_now_does_not_wait_and_says_that_it_is_provisional(
    agency: Agency, ada: Principal
):
    schedule = await waiting(agency, ada)
    await agency.resends.send_now(ada, schedule.id, "now")
    await agency.work()
    ((_address, report),) = agency.post.taken
    assert report.document.provisional


async def test_a_preview_says_which_source_would_be_waited_for(agency: Agency, ada: Principal):
    schedule = await agency.schedule(ada, NINE, delivery=HTML, freshness=WAITS)
    (never,) = (await agency.schedules.preview_saved(ada, schedule.id)).stale
    assert str(never) == "Left has not reported anything yet."
    await heard(datetime(2026, 3, 10, 11, tzinfo=UTC))
    assert (await agency.schedules.preview_saved(ada, schedule.id)).stale == ()


async def watermark(agency: Agency) -> datetime | None:
    (found,) = await Freshness(agency.registry, agency.clock).of([LEFT])
    return found.watermark


async def test_posts_that_were_held_up_reach_as_far_as_their_facts(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
):
    kinds = {("shop", "till"): replace(TILL, webhook=cast("Any", object()))}
    monkeypatch.setitem(agency.registry.__dict__, "source_kinds", kinds)
    assert await watermark(agency) is None
    await heard(MIDNIGHT + timedelta(hours=9), FROZEN)
    assert await watermark(agency) == FROZEN
    # A fact of a day to come says nothing of the days before.
    await heard(FROZEN, MIDNIGHT + timedelta(days=30))
    assert await watermark(agency) == FROZEN


async def test_what_is_pulled_reaches_as_far_as_its_last_pull_that_came_to_an_end(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
):
    kinds = {("shop", "till"): replace(TILL, pull=cast("Any", object()))}
    monkeypatch.setitem(agency.registry.__dict__, "source_kinds", kinds)
    await heard(NOON)
    assert await watermark(agency) is None
    await pull(FROZEN, completed_at=NOON)
    await pull(MIDNIGHT)  # failed, or goes on
    await pull(MIDNIGHT, completed_at=NOON, first_day=date(2026, 1, 1))  # of days long ago
    assert await watermark(agency) == FROZEN
    await pull(NOON + timedelta(days=1), completed_at=NOON)  # by a clock that was ahead
    assert await watermark(agency) == NOON


async def pull(at: datetime, **fields: Any) -> None:
    await PullRow.create(workspace=LEFT, source=LEFT, job=uuid4(), by="", created_at=at, **fields)


async def test_a_source_is_waited_for_as_long_as_its_own_setting_says(agency: Agency, ada: Principal):
    await SourceRow.filter(id=LEFT).update(settings={"settling": 0})
    await agency.schedule(ada, NINE, delivery=HTML, freshness=WAITS)
    await heard(MIDNIGHT)
    await tick(agency, 10, 13)
    assert len(agency.post.taken) == 1


async def test_a_rule_has_a_deadline_and_an_end(agency: Agency):
    with pytest.raises(Invalid, match="Sources are waited for from 1 to 168 hours"):
        FreshnessRule(hours=169)
    with pytest.raises(Invalid, match="After the time to wait it is sent as provisional, or left out"):
        FreshnessRule(then=WhenStale.WAIT)
