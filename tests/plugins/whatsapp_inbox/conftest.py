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
from bilan.sdk import Document, Fact
from bilan.testing.harness import PluginHarness, open_harness
from bilan_whatsapp_inbox.vocabulary import LOG
from support.whatsapp_week import WEEK, rows

BuildOfTheWeek = Callable[..., Document]


@pytest.fixture(scope="session")
def _opened(
    bilan_registry: Registry, bilan_warehouse_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Generator[PluginHarness]:
    with open_harness(bilan_registry, bilan_warehouse_folder, tmp_path_factory.mktemp("inbox")) as opened:
        yield opened


@pytest.fixture
def bilan_harness(_opened: PluginHarness) -> PluginHarness:
    """A small Bilan without a fact of its source: to make its tables takes longer than most tests do."""
    return replace(_opened, source=uuid4())


@pytest.fixture(scope="session")
def inbox_of_a_week(_opened: PluginHarness) -> PluginHarness:
    """The week of ``support.whatsapp_week`` on the Monday after it. Tests must not load more."""
    inbox = replace(_opened, source=uuid4(), now=datetime(2026, 3, 9, 9, tzinfo=UTC))
    inbox.load([Fact(LOG, one) for one in rows()])
    return inbox


@pytest.fixture(scope="session")
def report_of_the_week(inbox_of_a_week: PluginHarness) -> BuildOfTheWeek:
    """Builds a report of the week, each once."""
    built = dict[str, Document]()

    def build(kind: str, **values: Any) -> Document:
        key = f"{kind} {values}"
        if key not in built:
            built[key] = inbox_of_a_week.build(f"whatsapp.{kind}", {**WEEK, **values})
        return built[key]

    return build
