"""An agency that sends: Ada edits the left till, and her schedule goes to three people."""

from __future__ import annotations

from pathlib import Path

import pytest

from bilan.accounts.models import Membership
from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.schedules.values import Schedule
from bilan.warehouse import Warehouse
from support.office import LEFT
from support.schedules import HTML, NINE, Agency, addresses


@pytest.fixture
async def agency(sqlite_catalog: Catalog, warehouse: Warehouse, tmp_path: Path) -> Agency:
    agency = Agency(sqlite_catalog, warehouse, tmp_path)
    await agency.open()
    return agency


@pytest.fixture
async def ada(agency: Agency) -> Principal:
    """Edits the left till, and may send to others."""
    ada = await agency.person("Ada", {LEFT: "editor"})
    await Membership.filter(person_id=ada.person).update(role="admin")
    return await agency.actor(ada.person)


@pytest.fixture
async def schedule(agency: Agency, ada: Principal) -> Schedule:
    """Goes to Ada, Bob and Eve, every day at two in Paris."""
    for name in ("Bob", "Eve"):
        await agency.person(name, {})
    return await agency.schedule(ada, NINE, to=addresses("ada", "bob", "eve"), delivery=HTML)
