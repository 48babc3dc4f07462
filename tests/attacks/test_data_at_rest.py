"""What the server keeps is its user's alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bilan.app import Bilan
from bilan.app.private import keep_private
from bilan.sdk.errors import Invalid
from bilan.settings import Settings


@pytest.fixture
def umask() -> object:
    """The mask that a service usually starts with; put back after the test."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    return [str(path) for path in (folder, *folder.rglob("*")) if path.lstat().st_mode & 0o077
            and not path.is_symlink()]  # fmt: skip


async def test_no_file_and_no_folder_of_a_new_server_is_open_to_others(
    warehouse_settings: Settings, thrifty: None, tmp_path: Path, umask: object
) -> None:
    settings = warehouse_settings.model_copy(update={"data_dir": tmp_path / "deep" / "data"})
    async with Bilan.open(settings, local=True) as bilan:
        await bilan.services.files.put(b"rows")
        await bilan.services.accounts.bootstrap_workspace("Acme")
        there = {path.relative_to(settings.data_dir).parts[0] for path in settings.data_dir.rglob("*")}
        assert {"catalog.sqlite", "catalog.sqlite-wal", "files", "secret.key"} <= there
        assert open_to_others(settings.data_dir) == []


def test_a_folder_that_an_earlier_release_left_open_is_closed(tmp_path: Path, umask: object) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    keep_private(folder)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_of_somebody_else_is_left_as_it_is_and_the_log_says_so(
    tmp_path: Path, umask: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    with capture_logs() as logs:
        keep_private(folder)
    assert folder.stat().st_mode & 0o777 == 0o755
    assert [(one["log_level"], one["mode"]) for one in logs] == [("warning", "755")]


@pytest.mark.parametrize("given", ["short", "k" * 31])
def test_a_key_that_is_soon_guessed_is_refused(tmp_path: Path, given: str) -> None:
    settings = Settings.model_validate({"data_dir": tmp_path, "secret_key": given})
    with pytest.raises(Invalid) as caught:
        settings.key()
    assert str(caught.value) == (
        f"The secret key in BILAN_SECRET_KEY has {len(given)} bytes and needs at least 32; "
        "make one with: openssl rand -base64 48"
    )
    (tmp_path / "secret.key").write_text(given)
    with pytest.raises(Invalid):
        Settings(data_dir=tmp_path).key()
