"""The tables of all four networks together, as far as they came along."""

from __future__ import annotations

from collections.abc import Iterator

from bilan.sdk import ColumnMapping, CompanionTables, ImportFile, Message, Reject, RowFacts, Settings
from bilan_social_profiles.readers.connector import facebook, instagram, linkedin, youtube
from bilan_social_profiles.readers.connector.versions import Profiles
from bilan_social_profiles.textdomain import _

NETWORKS = (facebook, instagram, linkedin, youtube)
TABLES = tuple(name for network in NETWORKS for name in network.TABLES)


class ConnectorReader:
    """Implements :class:`bilan.sdk.Reader`."""

    @property
    def key(self) -> str:
        return "social-connector"

    @property
    def label(self) -> Message:
        return _("Tables of a connector")

    def recognises(self, file: ImportFile) -> float:
        """By the names of the tables."""
        return 1.0 if CompanionTables.of(file, TABLES).paths else 0.0

    def propose(self, file: ImportFile, settings: Settings) -> ColumnMapping | None:
        """Nothing is left open."""
        del file, settings
        return None

    def read(
        self, file: ImportFile, settings: Settings, mapping: ColumnMapping | None
    ) -> Iterator[RowFacts | Reject]:
        """Days and posts of each network, with what its tables say of each other's rows."""
        del mapping
        tables = CompanionTables.of(file, TABLES)
        for network in NETWORKS:
            yield from network.read(tables, Profiles(str(settings.get("profile") or "")))
