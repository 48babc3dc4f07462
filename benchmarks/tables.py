"""A table of a hundred thousand rows as CSV and as a workbook, beside ``csv.writer`` alone.

Each way runs in a process of its own, so that its peak of memory is its own.
"""

from __future__ import annotations

import csv
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bilan.i18n import LocaleFormatter, Translator
from bilan.rendering.csv_format import CSV
from bilan.rendering.xlsx_format import XLSX
from bilan.sdk.document import Document, Part, Table, TableColumn
from bilan.sdk.rendering import RenderContext, Renderer
from bilan.sdk.units import Unit

ROWS = 100_000
UNITS = (
    Unit.DATE, Unit.TEXT, Unit.TEXT, Unit.TEXTS, Unit.COUNT, Unit.COUNT, Unit.PROPORTION, Unit.INSTANT,
)  # fmt: skip
COLUMNS = tuple(TableColumn(key=f"c{n}", label=f"Column {n}", unit=unit) for n, unit in enumerate(UNITS))
TABLE = Table(key="t", title="Table", columns=COLUMNS, part=Part("", ROWS, 0), file="t")
DOCUMENT = Document(kind="k", title="T", as_of="2026-08-01T06:00:00+00:00", zone="UTC", blocks=(TABLE,))


def rows(_table: Table) -> Iterator[list[Any]]:
    """The rows, made while they are read."""
    for n in range(ROWS):
        yield [
            "2026-07-01", f"key-{n}", f"Campaign {n}", ["spring", "sale"], n, n * 7, n / 7 % 1,
            "2026-07-01T08:00:00+00:00",
        ]  # fmt: skip


def _alone(path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows(rows(TABLE))


def _rendered(renderer: Renderer, **options: Any) -> Callable[[Path], None]:
    def render(path: Path) -> None:
        context = RenderContext(LocaleFormatter(Translator.of(), "en", "UTC"), "", options)
        with path.open("wb") as out:
            renderer.render(DOCUMENT, context, rows, out)

    return render


WAYS: dict[str, Callable[[Path], None]] = {
    "csv.writer": _alone,
    "CSV": _rendered(CSV, compression="none"),
    "CSV in a ZIP": _rendered(CSV),
    "XLSX": _rendered(XLSX),
}


def main(folder: Path, rounds: int = 3) -> None:
    """Measure each way in turn, and print the median of how much longer it takes than ``csv.writer``."""
    taken: dict[str, list[tuple[float, int]]] = {name: [] for name in WAYS}
    for _round in range(rounds):
        for name in WAYS:
            command = [sys.executable, "-m", "benchmarks.tables", name, str(folder / "file")]
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            taken[name].append((float(said[0]), int(said[1])))
    alone = [seconds for seconds, _peak in taken["csv.writer"]]
    print(f"{ROWS:,} rows of {len(COLUMNS)} columns")
    for name, measured in taken.items():
        ratio = statistics.median(one / other for (one, _peak), other in zip(measured, alone, strict=True))
        seconds = statistics.median(one for one, _peak in measured)
        peak = max(peak for _seconds, peak in measured) / 1024
        print(f"{name:14} {seconds:6.2f} s   {ratio:5.1f} × csv.writer   {peak:4.0f} MB at most")


def _one(name: str, path: Path) -> None:
    started = time.process_time()
    WAYS[name](path)
    seconds = time.process_time() - started
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    print(seconds, found[1] if found else 0)


if __name__ == "__main__":
    _one(sys.argv[1], Path(sys.argv[2]))
