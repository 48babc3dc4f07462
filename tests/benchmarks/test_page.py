"""The page about performance says what was measured, and no figure that was not."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from benchmarks.growth import by_clients, by_events
from benchmarks.measuring import Finding, Spread
from benchmarks.page import PAGE, written
from benchmarks.results import findings


def test_the_page_is_written_from_the_results_that_are_kept() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert page == written(page), "run python -m benchmarks.page"


def test_a_run_that_was_kept_is_read_as_it_was_found() -> None:
    found = [
        Finding("Q1", Spread(1.5, 1, 2), "30 ms", "20 ms", True, "r"),
        Finding("Q3 page", None, remark="there is no such page"),
    ]

    assert findings({"found": [asdict(one) for one in found]}) == found


def test_growth_is_shown_by_size() -> None:
    def size(milliseconds: int, ratio: float) -> dict[str, Any]:
        found = [
            Finding("Q1", Spread(ratio, ratio, ratio), f"{milliseconds} ms (1–2)", "20 ms"),
            Finding("Q3 page", None),
            Finding.one("disk", 21.44),
        ]
        return {"import": 20.0, "found": [asdict(one) for one in found]}

    assert by_events({"100000": size(10, 0.5), "1000000": size(40, 2)}).splitlines() == [
        "|  | 100,000 | 1,000,000 |",
        "| --- | --: | --: |",
        "| Q1 | 10 ms, 0.5× | 40 ms, 2× |",
        "| Q3 page | – | – |",
        "| disk | 21.4 MB | 21.4 MB |",
        "| import, rows/s | 5,000 | 50,000 |",
    ]


def test_growth_is_shown_by_clients() -> None:
    step = {
        "clients": 16, "rate": 24.31, "median": 0.612, "slow": 1.04, "refused": 3, "memory": 612.4,
        "reference_rate": 17.9, "reference_median": 0.88,
    }  # fmt: skip

    assert by_clients([step]).splitlines()[-1] == (
        "| 16 | 24.3 | 0.612 s | 1.04 s | 3 | 612 MB | 17.9 | 0.88 s |"
    )
