"""Attack a real server and say what others see: ``python -m benchmarks.attacks``, or ``make attack``."""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import signal
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from queue import Empty

from benchmarks.attacks.attacking import attacking, known
from benchmarks.attacks.others import Others, Seen
from benchmarks.attacks.prepared import Prepared, prepare
from benchmarks.attacks.table import Result, markdown
from benchmarks.attacks.target import Attack, Target
from benchmarks.loaded import ROOT
from benchmarks.results import machine, write

CALM = "nothing"
PATIENCE = 150.0
"""Seconds that an attack may take to end once it should."""


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attacks", description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], help="keys or parts of attacks; all without it")
    parser.add_argument(
        "--import", dest="megabytes", type=int, default=100, help="megabytes that are imported"
    )
    parser.add_argument("--webhook", type=int, default=10, help="megabytes that are posted")
    parser.add_argument("--cache", type=Path, default=ROOT / ".bench", help="where results are kept")
    return parser.parse_args()


def tried(attack: Attack, prepared: Prepared, folder: Path, megabytes: int) -> Result:
    """What came of an attack on a server that was started for it."""
    with prepared.product.serving(prepared.token) as served:
        others = Others(
            prepared.product, served, prepared.token, prepared.webhook(megabytes), prepared.file, "Files"
        )
        # In a process of its own, so that what attacks does not keep what measures waiting.
        new = multiprocessing.get_context("spawn")
        over, came = new.Event(), new.Queue()
        target = Target(prepared.product, served.port, folder, prepared.mailgun, prepared.careless, over)
        process = new.Process(target=attacking, args=(attack.key, target, came), daemon=True)
        process.start()
        got, failed = dict[str, int](), ["the attack did not end"]
        try:
            seen = others.work()
            over.set()
            with suppress(Empty):
                got, failed = came.get(timeout=PATIENCE)
        finally:
            process.kill()
    return Result(attack.key, attack.part, attack.tried, seen, got, failed)


def main() -> None:
    """Try the attacks one after the other, print each line as it is known, then the table."""
    given = arguments()
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(1))
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    attacks = [
        one
        for one in known().values()
        if not given.only or one.key == CALM or {one.key, one.part} & set(given.only)
    ]
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="bilan-attacks-") as name:
        folder = Path(name)
        prepared = prepare(folder, given.megabytes)
        calm: Seen | None = None
        for attack in attacks:
            results.append(tried(attack, prepared, folder, given.webhook))
            calm = calm or results[0].seen
            print(markdown(results[-1:], calm).splitlines()[-1], flush=True)
    assert calm is not None
    print(f"\n{markdown(results, calm)}")
    run = {**machine(), "attacks": [asdict(one) for one in results]}
    print(f"Kept in {write(given.cache.resolve(), 'attacks', run)}")
    if not all(one.held(calm) for one in results):
        sys.exit(1)


if __name__ == "__main__":
    main()
