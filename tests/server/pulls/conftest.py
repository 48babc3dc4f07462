"""A club whose albums are pulled over real HTTP into a warehouse in memory."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from bilan.accounts import Principal
from bilan.accounts.models import Workspace
from bilan.accounts.values import OperatorPrincipal
from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.delivery.plugin import DELIVERY
from bilan.registry.declared import Registry
from bilan.registry.gather import load
from bilan.sources import Source
from fixtures.ingest import NOW, MemoryFacts
from support.club import PLUGIN, Club, served
from support.pulling import Pulling


@pytest.fixture(scope="session")
def club_registry() -> Registry:
    """The core, its channels and a club."""
    return load([("delivery", DELIVERY), ("club", PLUGIN)], installed=False)


@pytest.fixture
def club() -> Generator[Club]:
    """The club's service at a port of its own."""
    with served(Club()) as running:
        yield running


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails is tried again at once."""
    monkeypatch.setattr("bilan.outbound.client.FIRST_WAIT", 0.0)


@pytest.fixture
async def operator(sqlite_catalog: Catalog) -> Principal:
    """Whoever operates the server, in its workspace."""
    workspace = await Workspace.create(name="W", zone="UTC", first_weekday=0, language="en", created_at=NOW)
    return OperatorPrincipal(workspace=workspace.id)


@pytest.fixture
def pulling(
    sqlite_catalog: Catalog, clock: FrozenClock, club_registry: Registry, facts: MemoryFacts, club: Club
) -> Pulling:
    """The parts that pull."""
    return Pulling(sqlite_catalog, clock, club_registry, facts, club)


@pytest.fixture
async def source(pulling: Pulling, operator: Principal) -> Source:
    """A source that is pulled: the club's alpine albums."""
    return await pulling.add(operator, "Alpine", "alpine")
