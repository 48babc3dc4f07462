"""What a run found, kept below the cache, with what it ran on."""

from __future__ import annotations

import json
import os
import platform
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from benchmarks.measuring import Finding

PACKAGES = ("bilan", "chdb", "duckdb", "starlette", "uvicorn", "pyarrow")


def machine() -> dict[str, Any]:
    """Cores, memory and versions."""
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }


def keep(cache: Path, events: int, seed: int, load: float, found: list[Finding]) -> Path:
    """Write the findings of a run; returns the file."""
    now = datetime.now(UTC)
    path = cache / "results" / f"{now:%Y%m%dT%H%M%S}-{events}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    run = {
        "at": now.isoformat(timespec="seconds"),
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
        "events": events,
        "seed": seed,
        "load": load,
        **machine(),
        "found": [asdict(finding) for finding in found],
    }
    path.write_text(json.dumps(run, indent=1))
    return path
