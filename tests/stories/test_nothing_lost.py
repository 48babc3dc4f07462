"""Thousands of events, each posted twice by many senders at once, to a server that is killed meanwhile.

Five thousand, and fifty thousand in the long form.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from fixtures.serving import Served
from support.long import times
from support.traffic import Happened, figures, happened, posts

pytestmark = [pytest.mark.chaos, pytest.mark.slow]

COUNTS = {"sendgrid": times(3_600, 10), "brevo": times(1_300, 10), "mailgun": times(100, 10)}
SIZES = {"sendgrid": 250, "brevo": 100, "mailgun": 1}
SENDERS = 8


class Senders:
    """Post until the server has acknowledged everything, however often that takes."""

    def __init__(self, addresses: dict[str, str], waiting: list[tuple[str, bytes]]) -> None:
        self._addresses, self._waiting = addresses, waiting
        self.all = len(waiting)
        self.acknowledged = self.refused = 0

    async def run(self) -> None:
        async with httpx2.AsyncClient(timeout=30) as http, asyncio.TaskGroup() as tasks:
            for _number in range(SENDERS):
                tasks.create_task(self._send(http))

    async def until(self, share: float) -> None:
        """Until this share of all posts has been acknowledged."""
        while self.acknowledged < self.all * share:  # noqa: ASYNC110 - the senders count, they do not tell
            await asyncio.sleep(0.01)

    async def _send(self, http: httpx2.AsyncClient) -> None:
        while self._waiting:
            service, body = post = self._waiting.pop()
            try:
                answer = await http.post(
                    self._addresses[service], content=body, headers={"content-type": "application/json"}
                )
                acknowledged = answer.status_code == 200
            except httpx2.HTTPError:
                acknowledged = False
            if acknowledged:
                self.acknowledged += 1
                continue
            self.refused += 1
            self._waiting.insert(0, post)
            await asyncio.sleep(0.1)


async def graphql(http: httpx2.AsyncClient, query: str) -> Any:
    answer = await http.post("/graphql", json={"query": query})
    body = answer.json()
    assert "errors" not in body, body["errors"]
    return body["data"]["email"]["events"]


def by_campaign(events: list[Happened]) -> Iterator[tuple[tuple[str, str], list[Happened]]]:
    groups: dict[tuple[str, str], list[Happened]] = defaultdict(list)
    for event in events:
        groups[event.service, event.campaign].append(event)
    yield from groups.items()


async def test_events_sent_twice_to_a_server_that_is_killed_count_once_each(
    served: Served,
) -> None:
    events = happened(COUNTS)
    waiting = [*posts(events, SIZES, "first"), *posts(events, SIZES, "again")]
    random.Random(1).shuffle(waiting)
    await asyncio.to_thread(served.start)
    addresses = {
        service: await asyncio.to_thread(served.add_source, service, service, "verify=off")
        for service in COUNTS
    }
    token = (
        await asyncio.to_thread(served.command, "tokens", "create", "--email", "ann@example.org")
    ).strip()

    senders = Senders(addresses, waiting)
    async with asyncio.TaskGroup() as tasks:
        sending = tasks.create_task(senders.run())
        for share in (0.3, 0.6):
            await senders.until(share)
            served.kill()
            await asyncio.to_thread(served.start)
        await sending
    await asyncio.to_thread(served.wait_until_read)

    wanted = figures(events)
    names = " ".join(wanted)
    headers = {"authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(base_url=served.url, headers=headers, timeout=60) as http:
        totals = (await graphql(http, f"{{ email {{ events {{ totals {{ {names} }} }} }} }}"))["totals"]
        rows = (
            await graphql(
                http,
                f"{{ email {{ events(by: [SOURCE, CAMPAIGN]) {{ rows {{ source campaign {names} }} }} }} }}",
            )
        )["rows"]

    assert len(events) == times(5_000, 10)
    assert senders.acknowledged == senders.all
    assert senders.refused > 0, "no sender noticed that the server was gone"
    assert totals == wanted
    assert {(row.pop("source"), row.pop("campaign")): row for row in rows} == {
        key: {**figures(group)} for key, group in by_campaign(events)
    }
