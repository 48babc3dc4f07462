"""A real server, killed without warning while services post to it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Generator
from itertools import count
from pathlib import Path

import httpx2
import pytest

from fixtures.ingest import until

KILLS = 3
SENDERS = 8
SECONDS = 60
BILAN = str(Path(sys.executable).with_name("bilan"))


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    """``bilan serve`` as a process of its own, on a data folder that outlives it."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BILAN_")}
        self.environment = {**kept, "BILAN_DATA_DIR": str(folder / "data"), "BILAN_PORT": str(self.port)}
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str) -> str:
        done = subprocess.run(
            [BILAN, *arguments],
            env=self.environment, capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([BILAN, "serve"], env=self.environment, stdout=log, stderr=log)

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.kill()


@pytest.fixture
def server(tmp_path: Path) -> Generator[Server]:
    server = Server(tmp_path)
    yield server
    server.stop()


def event(ident: str) -> dict[str, object]:
    return {
        "email": f"{ident}@example.org",
        "timestamp": 1_770_000_000,
        "event": "delivered",
        "sg_event_id": ident,
        "sg_message_id": f"m{ident}",
    }


async def ready(http: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(SECONDS):
        while True:  # the server is another process: only asking tells
            with contextlib.suppress(httpx2.HTTPError):
                if (await http.get("/readyz")).status_code == 200:
                    return
            await asyncio.sleep(0.1)


async def emptied(http: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(SECONDS):
        while (await http.get("/readyz")).json()["parts"]["inbox"]["detail"]["waiting"]:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.1)


@pytest.mark.slow
@pytest.mark.requirement("GO-17")
async def test_a_server_that_is_killed_again_and_again_loses_no_acknowledged_post_and_doubles_none(
    server: Server, tmp_path: Path
) -> None:
    server.start()
    acknowledged: list[str] = []
    names = map(str, count())
    async with httpx2.AsyncClient(base_url=server.url, timeout=10) as http:
        await ready(http)
        said = await asyncio.to_thread(
            server.command, "sources", "add", "--plugin", "email_campaigns", "--kind", "sendgrid",
            "--name", "Mail", "--setting", "verify=off",
        )  # fmt: skip
        path = said[said.index("/hooks/") :].split()[0].strip('"')

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
            enough = before + 400 * (kill + 1)
            await until(lambda enough=enough: len(acknowledged) >= enough, SECONDS)
            server.kill()
            await asyncio.gather(*senders)
            server.start()
            await ready(http)
        again = [event(ident) for ident in acknowledged]
        assert (await http.post(path, json=again)).status_code == 200
        await emptied(http)
    server.stop()
    out = tmp_path / "events.jsonl"
    server.command("export", "email.events", "--out", str(out))
    stored = Counter(json.loads(line)["recipient"].partition("@")[0] for line in out.read_text().splitlines())
    assert len(acknowledged) >= 400 * (1 + 2 + 3)
    assert [ident for ident in acknowledged if not stored[ident]] == [], "acknowledged and lost"
    assert [ident for ident, times in stored.items() if times > 1] == [], "counted twice"
