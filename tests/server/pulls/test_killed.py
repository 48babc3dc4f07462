"""A pull killed between any two statements, or failing at any request, brings the same facts."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bilan.accounts import Principal
from bilan.clock import FrozenClock
from bilan.pulls.models import PulledSourceRow
from bilan.sources import Source
from bilan.work import State
from fixtures.ingest import MemoryFacts
from support.club import Answer, Club, albums
from support.killing import Kill, Killed, killed_at
from support.long import times
from support.pulling import Pulling

pytestmark = [pytest.mark.requirement("AD-17"), pytest.mark.integration, pytest.mark.chaos]

LIKES = {f"a{n:02}": 10 + n for n in range(8)}


@pytest.mark.requirement("GO-17")
async def test_a_pull_killed_between_any_two_statements_is_pulled_to_its_end(
    pulling: Pulling, operator: Principal, source: Source, club: Club, clock: FrozenClock, facts: MemoryFacts
) -> None:
    at, finished = 0, False
    while not finished:
        facts.held.clear()
        club.albums["alpine"] = albums(8)
        kill = Kill(at)
        with killed_at(kill):
            try:
                await pulling.pulls.start(operator, source.id)
                await pulling.work()
            except* Killed:
                pass
        finished = kill.asked <= at
        clock.move(timedelta(minutes=1))
        await pulling.moments.recover()  # as a process does that starts
        run = await pulling.pulls.start(operator, source.id)  # it is the one under way, if it had begun
        for _look in range(2):
            await pulling.work()
            clock.move(timedelta(minutes=1))
        done = await pulling.pulls.get(operator, run.id)
        assert (done.state, pulling.likes) == (State.SUCCEEDED, LIKES), f"killed at statement {at}"
        assert (await PulledSourceRow.get(source=source.id)).state == {}
        at += 3  # each is reached by one of the modules that kill; this one costs requests
    assert at > 40, "the pull asked for that many statements at least"


@pytest.mark.parametrize(("writes", "state"), [(True, State.SUCCEEDED), (False, State.FAILED)])
async def test_deaths_of_a_pull_that_gets_further_do_not_end_it(
    pulling: Pulling,
    operator: Principal,
    source: Source,
    club: Club,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
    writes: bool,
    state: State,
) -> None:
    write = pulling.step._write

    async def dying(work: Any, piece: Any) -> None:
        if writes:
            await write(work, piece)
        raise Killed

    monkeypatch.setattr(pulling.step, "_write", dying)
    club.albums["alpine"] = albums(20, date(2026, 2, 1))
    begun = await pulling.pulls.start(operator, source.id)
    for _death in range(6):
        with suppress(BaseExceptionGroup):
            await pulling.work()
        clock.move(timedelta(minutes=1))
    monkeypatch.undo()
    await pulling.work()

    (run,) = await pulling.pulls.history(operator, source.id)
    assert (run.id, run.state) == (begun.id, state)
    assert len(pulling.likes) == (20 if writes else 0)
    assert run.failure is None or "stopped 4 times" in str(run.failure)


async def test_a_pull_killed_between_its_last_checkpoint_and_its_end_is_one_of_its_history(
    pulling: Pulling,
    operator: Principal,
    source: Source,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def dying(*_of: Any) -> None:
        raise Killed

    monkeypatch.setattr(pulling.step, "_settle", dying)
    with suppress(BaseExceptionGroup):
        await pulling.pulled(operator, source.id)
    monkeypatch.undo()
    clock.move(timedelta(minutes=1))
    await pulling.work()

    (run,) = await pulling.pulls.history(operator, source.id)
    assert (run.state, run.new, run.known, pulling.likes) == (State.SUCCEEDED, 8, 8, LIKES)


FAULT = st.sampled_from([None, None, None, 429, 500, 401, "hang up", "limit"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=times(12, 10))
@given(faults=st.lists(FAULT, max_size=12), restated=st.integers(0, 8), ranged=st.booleans())
async def test_whatever_fails_and_is_restated_the_facts_are_those_of_a_pull_that_ran_through(
    pulling: Pulling,
    operator: Principal,
    source: Source,
    club: Club,
    clock: FrozenClock,
    facts: MemoryFacts,
    faults: list[int | str | None],
    restated: int,
    ranged: bool,
) -> None:
    facts.held.clear()
    club.first.clear()
    club.albums["alpine"] = albums(8)
    club.first += [_fault(one) for one in faults]
    for _attempt in range(60):
        run = (
            await pulling.pulls.back_fill(operator, source.id, date(2026, 3, 1), date(2026, 3, 8))
            if ranged
            else await pulling.pulls.start(operator, source.id)
        )
        while not (await pulling.pulls.get(operator, run.id)).state.over:
            await pulling.work()
            clock.move(timedelta(hours=1))
        if (await pulling.pulls.get(operator, run.id)).state is State.SUCCEEDED:
            break

    assert pulling.likes == LIKES
    for number in range(restated):
        club.albums["alpine"][f"a{number:02}"]["likes"] += 100
    club.first.clear()
    assert (await pulling.pulled(operator, source.id)).new == restated
    assert pulling.likes == {name: one["likes"] for name, one in club.albums["alpine"].items()}


def _fault(kind: int | str | None) -> Answer | None:
    match kind:
        case None:
            return None
        case "limit":
            return Answer(429, {"Retry-After": "120"})
        case "hang up":
            return Answer(200, {"Content-Length": "1000"}, b"[", hangs_up=True)
        case _:
            return Answer(int(kind))
