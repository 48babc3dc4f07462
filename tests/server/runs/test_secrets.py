"""Options that are secret are nowhere to be read."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.rendering.pdf.renderer import PDF
from bilan.runs.models import ArtifactRow, ReportRunRow
from bilan.runs.secrets import Secrets
from bilan.runs.values import RenderSpec
from bilan.sdk.errors import Conflict, Invalid
from bilan.warehouse import Warehouse
from bilan.work.models import JobRow, StepRow
from support.office import LEFT, RIGHT, Office

WEEK = {"period": "last_7_days"}
PASSWORD = "the longest word"
LOCKED = RenderSpec("pdf", options={"password": PASSWORD})


@pytest.fixture
async def office(sqlite_catalog: Catalog, warehouse: Warehouse, tmp_path: Path) -> Office:
    office = Office(sqlite_catalog, warehouse, tmp_path)
    await office.open()
    return office


@pytest.fixture
async def ada(office: Office) -> Principal:
    return await office.person("Ada", {LEFT: "editor", RIGHT: "editor"}, ["export_contact_data"])


async def test_the_password_of_a_file_is_stored_nowhere_in_clear(office: Office, ada: Principal) -> None:
    run = await office.runs.start(ada, "shop.sales", WEEK, [LOCKED])
    await office.finish(run)
    again = await office.runs.restart(ada, run.id)
    await office.finish(again)
    artifact = await office.runs.artifact(ada, run.id, LOCKED)
    assert artifact == await office.runs.artifact(ada, run.id, LOCKED)
    assert await ArtifactRow.filter(run_id=run.id).count() == 1

    for model in (ReportRunRow, StepRow, ArtifactRow):
        stored = json.dumps(await model.all().values(), default=str)
        assert PASSWORD not in stored
        assert "sealed" in stored
    assert PASSWORD not in json.dumps(await JobRow.all().values(), default=str)
    assert PASSWORD not in repr(artifact)
    for row in await ArtifactRow.filter(run_id__in=[run.id, again.id]):
        reader = PdfReader(BytesIO(await office.files.read(row.sha256)))
        assert reader.is_encrypted
        assert reader.decrypt(PASSWORD)


async def test_a_sealed_option_is_opened_by_the_same_key_alone() -> None:
    closed = Secrets(b"key").close(PDF, {"password": PASSWORD, "paper": "a4"})
    assert closed["paper"] == "a4"
    assert Secrets(b"key").open(PDF, closed) == {"password": PASSWORD, "paper": "a4"}
    with pytest.raises(Conflict, match="under another secret key"):
        Secrets(b"other").open(PDF, closed)
    assert Secrets(b"key").close(PDF, closed) == closed


async def test_what_is_no_text_is_no_password(office: Office, ada: Principal) -> None:
    with pytest.raises(Invalid):
        await office.runs.start(ada, "shop.sales", WEEK, [RenderSpec("pdf", options={"password": ["x"]})])
