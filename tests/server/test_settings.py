"""Settings come from the environment, with defaults that need nothing."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
from pydantic import ValidationError

from bilan.settings import Settings


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"BILAN_{name.upper()}", raising=False)


@pytest.mark.requirement("GO-17")
def test_without_any_setting_everything_is_embedded() -> None:
    settings = Settings()

    assert settings.data_dir == Path("data")
    outside = ("database_url", "warehouse_url", "broker_url", "files_url", "mail_url")
    assert {getattr(settings, name) for name in outside} == {""}


@pytest.mark.requirement("GO-17")
def test_a_variable_of_the_environment_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILAN_DATABASE_URL", "postgres://bilan@db/bilan")
    monkeypatch.setenv("BILAN_WORKER_THREADS", "8")
    monkeypatch.setenv("BILAN_SECURE_COOKIES", "true")

    settings = Settings()

    assert settings.database_url == "postgres://bilan@db/bilan"
    assert settings.worker_threads == 8
    assert settings.secure_cookies is True


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "65536"),
        ("PORT", "http"),
        ("WORKER_THREADS", "0"),
        ("LOG_FORMAT", "xml"),
        ("SESSION_DAYS", "366"),
    ],
)
def test_a_value_out_of_range_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"BILAN_{name}", value)

    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_every_setting_has_a_help_text() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


@pytest.mark.parametrize(
    ("base_url", "shown"),
    [("", "http://127.0.0.1:9000"), ("https://reports.example.org/", "https://reports.example.org")],
)
def test_the_public_address_falls_back_to_where_the_server_listens(base_url: str, shown: str) -> None:
    assert Settings(base_url=base_url, port=9000).public_url == shown


def test_a_given_key_is_used_and_nothing_is_written(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {"data_dir": tmp_path, "secret_key": "a secret of thirty-two bytes or more"}
    )

    assert settings.key() == b"a secret of thirty-two bytes or more"
    assert list(tmp_path.iterdir()) == []
    assert "a secret of thirty-two bytes or more" not in repr(settings)


def test_without_a_key_one_is_made_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new")

    key = settings.key()

    assert len(key) == 64
    assert Settings(data_dir=tmp_path / "new").key() == key
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret.key"]
    assert (tmp_path / "new" / "secret.key").stat().st_mode & 0o777 == 0o600


def test_processes_that_start_at_once_agree_on_the_key(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        # A method of the package: a function of this module could not be found by the new processes.
        keys = pool.map(Settings.key, [Settings(data_dir=tmp_path)] * 16)

    assert set(keys) == {(tmp_path / "secret.key").read_bytes()}
