"""Texts of the catalog lose an erased contact's address, on either database; its files hold it no more."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from bilan.catalog import Catalog
from bilan.catalog.configuration import sqlite_file
from bilan.contacts import read_address
from bilan.contacts.forms import Forms
from bilan.erasure.steps import OTHER_TABLES
from bilan.erasure.texts import TEXTS, replace_texts
from bilan.work.models import JobRow

pytestmark = pytest.mark.requirement("DC-17")

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
ANN = "zq.annalise@persona-probe.org"


async def job(workspace: object, kind: str, text: str) -> JobRow:
    return await JobRow.create(
        workspace=workspace, kind=kind, subject="x", title=f"About {text}", zone="UTC", actor_name="Olga",
        arguments={"contact": text, "url": f"https://x.example/?u={text.replace('@', '%40')}"},
        state="succeeded", created_at=NOW,
    )  # fmt: skip


async def test_names_and_parameters_of_the_workspace_lose_the_address(catalog: Catalog) -> None:
    ours, theirs = uuid4(), uuid4()
    with catalog.activate():
        mine = await job(ours, "report", ANN.upper())
        alike = await job(ours, "report", f"jo{ANN}")
        delivery = await job(ours, "delivery", ANN)
        other = await job(theirs, "report", ANN)

        assert await replace_texts(ours, Forms([read_address(ANN)]), "erased-1") == 2
        assert await replace_texts(ours, Forms([read_address(ANN)]), "erased-1") == 0

        changed = await JobRow.get(id=mine.id)
        assert changed.title == "About erased-1"
        assert changed.arguments == {"contact": "erased-1", "url": "https://x.example/?u=erased-1"}
        for one in (alike, delivery, other):
            assert (await JobRow.get(id=one.id)).arguments == one.arguments


async def test_the_databases_files_hold_no_row_that_was_deleted(catalog: Catalog) -> None:
    with catalog.activate():
        mine = await job(uuid4(), "report", ANN)
        await JobRow.filter(id=mine.id).delete()

        await catalog.compact(dict.fromkeys([*(one.table for one in TEXTS), *OTHER_TABLES]))

        assert await JobRow.all().count() == 0
        if path := sqlite_file(catalog._url):
            files = list(path.parent.glob(f"{path.name}*"))
            assert files
            assert not any(ANN.encode() in one.read_bytes() for one in files)
