"""The long form of property and chaos tests, which ``make test-long`` runs: BILAN_TEST_LONG=1."""

from __future__ import annotations

import os

LONG = os.environ.get("BILAN_TEST_LONG") == "1"


def times(short: int, factor: int = 2) -> int:
    """So many examples, kills or rows: the short form's, or that many times more."""
    return short * factor if LONG else short
