"""The catalog: people, roles, sources, reports, runs. SQLite or PostgreSQL, by its address."""

from bilan.catalog.catalog import Catalog

__all__ = ["Catalog"]
