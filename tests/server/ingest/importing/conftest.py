"""A till of a shop whose files of orders are imported into a warehouse in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from bilan.accounts import Principal
from bilan.accounts.models import Workspace
from bilan.accounts.values import OperatorPrincipal
from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.files import Files
from bilan.ingest import Imports, ImportStep, Rejects
from bilan.manifest import Moments
from bilan.meters import Meters
from bilan.registry.declared import Registry
from bilan.sources import Source, Sources
from bilan.work import Jobs
from fixtures.ingest import NOW, MemoryFacts, no_derivations
from support.importing import Reading


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Where what is uploaded is kept."""
    return Files(f"file://{tmp_path / 'files'}")


@pytest.fixture
def sources(sqlite_catalog: Catalog, clock: FrozenClock, shop_registry: Registry) -> Sources:
    """The sources of a catalog with a shop."""
    return Sources(sqlite_catalog, clock, shop_registry, b"key")


@pytest.fixture
async def operator(sqlite_catalog: Catalog) -> Principal:
    """Whoever operates the server, in its workspace."""
    workspace = await Workspace.create(name="W", zone="UTC", first_weekday=0, language="en", created_at=NOW)
    return OperatorPrincipal(workspace=workspace.id)


@pytest.fixture
async def till(sources: Sources, operator: Principal) -> Source:
    """A till of the shop, which files are read into."""
    return await sources.add(operator, plugin="shop", kind="till", name="Till", settings={"secret": "s"})


@pytest.fixture
def imports(
    sqlite_catalog: Catalog,
    shop_registry: Registry,
    files: Files,
    sources: Sources,
    clock: FrozenClock,
) -> Imports:
    """What people do with files."""
    return Imports(sqlite_catalog, shop_registry, files, sources, clock, Jobs(sqlite_catalog, clock))


@pytest.fixture
def moments(sqlite_catalog: Catalog, facts: MemoryFacts, clock: FrozenClock) -> Moments:
    """The order of what is written."""
    return Moments(sqlite_catalog, clock, facts)


@pytest.fixture
def step(
    sqlite_catalog: Catalog,
    facts: MemoryFacts,
    moments: Moments,
    shop_registry: Registry,
    files: Files,
    sources: Sources,
    clock: FrozenClock,
) -> ImportStep:
    """The step that reads a file into the warehouse in memory."""
    derivations = no_derivations(sqlite_catalog, moments, clock)
    return ImportStep(
        sqlite_catalog, facts, shop_registry, files, sources, derivations, moments, clock, Meters(),
        lambda: None,
    )  # fmt: skip


@pytest.fixture
def read(
    sqlite_catalog: Catalog, clock: FrozenClock, imports: Imports, step: ImportStep, operator: Principal
) -> Reading:
    """Works once on the step that reads an upload."""
    return Reading(sqlite_catalog, clock, imports, step, operator)


@pytest.fixture
def rejects(sources: Sources) -> Rejects:
    """What was not taken."""
    return Rejects(sources)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten rows at a time are handed to the warehouse."""
    monkeypatch.setattr("bilan.ingest.importing.CHUNK_ROWS", 10)
    monkeypatch.setattr("bilan.ingest.importing.CHUNKS_AT_ONCE", 1)
