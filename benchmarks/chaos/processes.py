"""The processes of the fault run: started, killed at random, and started again."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

KILLED = 0.7
"""The share of faults that end a process at once; the others stop it for a while."""
LONGEST_STOP = 6.0
"""Seconds for which a process is stopped at most: longer than a lease lasts."""


@dataclass
class Processes:
    """Schedulers and workers, each of which is replaced when it is killed."""

    start_one: Callable[[str], ForkServerProcess]
    chance: random.Random
    roles: dict[ForkServerProcess, str] = field(default_factory=dict[ForkServerProcess, str])
    stopped: dict[ForkServerProcess, float] = field(default_factory=dict[ForkServerProcess, float])
    """When each is to go on."""
    faults: Counter[str] = field(default_factory=Counter[str])

    def start(self, role: str) -> None:
        """One more process."""
        self.roles[self.start_one(role)] = role

    def harm(self) -> None:
        """Kill one as a power cut would, and start another; or have it stand still for a while."""
        going_on = [one for one in self.roles if one not in self.stopped]
        if not going_on:
            return
        victim = self.chance.choice(going_on)
        role = self.roles[victim]
        if self.chance.random() < KILLED:
            self.faults[f"{role} killed"] += 1
            self.end(victim)
            self.start(role)
        else:
            self.faults[f"{role} stopped for a while"] += 1
            self._signal(victim, signal.SIGSTOP)
            self.stopped[victim] = time.monotonic() + self.chance.uniform(0.5, LONGEST_STOP)

    def go_on(self, *, all_of_them: bool = False) -> None:
        """Let those go on that have stood still for long enough. One that ended by itself is replaced."""
        for one, until in list(self.stopped.items()):
            if all_of_them or time.monotonic() > until:
                self._signal(one, signal.SIGCONT)
                del self.stopped[one]
        for one, role in list(self.roles.items()):
            if one not in self.stopped and not one.is_alive():
                self.faults[f"{role} ended by itself"] += 1
                self.end(one)
                self.start(role)

    def end(self, one: ForkServerProcess) -> None:
        """End one at once."""
        one.kill()
        one.join()
        one.close()
        del self.roles[one]
        self.stopped.pop(one, None)

    def _signal(self, one: ForkServerProcess, number: signal.Signals) -> None:
        if one.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(one.pid, number)


@contextmanager
def processes(
    roles: Mapping[str, int], settings: Mapping[str, Any], queue: str, folder: Path, chance: random.Random
) -> Generator[Processes]:
    """So many processes of each role, until the end of the block. Their logs are kept in the folder."""
    context: ForkServerContext = multiprocessing.get_context("forkserver")
    # All modules are read once; a process that replaces a killed one is there within a moment.
    context.set_forkserver_preload(["benchmarks.chaos.process"])
    folder.mkdir()
    numbers = iter(range(1_000_000))

    def start_one(role: str) -> ForkServerProcess:
        # Named by its module, so that this process needs not bring the whole server with it.
        from benchmarks.chaos.process import process  # noqa: PLC0415

        log = folder / f"{role}-{next(numbers)}.log"
        started = context.Process(target=process, args=(role, settings, queue, log), daemon=True)
        started.start()
        return started

    made = Processes(start_one, chance)
    try:
        for role, count in roles.items():
            for _one in range(count):
                made.start(role)
        yield made
    finally:
        for one in list(made.roles):
            made.end(one)
