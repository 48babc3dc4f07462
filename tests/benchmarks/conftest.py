"""A few events, made once for a process."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import data, reference

EVENTS = 8_000


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files and the reference of 8,000 events."""
    folder = tmp_path_factory.mktemp("events")
    data.write(folder, EVENTS)
    reference.make(folder)
    return folder
