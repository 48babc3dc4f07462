"""Send what schedules say while processes are killed: ``python -m benchmarks.chaos``, or ``make chaos``."""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks.chaos.audit import lines
from benchmarks.chaos.run import Plan, chaos
from benchmarks.chaos.table import markdown
from benchmarks.loaded import ROOT
from benchmarks.postgres import NotHere
from benchmarks.results import machine, write

CANNOT = 2
"""What it ends with where a service is missing."""


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__)
    parser.add_argument("--deliveries", type=int, default=300, help="how many messages are to be sent")
    parser.add_argument("--seed", type=int, help="what decides what is random; another one each time")
    parser.add_argument("--schedulers", type=int, default=3, help="how many processes only look what is due")
    parser.add_argument("--workers", type=int, default=4, help="how many processes work as well")
    parser.add_argument("--cache", type=Path, default=ROOT / ".bench", help="where results are kept")
    return parser.parse_args()


def main() -> None:
    """Run, print the table, and end with an error where something is wrong."""
    given = arguments()
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    plan = Plan(given.deliveries, seed, given.schedulers, given.workers)
    before = machine()
    print(
        f"{plan.deliveries:,} deliveries, seed {seed}, {before['cores']} cores, load {before['load']}",
        flush=True,
    )
    folder = Path(tempfile.mkdtemp(prefix="bilan-chaos-"))
    try:
        outcome = chaos(plan, folder, told=True)
    except NotHere as error:
        shutil.rmtree(folder)
        print(error, file=sys.stderr)
        sys.exit(CANNOT)
    print(f"\n{markdown(outcome)}\n")
    audit = outcome.audit
    run = {
        **before, "plan": asdict(plan), "seconds": outcome.seconds, "faults": outcome.faults,
        "deliveries": audit.deliveries, "occurrences": audit.occurrences, "wrong": audit.wrong,
    }  # fmt: skip
    print(f"Kept in {write(given.cache.resolve(), 'chaos', run)}")
    if audit.right:
        shutil.rmtree(folder)
        return
    print("\n".join(lines(audit)))
    print(f"Messages and logs are in {folder}; the same again as far as chance goes: --seed {seed}")
    sys.exit(1)


if __name__ == "__main__":
    main()
