"""A worker process that delivers: ``python post_process.py CATALOG FOLDER SMTP_URL THREADS [MOMENT]``.

It has the parts that sending takes, and no warehouse. It runs until it is killed, or kills itself at a
moment of the first delivery that gets so far.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio

from bilan.branding import Branding
from bilan.catalog import Catalog
from bilan.clock import SystemClock
from bilan.delivery import (
    ComposeStep,
    DeliverStep,
    Letters,
    LinkSigner,
    OwnLinks,
    PlainLetters,
    RenderAttachmentStep,
)
from bilan.delivery import ledger as ledger_module
from bilan.delivery.email.channel import AT_ONCE, EmailTransport
from bilan.delivery.email.connection import server_at
from bilan.delivery.email.headers import Sender
from bilan.delivery.email.smtp import SmtpMailer
from bilan.delivery.ledger import Ledger
from bilan.delivery.outgoing import OutgoingReports
from bilan.delivery.plugin import DELIVERY
from bilan.files import Files
from bilan.i18n import Translator
from bilan.recipients import Suppressions, Targets
from bilan.registry.gather import load
from bilan.rendering.plugin import RENDERING
from bilan.runs.artifacts import ArtifactRenderer
from bilan.seal import Seal
from bilan.work import Engine, Jobs, Timing
from bilan.worker import Periodic, Ticker, WakeupPublisher, WorkerPool, open_broker, working

sys.path.insert(0, str(Path(__file__).parents[1]))
from support.no_grants import no_grants, nothing_shared

TIMING = Timing(
    lease=timedelta(seconds=1.5), beat=timedelta(seconds=0.3), wake_again_after=timedelta(seconds=2)
)
WAITS = tuple(timedelta(seconds=0.2) for _attempt in range(9))


async def main(catalog_url: str, folder: Path, smtp_url: str, threads: int) -> None:
    registry = load([("rendering", RENDERING), ("delivery", DELIVERY)], installed=False)
    catalog, clock, translator = Catalog(catalog_url), SystemClock(), Translator.of(registry.plugins.values())
    await catalog.open()
    files = Files((folder / "files").as_uri())
    branding = Branding(catalog, files, clock)
    renderer = ArtifactRenderer(catalog, registry, files, branding, translator, clock, key=b"key")
    outgoing = OutgoingReports(
        registry, translator, files, renderer, branding, LinkSigner(b"key", ""), "http://bilan.test"
    )
    transport = SmtpMailer(server_at(smtp_url), "bilan.test", connections=3)
    email = EmailTransport(transport, Sender("bilan@example.org", "bilan.test"), 10_000_000)
    targets = Targets(catalog, clock, registry, Seal(b"key"), lambda _name: "")
    plain = PlainLetters(registry, translator, branding, email.compose_plain, str, no_grants)
    own = OwnLinks(b"key", "http://bilan.test")
    letters = Letters(catalog, files, clock, outgoing, own, {"email": email}, plain, targets, nothing_shared)
    broker = open_broker("")
    handlers = {
        "render_attachment": RenderAttachmentStep(letters),
        "compose": ComposeStep(letters),
        "deliver": DeliverStep(
            letters,
            Ledger(catalog, clock),
            {"email": email},
            Suppressions(clock),
            clock,
            at_once={"email": AT_ONCE},
        ),
    }
    jobs, delays = Jobs(catalog, clock, WakeupPublisher(broker)), {"deliver": WAITS}
    engine = Engine(catalog, jobs, clock, handlers, timing=TIMING, retry_delays=delays)
    pool = WorkerPool(broker, catalog, engine, threads=threads)

    async def requeue() -> int:
        return await engine.requeue_stale(limit=20)

    ticker = Ticker(catalog, [Periodic("requeue", timedelta(seconds=0.1), requeue)])
    async with working(pool, [ticker]):
        await anyio.sleep_forever()


Statements = Callable[..., Awaitable[Any]]


def killed(*, behind: Statements | None = None) -> Statements:
    """Ends the process as a power cut would, behind these statements."""

    async def kill(*arguments: Any) -> None:
        if behind is not None:
            await behind(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)

    return kill


def kill_at(moment: str) -> None:
    """Have the process killed between two things that it does with a delivery."""
    patched: Any = Ledger
    module: Any = ledger_module
    match moment:
        case "claimed":
            patched._hand_over = killed()
        case "handed over":
            patched._end = killed()
        case "settled":  # and not committed
            module.append_entries = killed(behind=module.append_entries)
        case "committed":
            patched._end = killed(behind=Ledger._end)
        case _:
            raise ValueError(moment)


if __name__ == "__main__":
    catalog_url, folder, smtp_url, threads, *moments = sys.argv[1:]
    for moment in moments:
        kill_at(moment)
    asyncio.run(main(catalog_url, Path(folder), smtp_url, int(threads)))
