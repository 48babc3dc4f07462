"""Measure Bilan's work beside its references: ``python -m benchmarks``, or ``make bench``."""

from __future__ import annotations

import argparse
import importlib
import logging
import pkgutil
import secrets
import signal
import sys
import tempfile
import traceback
from collections.abc import Collection, Iterator
from dataclasses import asdict
from pathlib import Path

import structlog

from benchmarks import sending, tables, works
from benchmarks.bench import Bench, Work
from benchmarks.loaded import ROOT, load
from benchmarks.measuring import Finding
from benchmarks.results import machine, write
from benchmarks.table import LINES, markdown, summary


def works_by_key() -> dict[str, Work]:
    """What measures each line."""
    names = [f"{works.__name__}.{module.name}" for module in pkgutil.iter_modules(works.__path__)]
    modules = [importlib.import_module(name) for name in names]
    return {key: module.measure for module in modules for key in module.KEYS}


def chosen(only: Collection[str]) -> list[str]:
    """The keys of the lines that are wanted: those named, those that begin with a name, all without names."""
    return [line.key for line in LINES if not only or {line.key, line.key.split()[0]} & set(only)]


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000_000, help="how many events there are")
    parser.add_argument("--rounds", type=int, default=11, help="how often each way of a question is measured")
    parser.add_argument("--seconds", type=float, default=10, help="how long clients ask for one figure")
    parser.add_argument("--only", nargs="*", default=[], help="keys of lines, such as Q1 S1; all without it")
    parser.add_argument("--seed", type=int, help="what decides the random questions; another one each time")
    parser.add_argument(
        "--cache", type=Path, default=ROOT / ".bench", help="where events and folders are kept"
    )
    return parser.parse_args()


def findings(work: Work, keys: Collection[str], bench: Bench) -> Iterator[Finding]:
    """What a work finds; where it fails, the lines of it that are still to come say so."""
    missing = set(keys)
    try:
        for finding in work(bench):
            missing.discard(finding.key)
            yield finding
    except Exception as error:
        traceback.print_exc()
        for key in sorted(missing):
            yield Finding(key, None, remark=f"failed: {type(error).__name__} {error}"[:200].replace("|", "/"))


def main() -> None:
    """Run the works, print each line as it is found, then the table."""
    given = arguments()
    # A run that is ended ends its servers, too.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(1))
    known = works_by_key()
    wanted = list(dict.fromkeys(known[key] for key in chosen(given.only)))
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    cache: Path = given.cache.resolve()
    loaded = load(cache, given.events)
    before = machine()
    print(f"{given.events:,} events, seed {seed}, {before['cores']} cores, load {before['load']}", flush=True)
    found: list[Finding] = []
    with tempfile.TemporaryDirectory(prefix="bilan-bench-") as folder:
        bench = Bench(loaded, Path(folder), given.rounds, given.seconds, seed)
        for work in wanted:
            for finding in findings(work, [key for key in known if known[key] is work], bench):
                found.append(finding)
                print(markdown([finding]).splitlines()[-1], flush=True)
        if not given.only:
            tables.main(Path(folder))
            sending.main(Path(folder), given.rounds)
    print(f"\n{markdown(found)}\n\n{summary(found)}")
    run = {**before, "events": given.events, "seed": seed, "found": [asdict(finding) for finding in found]}
    print(f"Kept in {write(cache, str(given.events), run)}")


if __name__ == "__main__":
    main()
