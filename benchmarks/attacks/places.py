"""Where a server is put for an attack: on a small disk, under a clock that can be put, behind a relay."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from pathlib import Path
from uuid import uuid4

from benchmarks import moved_clock
from benchmarks.attacks.cut_proxy import CutProxy
from benchmarks.attacks.prepared import OLD_MONTH, Prepared, prepare
from benchmarks.postgres import NotHere, database

DISK = "2g"
"""The size of a small disk: room for the state of a run and its import, several times."""
LOOK = 0.05


@dataclass(frozen=True)
class Place:
    """A prepared server, and what an attack may do to what lies below it."""

    prepared: Prepared
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    """Variables of the server's process alone."""
    disk: Path | None = None
    """A folder on the disk of the data folder, which has little room; or on one where nobody may write."""
    clock: Path | None = None
    """A file that says how far the server's clock is ahead, as in ``3600``."""
    cut: Event | None = None
    """While it is set, the catalog's database cannot be reached."""


@contextmanager
def placed(where: str, prepared: Prepared, folder: Path) -> Generator[Place]:
    """The place that an attack asks for, until the end of the block. Raises ``NotHere``."""
    match where:
        case "small disk":
            with _mounted(folder / "disk", f"size={DISK}") as disk:
                yield Place(_moved(prepared, disk / "data"), disk=disk)
        case "beside a read-only disk":
            with _mounted(folder / "read-only", "ro,size=1m") as disk:
                yield Place(prepared, disk=disk)
        case "clock":
            yield _under_a_clock(prepared, folder / "clock")
        case "postgres":
            with database(f"bilan_attacks_{uuid4().hex}") as url, _relay(url) as (relayed, cut):
                settings = {"BILAN_DATABASE_URL": relayed}
                yield Place(prepare(folder / uuid4().hex, file=prepared.file, settings=settings), cut=cut)
        case "broken part":
            moved = _moved(prepared, folder / "broken")
            _break_a_part(moved.product.folder)
            yield Place(moved)
        case _:
            yield Place(prepared)


@contextmanager
def _mounted(at: Path, options: str) -> Generator[Path]:
    at.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(at)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        raise NotHere("a file system in memory cannot be mounted here; it takes root")
    try:
        yield at
    finally:
        subprocess.run(["umount", "--lazy", str(at)], check=False)


def _moved(prepared: Prepared, to: Path) -> Prepared:
    # Links of the warehouse within its own folder stay links.
    shutil.copytree(prepared.product.folder, to, symlinks=True, ignore=shutil.ignore_patterns("*.sock"))
    return replace(prepared, product=replace(prepared.product, folder=to))


def _under_a_clock(prepared: Prepared, file: Path) -> Place:
    # A library that puts the clock for the whole process makes each of its threads several times slower.
    moved_clock.move(file, 0)
    program = (sys.executable, "-P", moved_clock.__file__, str(file))
    return Place(replace(prepared, product=replace(prepared.product, program=program)), clock=file)


def _break_a_part(folder: Path) -> None:
    """Cut off the end of a file of facts of an old month, as a disk does that breaks."""
    parts = [one for one in folder.rglob(f"{OLD_MONTH}_*") if one.is_dir()]
    files = [file for part in parts for file in part.glob("*.bin")]
    if not files:
        raise NotHere("there is no part of facts to break")
    for file in files:
        os.truncate(file, file.stat().st_size // 2)


@contextmanager
def _relay(url: str) -> Generator[tuple[str, Event]]:
    new = multiprocessing.get_context("spawn")
    told, cut = new.Queue(), new.Event()
    process = new.Process(target=_relaying, args=(url, told, cut), daemon=True)
    process.start()
    try:
        yield told.get(timeout=30), cut
    finally:
        process.kill()
        process.join()


def _relaying(url: str, told: Queue[str], cut: Event) -> None:
    asyncio.run(_relay_until_killed(url, told, cut))


async def _relay_until_killed(url: str, told: Queue[str], cut: Event) -> None:
    proxy, is_cut = CutProxy(url), False
    await proxy.mend()
    told.put(proxy.url)
    while True:
        await asyncio.sleep(LOOK)
        if cut.is_set() != is_cut:
            is_cut = not is_cut
            await (proxy.cut() if is_cut else proxy.mend())
