"""The fault run: everything comes due while processes are killed, until nothing is under way any more."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.chaos.approver import Approver
from benchmarks.chaos.audit import audited
from benchmarks.chaos.findings import Audit
from benchmarks.chaos.mail_server import mail_server
from benchmarks.chaos.population import Planned, populate
from benchmarks.chaos.process import SCHEDULER, WORKER
from benchmarks.chaos.processes import Processes, processes
from benchmarks.chaos.services import Shared, shared
from benchmarks.chaos.shop import registry
from benchmarks.chaos.webhook_server import webhook_server
from bilan.app import Bilan
from bilan.clock import FrozenClock
from bilan.settings import Settings

LOOK = 0.25
"""Seconds between two looks at what is under way."""
TOLD = 10.0
"""Seconds between two lines that say how far it is."""
HANG_UP = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.3
"""
UNDER_WAY = """
SELECT (SELECT count(*) FROM occurrence WHERE state IN ('planned', 'begun', 'waiting'))
  + (SELECT count(*) FROM step WHERE state IN ('waiting', 'running'))
  + (SELECT count(*) FROM delivery WHERE state IN ('planned', 'claimed', 'handed_over'))
  AS left, (SELECT count(*) FROM delivery WHERE state IN ('accepted', 'refused', 'unknown')) AS settled,
  (SELECT count(*) FROM occurrence) + (SELECT sum(attempt + forgotten) FROM step) AS moved
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is sent, and how much goes wrong."""

    deliveries: int
    seed: int
    schedulers: int = 3
    workers: int = 4
    harm_every: float = 1.5
    """Seconds between two faults of processes, on average."""
    patience: float = 120.0
    """Seconds without anything having moved, after which the run is over as it stands."""
    share: float = 1.0
    """How often the mail server and the webhooks misbehave, of the rates that they have."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found, what went wrong meanwhile on purpose, and how long it took."""

    audit: Audit
    faults: Counter[str]
    seconds: float


def chaos(
    plan: Plan, folder: Path, *, database: str = "", warehouse: str = "", told: bool = False
) -> Outcome:
    """Send what schedules say while everything goes wrong, then look. Raises ``NotHere``.

    ``database`` is a migrated one that nobody else uses, ``warehouse`` a server; they are made without it.
    """
    chance = random.Random(plan.seed)
    with (
        shared(folder / "data", database, warehouse) as services,
        mail_server(folder / "mail", random.Random(chance.random()), plan.share) as mailboxes,
        webhook_server(mailboxes) as webhook_hosts,
    ):
        settings = services.settings(mailboxes.url, webhook_hosts)
        planned = asyncio.run(_prepared(Settings(**settings), chance, plan.deliveries, mailboxes.hooks))
        began = time.monotonic()
        roles = {SCHEDULER: plan.schedulers, WORKER: plan.workers}
        with processes(roles, settings, services.queue, folder / "logs", chance) as running:
            asyncio.run(_harmed(plan, services, running, chance, Approver(settings, planned), told=told))
        seconds = time.monotonic() - began
        audit = asyncio.run(audited(Settings(**settings), planned, mailboxes))
        return Outcome(audit, mailboxes.faults + running.faults, seconds)


async def _prepared(
    settings: Settings, chance: random.Random, deliveries: int, hooks: dict[str, str]
) -> list[Planned]:
    clock = FrozenClock(datetime.now(UTC))
    async with Bilan.open(settings, registry=registry(), clock=clock, local=True) as bilan:
        return await populate(bilan, clock, chance, deliveries, hooks)


async def _harmed(
    plan: Plan,
    services: Shared,
    running: Processes,
    chance: random.Random,
    approver: Approver,
    *,
    told: bool,
) -> None:
    """Harm the processes until nothing is under way, or nothing has moved for long."""
    began = moved_at = said = time.monotonic()
    next_harm, before = began + 1, None
    answering = asyncio.create_task(approver.run())
    while True:
        await asyncio.sleep(LOOK)
        now = time.monotonic()
        running.go_on()
        if now > next_harm:
            next_harm = now + chance.expovariate(1 / plan.harm_every)
            if chance.random() < 0.1:
                running.faults["connections to the database cut"] += 1
                await services.rows(HANG_UP)
            else:
                running.harm()
        (found,) = await services.rows(UNDER_WAY)
        if tuple(found) != before:
            before, moved_at = tuple(found), now
        if told and now - said > TOLD:
            said = now
            print(f"{now - began:.0f} s: {found['settled']} settled, {found['left']} under way", flush=True)
        if not found["left"] or now - moved_at > plan.patience:
            running.go_on(all_of_them=True)
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)
            return
