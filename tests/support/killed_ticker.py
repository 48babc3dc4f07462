"""A ticker that dies as soon as it has begun a run: ``python killed_ticker.py CATALOG MOMENT FOLDER``."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bilan.catalog import Catalog
from bilan.runs.values import Run
from support.office import RenderingRuns
from support.schedules import Agency

START = RenderingRuns.start


async def start_and_die(self: RenderingRuns, *args: Any, **kwargs: Any) -> Run:
    await START(self, *args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("killed")


async def main(url: str, moment: str, folder: str) -> None:
    catalog = Catalog(url)
    await catalog.open()
    agency = Agency(catalog, None, Path(folder))
    agency.clock.move(datetime.fromisoformat(moment) - agency.clock.now())
    RenderingRuns.start = start_and_die
    with catalog.activate():
        await agency.due.tick()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
