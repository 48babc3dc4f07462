"""Recipients of a workspace, over a catalog alone."""

from __future__ import annotations

import pytest

from bilan.accounts.values import PersonPrincipal, WorkspaceRole
from bilan.catalog import Catalog
from support.correspondence import Correspondence


@pytest.fixture
async def letters(sqlite_catalog: Catalog) -> Correspondence:
    made = Correspondence(sqlite_catalog)
    await made.begin()
    return made


@pytest.fixture
async def olga(letters: Correspondence) -> PersonPrincipal:
    """Owns the workspace."""
    return await letters.person("Olga", WorkspaceRole.OWNER)
