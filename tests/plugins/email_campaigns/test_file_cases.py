"""Real files that were once read wrong in silence: each gives the right values, or the right sentence."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bilan_email_campaigns.readers.generic import GenericReader
from bilan_email_campaigns.vocabulary import TOTALS
from fixtures.email_campaigns import imported

READER = GenericReader()
FILES = Path(__file__).parent / "cases" / "files"


def totals(name: str, **settings: Any) -> dict[str, dict[str, Any]]:
    """The totals in a file by their campaign. No row of it is rejected."""
    facts, rejects = imported(READER, FILES / name, settings=settings)
    assert rejects == []
    return {fact.row["campaign"]: fact.row for fact in facts if fact.dataset == TOTALS}


@pytest.mark.requirement("DC-27")
def test_pm_times_are_in_the_afternoon_and_the_hour_after_midnight_in_the_night() -> None:
    facts, rejects = imported(READER, FILES / "pm_times.csv")
    assert rejects == []
    assert [fact.row["occurred_at"] for fact in facts] == [
        datetime(2018, 10, 26, 14, 56, tzinfo=UTC),
        datetime(2018, 10, 26, 0, 10, tzinfo=UTC),
        datetime(2018, 10, 26, 14, 56, tzinfo=UTC),
    ]


@pytest.mark.requirement("DC-27")
@pytest.mark.parametrize("dates", ["ask", "day_first", "month_first"])
def test_16_us_is_month_first_as_one_of_its_rows_proves(dates: str) -> None:
    found = totals("16-us.csv", dates=dates)
    assert {name: row["occurred_at"] for name, row in found.items()} == {
        "A": datetime(2026, 1, 5, tzinfo=UTC),
        "B": datetime(2026, 1, 31, tzinfo=UTC),
        "C": datetime(2026, 2, 1, tzinfo=UTC),
    }


@pytest.mark.requirement("DC-27")
def test_12_na_has_empty_dates_and_empty_counts() -> None:
    found = totals("12-na.csv")
    assert {name: row["undated"] for name, row in found.items()} == dict.fromkeys("ABCDEF", True)
    assert [found["A"][name] for name in ("recipients", "delivered", "unique_opens", "unique_clicks")] == [
        None, None, None, None,
    ]  # fmt: skip
    assert {found[name]["delivered"] for name in "BCDEF"} == {9}


@pytest.mark.requirement("DC-27")
def test_14_serial_has_day_numbers_and_dates_without_marks() -> None:
    found = totals("14-serial.csv")
    day, eight = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 5, 8, tzinfo=UTC)
    assert {name: row["occurred_at"] for name, row in found.items()} == {
        "A": day, "B": eight, "C": day, "D": eight, "E": eight,
    }  # fmt: skip
