"""Backup and restore, by the commands of the page about operations."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from bilan.catalog import Catalog
from fixtures.serving import Served
from support.absent import missing
from support.frozen import FrozenData, read_tables

PAGE = Path(__file__).parents[3] / "docs" / "operations.md"
BACKUP, MOVE, UNPACK, DUMP, RESTORE = re.findall(
    r"^\$ ((?:tar|mv|pg_dump|pg_restore) .*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
)


def run(command: str, folder: Path, **variables: str) -> None:
    done = subprocess.run(
        ["bash", "-ec", command],
        cwd=folder, env={**os.environ, **variables}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_restored_folder_has_its_reports_their_rows_and_its_secret(frozen: Path, served: Served) -> None:
    data = FrozenData(frozen, served)
    shutil.copytree(frozen / "folder", served.folder, symlinks=True, dirs_exist_ok=True)
    served.start()
    served.stop()
    secret = (served.folder / "secret.key").read_bytes()
    run(BACKUP, served.folder.parent)
    (served.folder / "catalog.sqlite").write_bytes(b"a broken disk")
    shutil.rmtree(served.folder / "files")
    run(f"{MOVE}; {UNPACK}", served.folder.parent)
    served.start()
    assert data.render_last() == (frozen / "last.csv").read_bytes()
    run_id, figures = next(iter(data.recorded["rows"].items()))
    assert data.drill_down(run_id, "0-0:t5") == figures["0-0:t5"]
    assert httpx2.get(f"{served.url}/readyz").json()["status"] == "ready"
    assert (served.folder / "secret.key").read_bytes() == secret
    assert stat.S_IMODE((served.folder / "secret.key").stat().st_mode) == 0o600


@pytest.fixture
def other_postgres_url(postgres_url: str) -> str:
    """An empty database beside the other one."""
    if shutil.which("pg_dump") is None:
        missing("pg_dump", "install PostgreSQL's client programs")
    run(f'createdb --maintenance-db="{postgres_url}" --template=template0 {_name(postgres_url)}_copy', Path())
    return f"{postgres_url}_copy"


def _name(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


@pytest.mark.parametrize("frozen_catalog_url", ["postgres"], indirect=True)
async def test_a_dump_of_the_catalog_goes_into_an_empty_database_with_every_row(
    frozen_catalog_url: str, other_postgres_url: str, tmp_path: Path
) -> None:
    catalog = Catalog(frozen_catalog_url)
    await catalog.open()
    await catalog.close()
    run(DUMP, tmp_path, BILAN_DATABASE_URL=frozen_catalog_url)
    run(RESTORE, tmp_path, BILAN_DATABASE_URL=other_postgres_url)
    restored = Catalog(other_postgres_url)
    await restored.open()
    await restored.check()
    await restored.close()
    assert await read_tables(other_postgres_url) == await read_tables(frozen_catalog_url)
    run(f'dropdb --maintenance-db="{frozen_catalog_url}" {_name(other_postgres_url)}', tmp_path)
