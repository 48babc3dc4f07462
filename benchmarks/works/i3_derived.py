"""I3: ``bilan import`` of a desk's log with all that is derived from it, beside as many plain events."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.measuring import Finding, Spread
from benchmarks.served import Product
from benchmarks.works.i1_import import bulk, imported
from bilan_whatsapp_inbox.sample import DATA

KEYS = ("I3",)
COPIES = 15
"""How often the sample's three days come, each time with incidents of their own: about 100,000 rows."""
TURNS = 3


def measure(bench: Bench) -> Iterator[Finding]:
    """Each a few times, each time into an empty folder."""
    log, rows = desk_log(bench.folder)
    plain = bulk(bench, "CSV", rows)
    ways = {"desk": (log, "service_desk", "whatsapp_inbox"), "events": (plain, "file", "email_campaigns")}
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(TURNS):
        for name, (file, kind, plugin) in ways.items():
            folder = bench.folder / f"import-{name}-{turn}"
            rates[name].append(rows / imported(Product(folder), file, rows, kind, plugin))
            shutil.rmtree(folder)
    ratios = [one / other for one, other in zip(rates["desk"], rates["events"], strict=True)]
    said = [f"{Spread.of(way).median:,.0f} rows/s" for way in rates.values()]
    yield Finding("I3", Spread.of(ratios), said[0], said[1], remark=f"{rows:,} rows")


def desk_log(folder: Path) -> tuple[Path, int]:
    """The sample's log several times over, and how many rows it has."""
    (sample,) = (DATA / "service_desk_log").glob("*.csv.gz")
    header, *lines = gzip.decompress(sample.read_bytes()).decode().splitlines()
    file = folder / "desk.csv"
    with file.open("w") as out:
        out.write(f"{header}\n")
        for copy in range(COPIES):
            out.writelines(f"INC{copy}-{line.removeprefix('INC')}\n" for line in lines)
    return file, COPIES * len(lines)
