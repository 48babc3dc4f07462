"""The kinds of source people can add."""

from __future__ import annotations

from bilan.sdk import SourceKind
from bilan_social_profiles.networks.kinds import NETWORK_KINDS

SOURCES: tuple[SourceKind, ...] = NETWORK_KINDS
