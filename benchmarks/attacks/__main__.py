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
from benchmarks.attacks.places import Place, placed
from benchmarks.attacks.prepared import Prepared, prepare
from benchmarks.attacks.table import CALM, Result, markdown
from benchmarks.attacks.target import Attack, Target
from benchmarks.loaded import ROOT
from benchmarks.postgres import NotHere
from benchmarks.results import machine, write
from benchmarks.served import Served

PATIENCE = 150.0
"""Seconds that an attack may take to end once it should."""
IDLE = 30.0
"""Seconds for which the server with nothing to do is looked at."""
QUICK = {"megabytes": 5, "webhook": 1, "idle": 5.0}
"""Less of everything, to see whether an attack does what it says."""


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attacks", description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], help="keys or parts of attacks; all without it")
    parser.add_argument(
        "--import", dest="megabytes", type=int, default=100, help="megabytes that are imported"
    )
    parser.add_argument("--webhook", type=int, default=10, help="megabytes that are posted")
    parser.add_argument("--idle", type=float, default=IDLE, help="seconds of looks at the idle server")
    parser.add_argument("--quick", action="store_true", help="megabytes and seconds are a few")
    parser.add_argument("--cache", type=Path, default=ROOT / ".bench", help="where results are kept")
    given = parser.parse_args()
    if given.quick:
        vars(given).update(QUICK)
    return given


def at_rest(prepared: Prepared, seconds: float) -> Seen:
    """What is seen of a server that has nothing else to do."""
    with prepared.product.serving(prepared.token) as served:
        return _others(Place(prepared), served, 1).idle(seconds)


def tried(attack: Attack, prepared: Prepared, folder: Path, megabytes: int) -> Result:
    """What came of an attack on a server that was started for it, where the attack wants it."""
    try:
        with placed(attack.where, prepared, folder) as place:
            return _tried(attack, place, folder, megabytes)
    except (NotHere, RuntimeError) as error:  # the latter where the server ended before the attack began
        return Result(attack.key, attack.part, attack.tried, Seen(), {}, [f"not tried: {error}"])


def _others(place: Place, served: Served, megabytes: int, *, may_put_off: bool = False) -> Others:
    prepared = place.prepared
    post = prepared.webhook(megabytes)
    return Others(prepared.product, served, prepared.token, post, prepared.file, "Files", may_put_off)


def _tried(attack: Attack, place: Place, folder: Path, megabytes: int) -> Result:
    prepared = place.prepared
    with prepared.product.serving(prepared.token, **place.settings) as served:
        others = _others(place, served, megabytes, may_put_off=attack.puts_off)
        # In a process of its own, so that what attacks does not keep what measures waiting.
        new = multiprocessing.get_context("spawn")
        over, came = new.Event(), new.Queue()
        target = Target(
            prepared.product, served.port, folder, prepared.mailgun, prepared.loose, prepared.careless, over,
            place.disk, place.clock, place.cut,
        )  # fmt: skip
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
        idle = at_rest(prepared, given.idle)
        print(*markdown([], idle).splitlines(), sep="\n", flush=True)
        for attack in attacks:
            results.append(tried(attack, prepared, folder, given.webhook))
            print(markdown(results[-1:], idle).splitlines()[-1], flush=True)
    print(f"\n{markdown(results, idle)}")
    run = {**machine(), "idle": asdict(idle), "attacks": [asdict(one) for one in results]}
    print(f"Kept in {write(given.cache.resolve(), 'attacks', run)}")
    if not all(one.held(idle) for one in results):
        sys.exit(1)


if __name__ == "__main__":
    main()
