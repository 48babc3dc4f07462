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

KILLS, POSTS = times(3, 3), times(100)
SENDERS = 8
SECONDS = 60


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
    async with httpx2.AsyncClient(base_url=served.url, timeout=10) as http:
        path = urlsplit(served.add_source("sendgrid", "Mail", "verify=off")).path

        async def send() -> None:
            for ident in names:
                body = [event(ident), event(ident)]
                try:
                    answer = await http.post(path, json=body)
                except httpx2.HTTPError:
                    return
                if answer.status_code == 200:
                    acknowledged.append(ident)

        for kill in range(KILLS):
            before = len(acknowledged)
            senders = [asyncio.create_task(send()) for _ in range(SENDERS)]
            enough = before + POSTS * (kill + 1)
            await until(lambda enough=enough: len(acknowledged) >= enough, SECONDS)
            served.kill()
            await asyncio.gather(*senders)
            served.start()
        again = [event(ident) for ident in acknowledged]
        assert (await http.post(path, json=again)).status_code == 200
    served.wait_until_read()
    served.stop()
    out = tmp_path / "events.jsonl"
    served.command("export", "email.events", "--out", str(out))
    stored = Counter(json.loads(line)["recipient"].partition("@")[0] for line in out.read_text().splitlines())
    assert len(acknowledged) >= POSTS * KILLS * (KILLS + 1) // 2
    assert [ident for ident in acknowledged if not stored[ident]] == [], "acknowledged and lost"
    assert [ident for ident, times in stored.items() if times > 1] == [], "counted twice"
