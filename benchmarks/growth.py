"""How cost grows: the questions at 0.1, 1, 10 and 30 million events, and from 1 to 64 clients."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import traffic
from benchmarks.bench import Bench
from benchmarks.loaded import ROOT, load
from benchmarks.measuring import Finding, Spread, percentile
from benchmarks.results import machine, write
from benchmarks.works import q1_by_day, q2_by_month, q3_one_contact, q4_campaigns
from benchmarks.works.s1_clients import different, of_product, of_reference
from benchmarks.works.start import disk

EVENTS = (100_000, 1_000_000, 10_000_000, 30_000_000)
CLIENTS = (1, 2, 4, 8, 16, 32, 64)
QUESTIONS = (q1_by_day, q2_by_month, q4_campaigns, q3_one_contact)


def questions(bench: Bench) -> Iterator[Finding]:
    """The fixed questions, the import that went before, and the disk."""
    for work in QUESTIONS:
        yield from work.measure(bench)
    yield disk(bench)


def clients(bench: Bench) -> Iterator[dict[str, Any]]:
    """Different questions from more and more clients, at the product and at DuckDB in turn."""
    with bench.serving() as served, bench.bare() as port:
        for count in CLIENTS:
            ours = different(bench.random(f"clients {count}"))
            asked = traffic.run(served.port, of_product(served, ours), clients=count, seconds=bench.seconds)
            theirs = different(bench.random(f"clients {count}"))
            other = traffic.run(port, of_reference(theirs), clients=count, seconds=bench.seconds)
            yield {
                "clients": count,
                "rate": asked.rate,
                "median": asked.median(),
                "slow": percentile(asked.answered, 95) if asked.answered else None,
                "refused": len(asked.refused),
                "memory": served.memory(),
                "reference_rate": other.rate,
                "reference_median": other.median(),
            }


def by_events(sizes: dict[str, Any]) -> str:
    """The table of the questions: milliseconds and the ratio to the reference, a column a size."""
    keys = [found["key"] for found in next(iter(sizes.values()))["found"]]
    rows = [("", *(f"{int(size):,}" for size in sizes)), ("---", *("--:" for _size in sizes))]
    for number, key in enumerate(keys):
        rows.append((key, *(_cell(one["found"][number]) for one in sizes.values())))
    rows.append(("import, rows/s", *(f"{int(size) / one['import']:,.0f}" for size, one in sizes.items())))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def by_clients(steps: list[dict[str, Any]]) -> str:
    """The table of the clients."""
    rows = [
        ("clients", "answers/s", "p50", "p95", "refused", "memory", "DuckDB, answers/s", "DuckDB, p50"),
        ("--:",) * 8,
    ]
    for one in steps:
        slow = "–" if one["slow"] is None else f"{one['slow']:.3g} s"
        rows.append((
            str(one["clients"]), f"{one['rate']:.3g}", f"{one['median']:.3g} s", slow, str(one["refused"]),
            f"{one['memory']:.0f} MB", f"{one['reference_rate']:.3g}", f"{one['reference_median']:.3g} s",
        ))  # fmt: skip
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(found: dict[str, Any]) -> str:
    if found["value"] is None:
        return "–"
    took = found["product"].partition(" (")[0]
    figure = f"{Spread(**found['value']).median:.3g}"
    return f"{took}, {figure}×" if took else f"{figure} MB"


def main() -> None:
    """Measure each size, then the clients at the size named for them; print and keep the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--events", type=int, nargs="*", default=EVENTS, help="the sizes")
    parser.add_argument("--clients-at", type=int, default=10_000_000, help="the size that clients ask")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--cache", type=Path, default=ROOT / ".bench")
    given = parser.parse_args()
    cache: Path = given.cache.resolve()
    sizes: dict[str, Any] = {}
    steps: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="bilan-bench-") as folder:
        for events in given.events:
            bench = Bench(load(cache, events), Path(folder), given.rounds, given.seconds, seed=1)
            found = [asdict(finding) for finding in questions(bench)]
            sizes[str(events)] = {"import": bench.loaded.import_seconds, "found": found}
            print(by_events({str(events): sizes[str(events)]}), flush=True)
            if events == given.clients_at:
                steps = list(clients(bench))
                print(by_clients(steps), flush=True)
    run = {**machine(), "events": sizes, "clients_at": given.clients_at, "clients": steps}
    print(f"Kept in {write(cache, 'growth', run)}")


if __name__ == "__main__":
    main()
