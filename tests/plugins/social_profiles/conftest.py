"""One database for the plugin's tests: each of them has a source of its own there."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bilan.registry.declared import Registry
from bilan.sdk import Document
from bilan.testing.harness import PluginHarness, open_harness
from support.social_month import MONTH, facts

BuildOfTheMonth = Callable[..., Document]


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


@pytest.fixture(scope="session")
def three_profiles(_opened_social: PluginHarness) -> PluginHarness:
    """The month of ``support.social_month``, on 2 March. Tests must not load more."""
    profiles = replace(_opened_social, source=uuid4(), now=datetime(2026, 3, 2, 9, tzinfo=UTC))
    profiles.load(facts())
    return profiles


@pytest.fixture(scope="session")
def report_of_the_month(three_profiles: PluginHarness) -> BuildOfTheMonth:
    """Builds a report of the month, each once."""
    built = dict[str, Document]()

    def build(kind: str, **values: Any) -> Document:
        key = f"{kind} {values}"
        if key not in built:
            built[key] = three_profiles.build(f"social.{kind}", {**MONTH, **values})
        return built[key]

    return build
