"""Pages of schedules on a Tuesday, for an admin and a saved report."""

from __future__ import annotations

import shutil
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from bilan.accounts import SourceRole, WorkspaceRole
from bilan.app import Bilan
from bilan.clock import FrozenClock
from bilan.reports.values import Draft, SavedReport
from bilan.settings import Settings
from fixtures.mailing import Mailing
from fixtures.pages import Reader
from support.posting import MARCH
from support.schedule_forms import OLA, PASSWORD, TUESDAY


@pytest.fixture
def clock() -> FrozenClock:
    """Stands at noon on a Tuesday until a test moves it."""
    return FrozenClock(TUESDAY)


@pytest.fixture
async def bilan(
    warehouse_settings: Settings, _migrated_sqlite: Path, tmp_path: Path, thrifty: None, clock: FrozenClock
) -> AsyncGenerator[Bilan]:
    """A server that goes by that clock."""
    shutil.copy(_migrated_sqlite, tmp_path / "catalog.sqlite")
    async with Bilan.open(warehouse_settings, clock=clock, local=True) as opened:
        yield opened


@pytest.fixture
async def ola(mailing: Mailing, signs_in: Any) -> Reader:
    """An admin of the workspace who edits both sources."""
    editor = SourceRole.EDITOR
    await mailing.person("Ola", shop=editor, lab=editor, role=WorkspaceRole.ADMIN)
    return await signs_in(OLA, PASSWORD)


@pytest.fixture
async def report(mailing: Mailing) -> SavedReport:
    """A saved report of both sources."""
    return await mailing.bilan.services.reports.create(mailing.owner, Draft("March", "email.campaign", MARCH))
