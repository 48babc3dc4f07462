"""Sources are pulled by themselves when they are due, once each, however many processes look for it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bilan.accounts import Principal
from bilan.accounts.models import Workspace
from bilan.accounts.values import OperatorPrincipal, SourceRole
from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.pulls.models import PullRow
from bilan.registry.declared import Registry
from bilan.sdk import Forbidden, Invalid, NotFound
from bilan.sources import Source
from bilan.work import State
from fixtures.ingest import NOW, MemoryFacts
from support.club import Answer, Club
from support.importing import member
from support.pulling import Pulling

pytestmark = [pytest.mark.requirement("AD-17"), pytest.mark.integration]

HOUR = timedelta(hours=1)


async def test_a_new_source_is_pulled_at_once_and_then_every_hour(
    pulling: Pulling, operator: Principal, source: Source, clock: FrozenClock
) -> None:
    begun = [await pulling.beginning.sweep()]
    await pulling.work()
    for _half in range(3):
        clock.move(HOUR / 2)
        begun.append(await pulling.beginning.sweep())
        await pulling.work()

    assert begun == [1, 0, 1, 0]
    history = await pulling.pulls.history(operator, source.id)
    assert [(one.created_at, one.by, one.state) for one in history] == [
        (NOW + HOUR, "Bilan", State.SUCCEEDED),
        (NOW, "Bilan", State.SUCCEEDED),
    ]


async def test_a_pull_that_is_due_waits_for_the_one_under_way(
    pulling: Pulling, source: Source, clock: FrozenClock, club: Club
) -> None:
    club.first.append(Answer(429, {"Retry-After": "9000"}))
    assert await pulling.beginning.sweep() == 1
    await pulling.work()
    clock.move(2 * HOUR)
    assert await pulling.beginning.sweep() == 0

    clock.move(HOUR)
    await pulling.work()

    assert await pulling.beginning.sweep() == 1


@pytest.mark.parametrize(
    ("chosen", "after", "due"),
    [("day", 23 * HOUR, 0), ("day", 24 * HOUR, 1), ("never", 900 * HOUR, 0), ("six_hours", 6 * HOUR, 1)],
)
async def test_how_often_is_the_sources_to_say(
    pulling: Pulling,
    operator: Principal,
    source: Source,
    clock: FrozenClock,
    chosen: str,
    after: timedelta,
    due: int,
) -> None:
    await pulling.beginning.sweep()
    await pulling.work()
    await pulling.sources.change(operator, source.id, settings={"pulled": chosen})
    clock.move(after)

    assert await pulling.beginning.sweep() == due


async def test_a_source_that_was_removed_is_left_alone(
    pulling: Pulling, operator: Principal, source: Source
) -> None:
    await pulling.sources.remove(operator, source.id)

    assert await pulling.beginning.sweep() == 0


async def test_two_tickers_begin_one_pull(
    catalog: Catalog, clock: FrozenClock, club_registry: Registry, facts: MemoryFacts, club: Club
) -> None:
    workspace = await Workspace.create(name="W", zone="UTC", first_weekday=0, language="en", created_at=NOW)
    operator = OperatorPrincipal(workspace=workspace.id)
    processes = [Pulling(catalog, clock, club_registry, facts, club) for _process in range(4)]
    await processes[0].add(operator, "Alpine", "alpine")
    await processes[0].add(operator, "Baltic", "baltic")

    begun = await asyncio.gather(*(one.beginning.sweep() for one in processes))

    assert sum(begun) == await PullRow.all().count() == 2


async def test_the_status_tells_when_what_and_where(
    pulling: Pulling, operator: Principal, source: Source, clock: FrozenClock, club: Club
) -> None:
    status = await pulling.pulls.status(operator, source.id)
    assert (status.every, status.next_at, status.current, status.last) == (HOUR, NOW, None, None)
    assert status.hosts == ("api.club.example",)

    run = await pulling.pulled(operator, source.id)
    status = await pulling.pulls.status(operator, source.id)

    assert (status.last, status.next_at) == (run, NOW + HOUR)
    assert (str(status.checked), status.checked_at) == ("The token sees 2 clubs.", NOW)
    assert status.warning is None


async def test_a_token_that_ends_is_warned_of_before(
    pulling: Pulling, operator: Principal, source: Source, clock: FrozenClock, club: Club
) -> None:
    ends_at = NOW + timedelta(days=20)
    club.ends_at = ends_at.isoformat()
    checked = await pulling.pulls.check(operator, source.id)
    assert (str(checked.said), checked.ends_at) == ("The token sees 2 clubs.", ends_at)
    assert (await pulling.sources.get(operator, source.id)).ends_at == ends_at
    told = list[str]()
    for _step in range(3):
        told += [str(one.message) for one in await pulling.pulls.warnings(operator)] or [""]
        clock.move(timedelta(days=10))

    assert told == [
        "",
        f"The token ends on {ends_at.isoformat()}. Connect the source anew before.",
        f"The token ended on {ends_at.isoformat()}. Connect the source anew.",
    ]


async def test_the_end_of_a_token_is_looked_at_once_a_day(
    pulling: Pulling, operator: Principal, source: Source, clock: FrozenClock, club: Club
) -> None:
    for _half_day in range(4):
        await pulling.pulled(operator, source.id)
        clock.move(12 * HOUR)

    assert club.asked.count("/clubs") == 2


async def test_a_pull_that_failed_is_a_warning_until_one_succeeds(
    pulling: Pulling, operator: Principal, source: Source, club: Club, clock: FrozenClock
) -> None:
    club.first.append(Answer(403))
    await pulling.pulled(operator, source.id)
    (warning,) = await pulling.pulls.warnings(operator)
    assert warning.source.name == "Alpine"
    assert await pulling.pulls.troubles() == {"failing": 1, "tokens_ending": 0}
    assert str(warning.message) == (
        "The last pull failed: api.club.example does not let the token read this: it lacks a right. "
        "It answered 403."
    )

    clock.move(HOUR)
    await pulling.pulled(operator, source.id)

    assert await pulling.pulls.warnings(operator) == ()
    club.ends_at = (NOW + timedelta(days=3)).isoformat()
    await pulling.pulls.check(operator, source.id)
    assert await pulling.pulls.troubles() == {"failing": 0, "tokens_ending": 1}
    await pulling.sources.remove(operator, source.id)
    assert await pulling.pulls.troubles() == {"failing": 0, "tokens_ending": 0}


async def test_a_check_says_why_a_token_is_no_good(
    pulling: Pulling, operator: Principal, source: Source, club: Club
) -> None:
    club.tokens.clear()
    with pytest.raises(Exception, match="does not accept the token"):
        await pulling.pulls.check(operator, source.id)


async def test_pulls_are_for_those_who_may_import_and_credentials_for_admins(
    pulling: Pulling, operator: Principal, source: Source
) -> None:
    guest, editor, stranger = (
        member(operator.workspace, role, source.id) for role in (SourceRole.GUEST, SourceRole.EDITOR, None)
    )
    run = await pulling.pulls.start(editor, source.id)
    assert run.by == "Ann"
    for refused in (
        pulling.pulls.start(guest, source.id),
        pulling.pulls.status(guest, source.id),
        pulling.pulls.history(guest, source.id),
        pulling.pulls.get(guest, run.id),
        pulling.pulls.cancel(guest, run.id),
        pulling.pulls.check(editor, source.id),
        pulling.pulls.discover(editor, "club", "club", {"token": "good"}),
    ):
        with pytest.raises(Forbidden):
            await refused
    for unknown in (pulling.pulls.start(stranger, source.id), pulling.pulls.get(stranger, run.id)):
        with pytest.raises(NotFound):
            await unknown
    assert await pulling.pulls.warnings(guest) == ()


async def test_a_source_that_was_removed_is_not_fetched_by_hand_either(
    pulling: Pulling, operator: Principal, source: Source
) -> None:
    await pulling.sources.remove(operator, source.id)
    with pytest.raises(Invalid, match="The source Alpine was removed"):
        await pulling.pulls.start(operator, source.id)
