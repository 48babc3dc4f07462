"""``docs/performance.md``: what was measured, written between the page's marks.

``python -m benchmarks.page RUN.json GROWTH.json`` takes the results over into
``benchmarks/measured`` and writes the page anew; without names it writes the
page from what stands there.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from benchmarks.growth import by_clients, by_events
from benchmarks.loaded import ROOT
from benchmarks.results import PACKAGES, findings
from benchmarks.table import markdown, summary

PAGE = ROOT / "docs" / "performance.md"
MEASURED = ROOT / "benchmarks" / "measured"
RUN, GROWTH = MEASURED / "run.json", MEASURED / "growth.json"


def written(page: str) -> str:
    """The page with what was measured between its marks."""
    for name, text in (("run", _run(_read(RUN))), ("growth", _growth(_read(GROWTH)))):
        mark = re.compile(f"(<!-- {name}: .*? -->\n).*?(<!-- end -->)", re.DOTALL)
        page, count = mark.subn(lambda found, text=text: f"{found[1]}\n{text}\n\n{found[2]}", page)
        assert count == 1, f"the page has {count} marks for {name}"
    return page


def _read(path: Path) -> dict[str, Any] | None:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _run(run: dict[str, Any] | None) -> str:
    if run is None:
        return "Not measured yet."
    found = findings(run)
    return f"{run['events']:,} events, {_machine(run)}\n\n{summary(found)}\n\n{markdown(found)}"


def _growth(run: dict[str, Any] | None) -> str:
    if run is None:
        return "Not measured yet."
    parts = [_machine(run)[0].upper() + _machine(run)[1:], by_events(run["events"])]
    if run["clients"]:
        parts += [f"From more and more clients, at {run['clients_at']:,} events:", by_clients(run["clients"])]
    return "\n\n".join(parts)


def _machine(run: dict[str, Any]) -> str:
    versions = ", ".join(f"{package} {run[package]}" for package in PACKAGES)
    return (
        f"measured on {run['at'][:10]} on {run['cores']} cores with {run['memory_gb']} GB of memory, "
        f"whose load was {run['load']:g} before; Python {run['python']}, {versions}."
    )


def main(names: list[str]) -> None:
    """Take results over, write the page."""
    MEASURED.mkdir(exist_ok=True)
    for name in names:
        shutil.copyfile(name, GROWTH if name.endswith("-growth.json") else RUN)
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
