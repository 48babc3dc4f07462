"""A source is pulled page by page, and goes on where it was, whatever happens meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bilan import sdk
from bilan.accounts import Principal
from bilan.clock import FrozenClock
from bilan.ingest.rejects import Rejects
from bilan.pulls.models import PulledSourceRow, PullRow
from bilan.pulls.pulling import ASIDE
from bilan.sdk import Conflict, Invalid, PullRange
from bilan.sources import Source
from bilan.sources.models import SourceRow
from bilan.work import State
from bilan.work.models import JobRow, StepRow
from fixtures.ingest import NOW
from support.club import HOST, Albums, Answer, Club, albums, said
from support.pulling import Pulling

pytestmark = [pytest.mark.requirement("AD-17"), pytest.mark.integration]

ALPINE = {f"a{n:02}": 10 + n for n in range(8)}


async def test_a_pull_brings_what_there_is_page_by_page(
    pulling: Pulling, operator: Principal, source: Source, club: Club
) -> None:
    run = await pulling.pulled(operator, source.id)

    assert pulling.likes == ALPINE
    assert club.asked == ["/albums/alpine", "/albums/alpine?after=a02", "/albums/alpine?after=a05", "/clubs"]
    assert (run.state, run.new, run.known, run.rejected, run.requests) == (State.SUCCEEDED, 8, 0, 0, 3)
    assert (run.done, run.said, run.failure, run.range) == (1.0, None, None, None)
    assert (run.created_at, run.ended_at, run.by) == (NOW, NOW, operator.name)


async def test_the_next_pull_counts_what_is_there_already_and_what_was_restated(
    pulling: Pulling, operator: Principal, source: Source, club: Club
) -> None:
    await pulling.pulled(operator, source.id)
    club.albums["alpine"]["a03"]["likes"] = 99

    run = await pulling.pulled(operator, source.id)

    assert (run.new, run.known) == (1, 7)
    assert pulling.likes == {**ALPINE, "a03": 99}


async def test_what_cannot_be_used_is_listed_with_its_pull(
    pulling: Pulling, operator: Principal, source: Source, club: Club
) -> None:
    club.albums["alpine"]["a03"]["likes"] = None
    run = await pulling.pulled(operator, source.id)

    (reject,) = (await Rejects(pulling.sources).list(operator, source.id, upload=run.id)).rows

    assert (run.new, run.rejected, str(reject.reason)) == (7, 1, "An album without likes.")


async def test_a_service_that_fails_now_and_then_loses_nothing(
    pulling: Pulling, operator: Principal, source: Source, club: Club
) -> None:
    club.first += [Answer(500), Answer(429), Answer(503)]

    run = await pulling.pulled(operator, source.id)

    assert (run.state, run.new, run.requests) == (State.SUCCEEDED, 8, 6)


async def test_a_service_that_stays_away_is_tried_again_later_and_then_said(
    pulling: Pulling, operator: Principal, source: Source, club: Club, clock: FrozenClock
) -> None:
    begun = await pulling.pulls.start(operator, source.id)
    for wait in (timedelta(0), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)):
        clock.move(wait)
        club.first += [Answer(503)] * 4
        await pulling.work()
    run = await pulling.pulls.get(operator, begun.id)

    assert (run.state, str(run.failure)) == (
        State.FAILED,
        "api.club.example does not work just now. It answered 503.",
    )


async def test_a_pull_that_is_limited_goes_on_when_the_service_says(
    pulling: Pulling, operator: Principal, source: Source, club: Club, clock: FrozenClock
) -> None:
    begun = await pulling.pulls.start(operator, source.id)
    for hour in range(1, 6):  # more often than a step has attempts
        club.first.append(Answer(429, {"Retry-After": "3600"}))
        await pulling.work()
        run = await pulling.pulls.get(operator, begun.id)
        assert (run.state, run.waits_until) == (State.RUNNING, clock.now() + timedelta(seconds=3600.5))
        clock.move(timedelta(minutes=30))
        await pulling.work()
        assert len(club.asked) == hour, "it is left alone until then"
        clock.move(timedelta(minutes=31))
    await pulling.work()

    done = await pulling.pulls.get(operator, begun.id)
    assert (done.state, done.new, done.waits_until) == (State.SUCCEEDED, 8, None)


async def test_a_service_that_only_ever_puts_off_is_given_up_after_days(
    pulling: Pulling, operator: Principal, source: Source, club: Club, clock: FrozenClock
) -> None:
    begun = await pulling.pulls.start(operator, source.id)
    for _day in range(4):
        club.first.append(Answer(429, {"Retry-After": "80000"}))
        await pulling.work()
        clock.move(timedelta(days=1))

    run = await pulling.pulls.get(operator, begun.id)
    assert run.state is State.FAILED
    assert "wants to be asked less often" in str(run.failure)


async def test_a_token_that_is_no_good_is_a_sentence_and_nothing_is_tried_again(
    pulling: Pulling, operator: Principal, source: Source, club: Club
) -> None:
    club.tokens.clear()

    run = await pulling.pulled(operator, source.id)

    assert (run.state, len(club.asked)) == (State.FAILED, 1)
    assert str(run.failure) == (
        "api.club.example does not accept the token (any more): connect it anew. It answered 401."
    )


async def test_what_came_before_a_failure_is_kept_and_the_next_pull_goes_on_after_it(
    pulling: Pulling, operator: Principal, source: Source, club: Club
) -> None:
    club.first += [
        said([{"album": "a00", "likes": 10, "day": "2026-03-01"}], Link=linked("a00")),
        Answer(400),
    ]
    failed = await pulling.pulled(operator, source.id)
    assert (failed.state, failed.new) == (State.FAILED, 1)

    run = await pulling.pulled(operator, source.id)

    assert "/albums/alpine?after=a00" in club.asked, "what came before is not asked for again"
    assert (run.state, run.new, pulling.likes) == (State.SUCCEEDED, 7, ALPINE)


async def test_a_bug_in_the_plugin_is_a_sentence_without_the_token(
    pulling: Pulling, operator: Principal, club: Club
) -> None:
    club.tokens["s3cret-token"] = ["alpine"]
    source = await pulling.add(operator, "Buggy", "alpine", "s3cret-token")
    club.first.append(said([{"likes": "s3cret-token"}]))

    run = await pulling.pulled(operator, source.id)
    assert str(run.failure) == "The plugin failed to pull: KeyError('day')"

    club.first.append(said([{"likes": 1, "day": "s3cret-token"}]))
    run = await pulling.pulled(operator, source.id)
    assert str(run.failure) == ("The plugin failed to pull: ValueError(\"Invalid isoformat string: '•••'\")")


async def test_facts_of_another_plugin_are_refused_in_a_sentence(
    pulling: Pulling, operator: Principal, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pull(_self: Albums, _context: sdk.PullContext) -> Iterator[sdk.Pulled]:
        yield sdk.Fact("contact.activity", {"contact": "ann@example.org", "kind": "read"})

    monkeypatch.setattr(Albums, "pull", pull)
    run = await pulling.pulled(operator, source.id)

    assert (run.state, str(run.failure)) == (
        State.FAILED,
        "A source of club brings no facts of contact.activity.",
    )


async def test_a_range_is_asked_for_alone_and_leaves_the_usual_pull_where_it_was(
    pulling: Pulling, operator: Principal, source: Source, club: Club
) -> None:
    await pulling.pulled(operator, source.id)
    before = await PulledSourceRow.get(source=source.id)
    club.asked.clear()

    begun = await pulling.pulls.back_fill(operator, source.id, date(2026, 3, 2), date(2026, 3, 5))
    await pulling.work()
    run = await pulling.pulls.get(operator, begun.id)

    assert club.asked == [
        "/albums/alpine?first=2026-03-02&last=2026-03-05",
        "/albums/alpine?after=a03&first=2026-03-02&last=2026-03-05",
    ]
    assert (run.range, run.known) == (PullRange(date(2026, 3, 2), date(2026, 3, 5)), 4)
    after = await PulledSourceRow.get(source=source.id)
    assert (after.state, after.begun_at) == (before.state, before.begun_at)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 3, 5), date(2026, 3, 2)),
        (date(2026, 5, 1), date(2026, 5, 2)),
        (date(1990, 1, 1), date(2026, 3, 1)),
    ],
)
async def test_days_that_make_no_sense_are_refused(
    pulling: Pulling, operator: Principal, source: Source, first: date, last: date
) -> None:
    with pytest.raises(Invalid) as error:
        await pulling.pulls.back_fill(operator, source.id, first, last)
    assert error.value.path == ("first",)


async def test_a_source_has_one_back_fill_and_one_usual_pull_at_a_time(
    pulling: Pulling, operator: Principal, source: Source
) -> None:
    begun = await pulling.pulls.back_fill(operator, source.id, date(2026, 3, 2), date(2026, 3, 5))
    assert (await pulling.pulls.status(operator, source.id)).current == begun

    with pytest.raises(Conflict, match="Past days of Alpine are being fetched just now"):
        await pulling.pulls.back_fill(operator, source.id, date(2026, 3, 6), date(2026, 3, 7))
    usual = await pulling.pulls.start(operator, source.id)

    assert (await pulling.pulls.start(operator, source.id)).id == usual.id
    assert (await pulling.pulls.status(operator, source.id)).current == usual


async def test_a_usual_pull_goes_first_between_two_checkpoints_of_a_back_fill(
    pulling: Pulling,
    operator: Principal,
    source: Source,
    club: Club,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write = pulling.step._write

    async def becoming_due(work: Any, piece: Any) -> None:
        await write(work, piece)
        await pulling.beginning.sweep()

    monkeypatch.setattr(pulling.step, "_write", becoming_due)
    begun = await pulling.pulls.back_fill(operator, source.id, date(2026, 3, 1), date(2026, 3, 8))
    await pulling.work()
    aside = await pulling.pulls.get(operator, begun.id)
    assert (aside.state.over, aside.new, len(pulling.likes)) == (False, 3, 3)
    club.albums["alpine"]["a00"]["likes"] = 99
    club.asked.clear()
    for _look in range(2):
        await pulling.work()
        clock.move(ASIDE)

    assert club.asked[:3] == ["/albums/alpine", "/albums/alpine?after=a02", "/albums/alpine?after=a05"]
    await pulling.work()
    history = await pulling.pulls.history(operator, source.id)
    usual, filled = sorted(history, key=lambda run: run.range is not None)
    assert (usual.state, usual.new, usual.known) == (State.SUCCEEDED, 6, 2)
    assert (filled.id, filled.state, filled.new, filled.known) == (begun.id, State.SUCCEEDED, 3, 5)
    assert pulling.likes == {**ALPINE, "a00": 99}
    assert club.asked[-2:] == [
        "/albums/alpine?first=2026-03-01&last=2026-03-08&after=a02",
        "/albums/alpine?after=a05&first=2026-03-01&last=2026-03-08",
    ]


async def test_a_pull_that_is_stopped_keeps_what_it_brought_and_another_may_begin(
    pulling: Pulling, operator: Principal, source: Source, club: Club
) -> None:
    begun = await pulling.pulls.start(operator, source.id)
    assert (await pulling.pulls.start(operator, source.id)).id == begun.id, "one is under way"

    stopped = await pulling.pulls.cancel(operator, begun.id)
    await pulling.work()

    assert (stopped.state, club.asked) == (State.CANCELLED, [])
    assert (await pulling.pulled(operator, source.id)).new == 8
    with pytest.raises(Conflict, match="over already"):
        await pulling.pulls.cancel(operator, begun.id)


async def test_other_settings_begin_anew_and_another_token_does_not(
    pulling: Pulling, operator: Principal, source: Source, club: Club
) -> None:
    club.tokens["newer"] = ["alpine"]
    club.first += [
        said([{"album": "a00", "likes": 10, "day": "2026-03-01"}], Link=linked("a00")),
        Answer(400),
    ]
    await pulling.pulled(operator, source.id)
    await pulling.sources.change(operator, source.id, settings={"token": "newer"})
    club.first += [
        said([{"album": "a01", "likes": 11, "day": "2026-03-02"}], Link=linked("a01")),
        Answer(400),
    ]
    await pulling.pulled(operator, source.id)
    assert club.asked[-2] == "/albums/alpine?after=a00"

    await pulling.sources.change(operator, source.id, settings={"note": "x"})
    await pulling.pulled(operator, source.id)

    assert "/albums/alpine" in club.asked[-4:], "from the beginning"


async def test_a_note_is_kept_until_a_pull_no_longer_says_it(
    pulling: Pulling, operator: Principal, source: Source, club: Club
) -> None:
    club.first.append(said({"error": "withdrawn"}))
    run = await pulling.pulled(operator, source.id)
    assert [str(note) for note in run.notes] == ["The club tells no likes any more."]
    noted = await pulling.sources.get(operator, source.id)
    assert noted.notes == run.notes

    await pulling.pulled(operator, source.id)

    assert (await pulling.sources.get(operator, source.id)).notes == ()


async def test_a_source_that_was_removed_meanwhile_takes_nothing_more(
    pulling: Pulling, operator: Principal, source: Source, club: Club
) -> None:
    async def remove() -> None:
        await pulling.sources.remove(operator, source.id)

    begun = await pulling.pulls.start(operator, source.id)
    await remove()
    await pulling.work()

    assert (pulling.likes, club.asked) == ({}, [])
    assert (await PullRow.get(id=begun.id)).completed_at is None


async def test_the_oldest_pulls_are_forgotten_with_their_jobs(
    pulling: Pulling, operator: Principal, source: Source, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bilan.pulls.beginning.KEPT", 2)
    for _hour in range(4):
        await pulling.pulled(operator, source.id)
        clock.move(timedelta(hours=1))

    history = await pulling.pulls.history(operator, source.id)

    assert [one.created_at for one in history] == [
        datetime(2026, 3, 10, hour, tzinfo=NOW.tzinfo) for hour in (15, 14)
    ]
    assert await JobRow.all().count() == await StepRow.all().count() == 2


async def test_a_pull_with_many_pages_lets_others_go_first_and_goes_on(
    pulling: Pulling, operator: Principal, source: Source, club: Club
) -> None:
    pulling.step._slice = -1.0
    club.albums["alpine"] = albums(9)
    begun = await pulling.pulls.start(operator, source.id)
    for page in range(1, 4):
        assert not (await pulling.pulls.get(operator, begun.id)).state.over, f"before page {page}"
        await pulling.work()

    run = await pulling.pulls.get(operator, begun.id)
    assert (run.state, run.new, len(club.asked)) == (State.SUCCEEDED, 9, 6), "each page but the first twice"
    assert (await SourceRow.get(id=source.id)).last_received_at == NOW


def linked(after: str) -> str:
    return f'<https://{HOST}/albums/alpine?after={after}>; rel="next"'


async def test_a_service_that_repeats_the_token_does_not_give_it_away(
    pulling: Pulling, operator: Principal, club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    club.tokens["s3cret-token"] = ["alpine"]
    source = await pulling.add(operator, "Repeating", "alpine", "s3cret-token")
    repeated = sdk.Message("It says {words}.", args={"words": "no s3cret-token"})

    def pull(_self: Albums, _context: sdk.PullContext) -> Iterator[sdk.Pulled]:
        yield sdk.PullNote(repeated)
        yield sdk.Checkpoint({}, 0.5, repeated)

    def check(_self: Albums, _context: sdk.PullContext) -> sdk.Checked:
        return sdk.Checked(repeated, missing=(repeated,))

    monkeypatch.setattr(Albums, "pull", pull)
    monkeypatch.setattr(Albums, "check", check)
    begun = await pulling.pulled(operator, source.id)
    checked = await pulling.pulls.check(operator, source.id)

    row = await PullRow.get(id=begun.id)
    told = [*(row.notes or ()), row.said, checked.said, *checked.missing]
    assert [str(one) for one in told] == ["It says no •••."] * 4


async def test_a_clock_that_was_ahead_holds_up_no_pull_once_it_is_right(
    pulling: Pulling, operator: Principal, source: Source, clock: FrozenClock
) -> None:
    clock.move(timedelta(days=3650))
    await pulling.pulled(operator, source.id)
    clock.move(-timedelta(days=3650))

    assert (await pulling.pulls.status(operator, source.id)).next_at == NOW
    assert await pulling.beginning.sweep() == 1
    assert await pulling.beginning.sweep() == 0
