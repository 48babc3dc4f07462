"""Attack a real server and say what others see: ``python -m benchmarks.attacks``, or ``make attack``."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import resource
import signal
import sys
import tempfile
import threading
import traceback
from dataclasses import asdict
from pathlib import Path

from benchmarks.attacks import scenarios
from benchmarks.attacks.others import Others, Seen
from benchmarks.attacks.prepared import Prepared, prepare
from benchmarks.attacks.table import Result, markdown
from benchmarks.attacks.target import ATTACKS, Attack, Target
from benchmarks.loaded import ROOT
from benchmarks.results import machine, write

CALM = "nothing"


def known() -> dict[str, Attack]:
    """Every attack, by its key; the calm first."""
    for module in pkgutil.iter_modules(scenarios.__path__):
        importlib.import_module(f"{scenarios.__name__}.{module.name}")
    return dict(sorted(ATTACKS.items(), key=lambda one: int(one[1].part)))


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
        target = Target(prepared.product, served, folder, prepared.mailgun, prepared.careless)
        failed: list[str] = []

        def run() -> None:
            try:
                attack.run(target)
            except Exception as error:
                traceback.print_exc()
                failed.append(f"the attack failed: {error}")

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        seen = others.work(target.over)
        thread.join()
    return Result(attack.key, attack.part, attack.tried, seen, dict(target.got), failed)


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
