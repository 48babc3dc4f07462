"""Workers are killed while they hand e-mails over: real processes, a real mail server, nothing twice."""

from __future__ import annotations

import anyio
import pytest

from bilan.delivery import DeliveryState
from bilan.delivery.email.channel import AT_ONCE
from fixtures.workers import PostOffice
from support.long import LONG, times
from support.runs import until

pytestmark = [pytest.mark.requirement("GO-01"), pytest.mark.slow]

RECIPIENTS, KILLS, THREADS = times(250, 2), times(4, 2), 4


async def test_a_worker_killed_before_the_answer_leaves_it_unknown_and_nobody_sends_it_again(
    post_office: PostOffice,
):
    post_office.sink.answers["ann@example.org", "after"] = "hold"
    await post_office.send("ann")
    first = post_office.start()

    async def taken() -> bool:
        return bool(post_office.sink.taken)

    await until(taken, 60)
    post_office.kill(first)
    post_office.sink.answers.clear()
    post_office.start()
    row = (await post_office.settled())["ann"]
    assert (row.state, row.attempt) == (DeliveryState.UNKNOWN, 1)
    assert post_office.arrived() == ["ann"]
    assert post_office.sink.tried == ["ann@example.org"]


async def test_a_worker_killed_before_the_content_left_is_followed_by_one_that_sends_it_once(
    post_office: PostOffice,
):
    post_office.sink.answers["ann@example.org", "before"] = "hold"
    await post_office.send("ann")
    first = post_office.start()

    async def tried() -> bool:
        return bool(post_office.sink.tried)

    await until(tried, 60)
    post_office.kill(first)
    post_office.sink.answers.clear()
    post_office.start()
    row = (await post_office.settled())["ann"]
    assert (row.state, row.attempt) == (DeliveryState.ACCEPTED, 2)
    assert post_office.arrived() == ["ann"]
    assert post_office.sink.tried == ["ann@example.org"] * 2


@pytest.mark.requirement("GO-08")
@pytest.mark.parametrize(
    ("moment", "state", "attempt"),
    [
        ("claimed", DeliveryState.ACCEPTED, 2),
        ("handed over", DeliveryState.UNKNOWN, 1),
        ("settled", DeliveryState.UNKNOWN, 1),
        ("committed", DeliveryState.ACCEPTED, 1),
    ],
)
async def test_a_worker_killed_between_two_of_its_writes_leaves_one_message_and_the_row_tells(
    post_office: PostOffice, moment: str, state: DeliveryState, attempt: int
):
    await post_office.send("ann")
    first = post_office.start(dies=moment)

    async def dead() -> bool:
        return first.poll() is not None

    await until(dead, 120)
    post_office.workers.remove(first)
    post_office.start()
    row = (await post_office.settled())["ann"]
    assert (row.state, row.attempt) == (state, attempt)
    assert post_office.arrived() == ["ann"]


@pytest.mark.parametrize("catalog_url", ["sqlite", "postgres"] if LONG else ["sqlite"], indirect=True)
@pytest.mark.parametrize("moment", ["claimed", "handed over", "settled", "committed"])
async def test_of_a_batch_nobody_gets_two_when_its_worker_is_killed(post_office: PostOffice, moment: str):
    names = [f"p{number}" for number in range(20)]
    await post_office.send(*names)
    first = post_office.start(dies=moment)

    async def dead() -> bool:
        return first.poll() is not None

    await until(dead, 120)
    post_office.workers.remove(first)
    post_office.start()
    rows = await post_office.settled()
    assert {row.state for row in rows.values()} <= {DeliveryState.ACCEPTED, DeliveryState.UNKNOWN}
    assert len(post_office.arrived()) == len(set(post_office.arrived()))
    accepted = {name for name, row in rows.items() if row.state == DeliveryState.ACCEPTED}
    assert accepted <= set(post_office.arrived())
    # Those alone that were on their way.
    assert len(names) - len(accepted) <= AT_ONCE


async def test_two_workers_at_the_same_delivery_send_one_email(post_office: PostOffice):
    for _worker in range(2):
        post_office.start(threads=2)
    await post_office.send("ann", "bob", "cid")
    rows = await post_office.settled()
    assert {row.state for row in rows.values()} == {DeliveryState.ACCEPTED}
    assert sorted(post_office.arrived()) == ["ann", "bob", "cid"]


@pytest.mark.chaos
@pytest.mark.parametrize("catalog_url", ["postgres"], indirect=True)
async def test_many_recipients_get_at_most_one_each_while_workers_are_killed_at_random(
    post_office: PostOffice,
):
    names = [f"p{number}" for number in range(RECIPIENTS)]
    await post_office.send(*names)
    for _worker in range(2):
        post_office.start(threads=THREADS)
    for kill in range(1, KILLS + 1):
        wanted = kill * len(names) // (KILLS + 2)

        async def so_many(wanted: int = wanted) -> bool:
            return len(post_office.sink.taken) >= wanted

        await until(so_many, 120)
        await anyio.sleep(post_office.chance.random() / 10)
        post_office.kill()
        post_office.start(threads=THREADS)
    rows = await post_office.settled()
    arrived = post_office.arrived()
    assert len(arrived) == len(set(arrived)), "somebody got it twice"
    assert {row.state for row in rows.values()} <= {DeliveryState.ACCEPTED, DeliveryState.UNKNOWN}
    accepted = {name for name, row in rows.items() if row.state == DeliveryState.ACCEPTED}
    assert accepted <= set(arrived)
    assert set(rows) == set(names)
    # Nobody knows of those alone that a worker held when it was killed.
    assert len(rows) - len(accepted) <= KILLS * AT_ONCE
