"""D1: scheduled deliveries that share a moment, to a local mail server, beside aiosmtplib alone.

Schedules that are due at the same moment send a report to their recipients by a server as people
run it: ledger, tickers, workers and pages in one process. Then aiosmtplib sends messages of the same
bytes over as many connections to the same mail server. While the server sends, a page is asked for
again and again, as it was before anything was due.
"""

from __future__ import annotations

import asyncio
import http.client
import os
import statistics
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import aiosmtplib

from benchmarks import data, postgres, sending
from benchmarks.bench import Bench
from benchmarks.measuring import Finding
from benchmarks.served import OWNER, Product, Served
from bilan.accounts.models import Person, Workspace
from bilan.accounts.principals import principal_for
from bilan.app import Bilan
from bilan.catalog.statements import rows
from bilan.delivery.email.channel import CONNECTIONS
from bilan.recipients.models import RecipientRow
from bilan.reports.values import Draft
from bilan.schedules import Recurrence, Rhythm, Timetable
from bilan.schedules.values import ScheduleDraft
from bilan.sdk.periods import Period, Preset
from bilan.settings import Settings
from bilan.sources.models import SourceRow

KEYS = ("D1", "D1 page", "D1 SQLite", "D1 SQLite page")
LEAST, MOST = 100, 10_000
"""Deliveries; ``DELIVERIES`` in the environment says another number."""
EACH = 1000
"""Recipients of a schedule."""
EVENTS = 20_000
LEAD, IDLE = timedelta(seconds=30), 10.0
"""From when schedules are made until they are due, and the seconds of an idle server."""
PATIENCE = 1800.0
PAGE = "/schedules"


@dataclass
class Watch:
    """What a page took, in seconds."""

    taken: list[float]

    @property
    def p95(self) -> float:
        """The time that one of twenty exceeds."""
        return statistics.quantiles(self.taken, n=20, method="inclusive")[-1]


def measure(bench: Bench) -> Iterator[Finding]:
    """On PostgreSQL, then on SQLite; fewer deliveries where there are few events."""
    deliveries = int(os.environ.get("DELIVERIES", min(MOST, max(LEAST, bench.loaded.events // 1000))))
    name = f"bilan_bench_{uuid4().hex}"
    for key, database in (("D1", postgres.database(name)), ("D1 SQLite", nullcontext(""))):
        with database as url:
            yield from measured(bench.folder / name / key.replace(" ", "-"), key, url, deliveries)


def measured(folder: Path, key: str, database: str, deliveries: int) -> Iterator[Finding]:
    """The rates, and the page's times, with the ledger in this database."""
    samples = folder / "samples"
    samples.mkdir(parents=True)
    with sending.mail_server(samples) as (port, counts):
        url = f"smtp://127.0.0.1:{port}?tls=never"
        settings = {"BILAN_MAIL_URL": url} | ({"BILAN_DATABASE_URL": database} if database else {})
        product = Product(folder / "data", settings)
        token = product.token()
        product.add_source("file", "Shop")
        data.write(folder, EVENTS)
        with product.serving(token):
            product.command("import", "--source", "Shop", str(folder / "events.parquet"))
        due = asyncio.run(_scheduled(folder / "data", database, deliveries))
        with product.serving(token) as served:
            with watching(served) as idle:
                time.sleep(IDLE)
            time.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds()))
            began, used = time.monotonic(), sum(served.process.cpu_times()[:2])
            with watching(served) as busy:
                _wait(lambda: counts()[0] >= deliveries)
                seconds = time.monotonic() - began
            cpu = sum(served.process.cpu_times()[:2]) - used
            _wait(lambda: asyncio.run(_settled(folder / "data", database)) >= deliveries)
        alone = asyncio.run(_alone(port, [one.read_bytes() for one in sorted(samples.iterdir())], deliveries))
    ours, theirs = deliveries / seconds, deliveries / alone
    remark = f"{deliveries:,} deliveries, {cpu / deliveries * 1000:.1f} ms of processor each"
    yield Finding.one(key, ours / theirs, f"{ours:,.0f} deliveries/s", f"{theirs:,.0f} messages/s", remark)
    yield Finding.one(
        f"{key} page", busy.p95 / idle.p95, f"{busy.p95 * 1000:.0f} ms", f"{idle.p95 * 1000:.0f} ms"
    )


async def _scheduled(folder: Path, database: str, deliveries: int) -> datetime:
    """Make the schedules; when they are due."""
    settings = Settings(data_dir=folder, database_url=database)
    async with Bilan.open(settings, local=True) as bilan:
        services, now = bilan.services, datetime.now(UTC)
        workspace, source = await Workspace.get(), await SourceRow.get()
        owner = await principal_for((await Person.get(email=OWNER)).id)
        assert owner is not None
        addresses = [f"p{number}@example.net" for number in range(min(EACH, deliveries))]
        await RecipientRow.bulk_create(
            [
                RecipientRow(
                    workspace=workspace, address=one, words=one, first_name=f"Person {number}", language="en",
                    confirmed_at=now, added_by_name="bench", created_at=now,
                )
                for number, one in enumerate(addresses)
            ]
        )  # fmt: skip
        due = (datetime.now(UTC) + LEAD).replace(microsecond=0)
        recurrence = Recurrence(Rhythm.ONCE, due.date(), "UTC", due.time())
        timetable = Timetable(recurrence, Period(Preset.LAST_30_DAYS))
        for number, first in enumerate(range(0, deliveries, EACH)):
            to = tuple(addresses[: min(EACH, deliveries - first)])
            draft = Draft(f"Engagement {number}", "email.engagement", {}, sources=frozenset({source.id}))
            report = await services.reports.create(owner, draft)
            await services.schedules.create(owner, ScheduleDraft(report.id, timetable, to=to))
    return due


async def _settled(folder: Path, database: str) -> int:
    """How many rows of the ledger say that the mail server took it."""
    settings = Settings(data_dir=folder, database_url=database)
    async with Bilan.open(settings, local=True):
        (found,) = await rows("SELECT count(*) AS taken FROM delivery WHERE state = 'accepted'")
    return int(found["taken"])


async def _alone(port: int, messages: Sequence[bytes], count: int) -> float:
    """Seconds that aiosmtplib takes for so many messages, over as many connections."""
    numbers = iter(range(count))

    async def send() -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, use_tls=False, start_tls=False) as client:
            for number in numbers:
                content = messages[number % len(messages)]
                await client.sendmail("bilan@example.org", f"p{number}@example.net", content)

    began = time.monotonic()
    await asyncio.gather(*(send() for _connection in range(CONNECTIONS)))
    return time.monotonic() - began


@contextmanager
def watching(served: Served) -> Generator[Watch]:
    """Ask for a page ten times a second during the block."""
    watch, over = Watch([]), threading.Event()

    def look() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
        while not over.wait(0.1):
            began = time.perf_counter()
            connection.request("GET", PAGE, headers={"Authorization": served.headers["Authorization"]})
            with connection.getresponse() as answer:
                answer.read()
                assert answer.status == 200, answer.status
            watch.taken.append(time.perf_counter() - began)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield watch
    finally:
        over.set()
        thread.join()


def _wait(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not all was sent within {PATIENCE:.0f} s")
        time.sleep(0.1)
