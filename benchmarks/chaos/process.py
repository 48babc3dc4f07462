"""A process of the fault run: a scheduler or a worker with the server's own parts, but for their patience."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx2

from benchmarks.chaos.shop import registry
from bilan import logs
from bilan.app import Bilan, assembly
from bilan.delivery import ledger
from bilan.delivery.email import channel
from bilan.delivery.email.smtp import SmtpMailer
from bilan.delivery.webhook import channel as webhooks
from bilan.delivery.webhook.channel import WebhookTransport
from bilan.outbound import post_once
from bilan.schedules import approvals
from bilan.settings import Settings
from bilan.work import Engine, Timing
from bilan.worker import WakeupPublisher, WorkerPool

SCHEDULER, WORKER = "scheduler", "worker"
TIMING = Timing(
    lease=timedelta(seconds=4),
    beat=timedelta(seconds=0.5),
    backoff=timedelta(seconds=0.5),
    wake_again_after=timedelta(seconds=2),
)
WAITS = tuple(timedelta(seconds=seconds) for seconds in (0.5, 1, 2, 4))
"""As many attempts as the server has, sooner after one another."""
SILENCE = timedelta(seconds=20)
SECONDS = 2.0
"""The longest silence of who is sent to."""


def process(role: str, settings: Mapping[str, Any], queue: str, log: Path) -> None:
    """Work until it is killed. What it has to say goes to the file ``log``."""
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(written, stream.fileno())
    logs.configure("json")
    be_impatient(queue)
    anyio.run(_work, role, Settings(**settings), backend_options={"use_uvloop": True})


def be_impatient(queue: str) -> None:
    """Have the parts of this process wait for seconds where a server waits for minutes, in a queue apart."""
    patched: Any = assembly
    patched.Engine = partial(Engine, timing=TIMING)
    patched.WAITS = WAITS
    patched.WakeupPublisher = partial(WakeupPublisher, queue_name=queue)
    patched.WorkerPool = partial(WorkerPool, queue_name=queue)
    patched = channel
    patched.SmtpMailer = partial(SmtpMailer, seconds=SECONDS, silent=0.5)
    patched = webhooks
    patched.WebhookTransport = partial(WebhookTransport, silent=0.5)
    patched.post_once = partial(post_once, timeout=httpx2.Timeout(SECONDS))
    patched = approvals
    patched.MINUTE = timedelta(seconds=1)
    patched = ledger
    patched.SILENCE = SILENCE


async def _work(role: str, settings: Settings) -> None:
    async with Bilan.open(settings, registry=registry()) as bilan:
        if role == SCHEDULER:
            await bilan.ticker().run()
        async with bilan.working():
            await anyio.sleep_forever()
