"""One database for the plugin's tests: each of them has a source of its own there."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from bilan.registry.declared import Registry
from bilan.testing.harness import PluginHarness, open_harness


@pytest.fixture(scope="session")
def _opened_social(
    bilan_registry: Registry, bilan_warehouse_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Generator[PluginHarness]:
    with open_harness(bilan_registry, bilan_warehouse_folder, tmp_path_factory.mktemp("social")) as opened:
        yield opened


@pytest.fixture
def bilan_harness(_opened_social: PluginHarness) -> PluginHarness:
    """A small Bilan without a fact of its source: to make its tables takes longer than most tests do."""
    return replace(_opened_social, source=uuid4())
