"""The table of the benchmarks: every line has a work that measures it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.__main__ import chosen, findings, works_by_key
from benchmarks.bench import Bench
from benchmarks.loaded import Loaded
from benchmarks.measuring import Finding, Spread
from benchmarks.served import Product
from benchmarks.table import LINES, markdown, summary


def test_every_line_has_a_work_and_every_work_a_line() -> None:
    assert set(works_by_key()) == {line.key for line in LINES}


def test_a_name_chooses_its_line_and_those_that_begin_with_it() -> None:
    assert chosen(["Q2 zone", "I2"]) == ["Q2 zone", "I2", "I2 worked off", "I2 visible"]


def test_without_names_every_line_is_chosen() -> None:
    assert chosen([]) == [line.key for line in LINES]


def test_a_line_says_the_figure_its_target_and_whether_it_is_met() -> None:
    found = Finding("Q1", Spread(0.712, 0.7, 0.75), "39 ms", "55 ms", True)

    assert markdown([found]).splitlines()[-1] == (
        "| Q1 | 90 days by day, campaigns of either of two tags, 8 counts, 2 distinct | DuckDB | ≤ 0.8× "
        "| 0.712× (0.7–0.75) | yes | 39 ms | 55 ms |  |"
    )


def test_figures_that_differ_are_said_first() -> None:
    found = Finding("S1 memory", Spread(950, 950, 950), equal=False, remark="at 10 million events")

    assert markdown([found]).splitlines()[-1] == (
        "| S1 memory | the server's memory meanwhile, at most |  | ≤ 900 MB | 950 MB | no |  |  "
        "| figures differ! at 10 million events |"
    )


def test_the_summary_names_what_is_not_met() -> None:
    found = [Finding.one("Q1", 0.5), Finding.one("Q2", 0.5), Finding("S1 64", None)]

    assert summary(found) == "1 of 3 targets met; not met: Q2, S1 64."


def test_a_work_that_fails_leaves_its_lines_unmet_and_the_others_alone(tmp_path: Path) -> None:
    def work(_bench: Bench) -> Iterator[Finding]:
        yield Finding.one("I2", 0.2)
        raise ConnectionError("the server went away")

    loaded = Loaded(Product(tmp_path), "token", 1, tmp_path, 1.0)
    found = list(findings(work, ["I2", "I2 visible"], Bench(loaded, tmp_path, 1, 1.0, 1)))

    assert found == [
        Finding.one("I2", 0.2),
        Finding("I2 visible", None, remark="failed: ConnectionError the server went away"),
    ]
