"""What an import would take in is shown before anything is stored."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bilan.ingest.previews import Preview, preview
from bilan.sdk import ImportFile

from .test_events_in_columns import NORMALISERS, NOW, READER

TOTALS = """\
Campaign,Send Date,Recipients,Delivered
Spring,2026-03-04 09:00,100,98
Winter,,50,49
Autumn,2026-03-07 09:00,-1,7
Summer,2026-03-06 18:30,20,20
"""


def previewed(folder: Path, content: str) -> Preview:
    path = folder / "totals.csv"
    path.write_text(content, encoding="utf-8")
    return preview(READER, ImportFile(path, path.name), {}, None, NORMALISERS, NOW)


@pytest.mark.requirement("DC-26", "DC-27")
def test_a_preview_says_what_each_row_is_read_as_and_what_they_come_to(tmp_path: Path) -> None:
    shown = previewed(tmp_path, TOTALS)

    assert (shown.accepted, shown.rejected, shown.complete) == (3, 1, True)
    assert {name: shown.totals[name] for name in ("recipients", "delivered")} == {
        "recipients": 170,
        "delivered": 167,
    }
    assert [row.number for row in shown.rows] == [2, 3, 5]
    (refused,) = shown.refused
    assert (refused.number, str(refused.reason)) == (4, "“-1” is below nought, which no count is.")


@pytest.mark.requirement("DC-27")
def test_a_row_without_a_date_shows_none_and_is_no_end_of_the_time(tmp_path: Path) -> None:
    shown = previewed(tmp_path, TOTALS)

    assert [row.values.get("occurred_at") for row in shown.rows] == [
        datetime(2026, 3, 4, 9, tzinfo=UTC),
        None,
        datetime(2026, 3, 6, 18, 30, tzinfo=UTC),
    ]
    assert (shown.first, shown.last) == (
        datetime(2026, 3, 4, 9, tzinfo=UTC),
        datetime(2026, 3, 6, 18, 30, tzinfo=UTC),
    )


@pytest.mark.requirement("DC-27")
def test_rows_that_are_all_without_a_date_have_no_ends(tmp_path: Path) -> None:
    shown = previewed(tmp_path, "Campaign,Recipients,Delivered\nSpring,100,98\n")

    assert (shown.accepted, shown.first, shown.last) == (1, None, None)
