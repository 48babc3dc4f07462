"""A real server, killed without warning while services post to it."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from fixtures.ingest import until
from fixtures.serving import Served
from support.long import times

KILLS, POSTS = times(3, 2), times(60, 3)
SENDERS = 8
PATIENCE = 600
"""Seconds in which some posts are taken, however busy the machine is."""


def event(ident: str) -> dict[str, object]:
    return {
        "email": f"{ident}@example.org",
        "timestamp": 1_770_000_000,
        "event": "delivered",
        "sg_event_id": ident,
        "sg_message_id": f"m{ident}",
    }


@pytest.mark.chaos
@pytest.mark.slow
@pytest.mark.requirement("GO-17")
async def test_a_server_that_is_killed_again_and_again_loses_no_acknowledged_post_and_doubles_none(
    served: Served, tmp_path: Path
) -> None:
    served.start()
    acknowledged: list[str] = []
    names = map(str, count())
    over = asyncio.Event()
    path = urlsplit(served.add_source("sendgrid", "Mail", "verify=off")).path

    async def acknowledges(http: httpx2.AsyncClient, ident: str) -> bool:
        try:
            answer = await http.post(path, json=[event(ident), event(ident)])
        except httpx2.HTTPError:
            return False
        return answer.status_code == 200

    async def send(http: httpx2.AsyncClient) -> None:
        for ident in names:
            # As services do it: again and again until somebody takes it.
            while not await acknowledges(http, ident):
                if over.is_set():
                    return
                await asyncio.sleep(0.1)
            acknowledged.append(ident)
            if over.is_set():
                return

    async with httpx2.AsyncClient(base_url=served.url, timeout=30) as http:
        async with asyncio.TaskGroup() as senders:
            for _sender in range(SENDERS):
                senders.create_task(send(http))
            for _kill in range(KILLS):
                enough = len(acknowledged) + POSTS
                await until(lambda enough=enough: len(acknowledged) >= enough, PATIENCE)
                served.kill()
                await asyncio.to_thread(served.start)
            over.set()
        again = [event(ident) for ident in acknowledged]
        assert (await http.post(path, json=again)).status_code == 200
    served.wait_until_read()
    served.stop()
    out = tmp_path / "events.jsonl"
    served.command("export", "email.events", "--out", str(out))
    stored = Counter(json.loads(line)["recipient"].partition("@")[0] for line in out.read_text().splitlines())
    assert len(acknowledged) >= POSTS * KILLS
    assert [ident for ident in acknowledged if not stored[ident]] == [], "acknowledged and lost"
    assert [ident for ident, times in stored.items() if times > 1] == [], "counted twice"
