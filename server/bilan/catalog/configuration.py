"""Which models make up the catalog, and how Tortoise reaches its database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tortoise.backends.base.config_generator import expand_db_url
from tortoise.exceptions import ConfigurationError

from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

APP = "bilan"
MIGRATIONS = "bilan.migrations"

MODELS: tuple[str, ...] = (
    "bilan.accounts.models",
    "bilan.contacts.models",
    "bilan.files.models",
    "bilan.pictures.models",
    "bilan.work.models",
    "bilan.sources.models",
    "bilan.recipients.models",
    "bilan.ingest.models",
    "bilan.manifest.models",
    "bilan.pulls.models",
    "bilan.reports.models",
    "bilan.runs.models",
    "bilan.delivery.models",
    "bilan.shares.models",
    "bilan.schedules.models",
)
"""The modules that hold models, one an area. Named, not imported: the areas lie above this one."""

SQLITE_PRAGMAS: dict[str, Any] = {
    "busy_timeout": 30_000,  # milliseconds; first, since the switch to WAL takes a lock too
    "journal_mode": "WAL",
    "synchronous": "FULL",  # what was committed survives a power cut, as the inbox promises
    "foreign_keys": "ON",
    "journal_size_limit": 64 * 1024 * 1024,
}
POSTGRES_CONNECTIONS = 10
"""The most connections one process holds."""


def configuration(url: str) -> dict[str, Any]:
    """Tortoise's configuration for the catalog at this address.

    Raises ``Invalid`` for an address that is neither SQLite's nor PostgreSQL's.
    """
    # Tortoise caches statements by the connection's name, so each dialect gets a name of its own.
    name = "sqlite" if sqlite_file(url) else "postgres"
    return {
        "connections": {name: _connection(url)},
        "apps": {APP: {"models": list(MODELS), "default_connection": name, "migrations": MIGRATIONS}},
        "use_tz": True,
        "timezone": "UTC",
    }


def sqlite_file(url: str) -> Path | None:
    """The database's file, or ``None`` where it is none."""
    return Path(url.removeprefix("sqlite://")) if url.startswith("sqlite://") else None


def _connection(url: str) -> dict[str, Any]:
    if path := sqlite_file(url):
        credentials = {"file_path": str(path), **SQLITE_PRAGMAS}
        return {"engine": "bilan.catalog.engines.sqlite", "credentials": credentials}
    scheme = url.partition("://")[0]
    if scheme not in ("postgres", "postgresql"):
        raise Invalid(
            _("The catalog's address begins with sqlite:// or postgres://, not {scheme}.", scheme=scheme),
            ("database_url",),
        )  # fmt: skip
    try:
        found = expand_db_url(url)
    except (ConfigurationError, ValueError) as error:
        raise Invalid(
            _("The catalog's address cannot be read: {error}.", error=str(error)), ("database_url",)
        ) from error
    found["engine"] = "bilan.catalog.engines.asyncpg"
    found["credentials"].setdefault("maxsize", POSTGRES_CONNECTIONS)
    return found
