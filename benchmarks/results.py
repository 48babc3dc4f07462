"""What a run found, kept below the cache, with what it ran on."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from benchmarks.measuring import Finding, Spread

PACKAGES = ("bilan", "chdb", "duckdb", "starlette", "uvicorn", "pyarrow")


def machine() -> dict[str, Any]:
    """When and on what a run is: cores, memory, what else the machine does, versions, the command."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }


def write(cache: Path, name: str, run: dict[str, Any]) -> Path:
    """Write what a run found; returns the file."""
    path = cache / "results" / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")
    return path


def findings(run: dict[str, Any]) -> list[Finding]:
    """The findings of a run that was kept."""

    def read(found: dict[str, Any]) -> Finding:
        value = Spread(**found.pop("value")) if found["value"] else found.pop("value")
        return Finding(value=value, **found)

    return [read(dict(found)) for found in run["found"]]
