"""A file of days that a source counts by: what would be taken in, before it is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bilan.ingest.normalise import Normalisers
from bilan.ingest.previews import preview
from bilan.sdk.datasets import Fact
from bilan.sdk.sources import ImportFile
from bilan.testing.source_rules import NOW
from support.club_members import DAYS


class Reader:
    """Reads two days of a shop, whatever the file holds."""

    key, label = "days", DAYS.label

    def read(self, *_what: Any) -> list[Fact]:
        return [Fact(DAYS.key, {"shop": "Lille", "day": date(2026, 3, day), "members": 1}) for day in (9, 2)]


@pytest.mark.requirement("DC-23")
def test_its_ends_are_days_and_no_moments() -> None:
    reader: Any = Reader()
    found = preview(reader, ImportFile(Path("x"), "x"), {}, None, Normalisers({DAYS.key: DAYS}), NOW)
    assert (found.accepted, found.by_day) == (2, True)
    assert (found.first, found.last) == (datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC))
