"""The kinds of source people can add."""

from __future__ import annotations

from bilan.sdk import SourceKind

SOURCES: tuple[SourceKind, ...] = ()
