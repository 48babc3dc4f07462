"""Sample data: tables of a connector, and two brands that are simulated."""

from __future__ import annotations

from pathlib import Path

DATA = Path(__file__).parent / "data"
