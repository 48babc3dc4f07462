"""What happens to a machine: disks that are full or break, clocks that are wrong, databases that restart."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from benchmarks.attacks.target import TIMEOUT, Target, attack
from benchmarks.moved_clock import move
from benchmarks.served import BILAN

POST = b'{"event-data": {"event": "delivered", "id": "%s", "recipient": "a@example.org", "timestamp": 1}}' % (
    b"x" * 9_000
)
"""More than there is room for in what a database has of its own."""
SOON = 60.0
"""Seconds within which a server is as it was once its machine is."""
COUNT = "{ email { events { notes totals { delivered } } } }"
OLD = '{ email { events(period: {first: "2020-01-01", last: "2020-01-31"}) { notes totals { delivered } } } }'


@attack("9", "the disk is full for 15 s, twice", where="small disk", puts_off=True)
def a_full_disk(target: Target) -> None:
    """Posts come again, an import says why it ends, and goes on once there is room."""
    assert target.disk is not None
    ballast = target.disk / "ballast"
    for _time in range(2):
        if not target.wait(3):
            break
        _fill(ballast)
        _until(target, lambda: _ready(target) == 503, "the full disk was not told at /readyz")
        target.got[f"/readyz {_ready(target)} while full"] += 1
        for _post in range(5):
            target.ask("POST", target.loose, POST, {"Content-Type": "application/json"})
        target.wait(15)
        ballast.unlink()
        _until(target, lambda: _ready(target) == 200, "with room again the server was not ready")
        target.got["/readyz 200 with room"] += 1
    target.over.wait()


def _fill(ballast: Path) -> None:
    """As others do who write on the same disk: to the last byte."""
    with ballast.open("wb", buffering=0) as file:
        for size in (4_000_000, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"\0" * size)


@attack("9", "facts of a month whose files were cut in half", where="broken part")
def a_broken_part(target: Target) -> None:
    """The server starts, says what is missing, and answers the rest."""

    def told() -> bool:
        status, health = target.told("/readyz")
        return status == 200 and health.get("status") == "degraded"

    _until(target, told, "the broken part was not told at /readyz")
    while True:
        answer = target.answered(OLD)
        notes = (((answer.get("data") or {}).get("email") or {}).get("events") or {}).get("notes", [])
        if any("2020-01" in note for note in notes):
            target.got["told beside the figures"] += 1
        elif not answer.get("errors"):
            raise RuntimeError("figures of a broken part stand without a word")
        else:
            target.got["put off"] += 1
        if not target.wait(2):
            return


@attack(
    "9", "a server on a folder that is closed for writing is started beside this one",
    where="beside a read-only disk",
)  # fmt: skip
def a_folder_closed_for_writing(target: Target) -> None:
    """It ends with a sentence."""
    assert target.disk is not None
    product = replace(target.product, folder=target.disk)
    while target.going():
        done = subprocess.run(
            [BILAN, "serve", "--port", "0"], env=product.environment(), capture_output=True, text=True,
            check=False, timeout=TIMEOUT,
        )  # fmt: skip
        told = done.stderr + done.stdout
        if not done.returncode or "cannot be written to" not in told or "Traceback" in told:
            raise RuntimeError(f"it ended with {done.returncode}: {told[-200:]}")
        target.got["a sentence"] += 1
        target.wait(5)


@attack("10", "the clock is an hour ahead for 20 s, then right, then an hour behind for 20 s", where="clock")
def a_clock_that_is_wrong(target: Target) -> None:
    """What arrives meanwhile is counted as soon as the clock is right."""
    assert target.clock is not None
    for offset, seconds in ((3600, 20), (0, 10), (-3600, 20), (0, 0)):
        move(target.clock, offset)
        target.got[f"clock {offset:+d} s"] += 1
        target.wait(seconds)
    _until(target, lambda: _delivered(target) > 0, "what arrived under a wrong clock is not counted")
    target.got["counted"] += 1
    target.over.wait()


@attack("11", "PostgreSQL cannot be reached for 5 s, three times", where="postgres", puts_off=True)
def a_database_that_restarts(target: Target) -> None:
    """Every post is repeated by its sender, and none is lost."""
    assert target.cut is not None
    for _time in range(3):
        if not target.wait(4):
            break
        target.cut.set()
        for _post in range(5):
            target.ask("POST", target.loose, POST, {"Content-Type": "application/json"})
        target.wait(5)
        target.cut.clear()
        _until(target, lambda: _ready(target) == 200, "the server was not ready again")
        target.got["ready again"] += 1
    target.over.wait()


@attack("11", "another process holds the catalog's write lock, 3 of every 4 s")
def a_lock_that_is_held(target: Target) -> None:
    """Who reads does not wait for it, and who writes waits no longer than it is held."""
    path = target.product.folder / "catalog.sqlite"
    with closing(sqlite3.connect(path, timeout=TIMEOUT, isolation_level=None)) as catalog:
        while target.going():
            catalog.execute("BEGIN IMMEDIATE")
            target.got["held"] += 1
            target.wait(3)
            catalog.execute("ROLLBACK")
            target.wait(1)


def _ready(target: Target) -> int:
    return target.told("/readyz")[0]


def _delivered(target: Target) -> int:
    data = target.answered(COUNT).get("data") or {}
    events = (data.get("email") or {}).get("events") or {}
    return int((events.get("totals") or {}).get("delivered") or 0)


def _until(target: Target, so: Callable[[], bool], otherwise: str) -> None:
    """Wait until it is so. Raises ``RuntimeError`` with what is wrong where it is not soon."""
    for _look in range(int(SOON)):
        if so():
            return
        target.over.wait(1)
    raise RuntimeError(otherwise)
