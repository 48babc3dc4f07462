"""The arithmetic of the benchmarks. Nothing here is timed."""

from __future__ import annotations

import pytest
from benchmarks.measuring import (
    Finding,
    Spread,
    Target,
    compared,
    in_turn,
    met,
    percentile,
    ratio,
    seconds,
)


def test_a_spread_is_the_median_between_the_quartiles() -> None:
    assert Spread.of([5, 1, 3, 2, 4]) == Spread(3, 2, 4)


def test_one_value_spreads_nowhere() -> None:
    assert Spread.of([7.5]) == Spread(7.5, 7.5, 7.5)


def test_a_ratio_is_taken_round_by_round() -> None:
    """The product takes twice the time in each round, also where the whole machine was slower in one."""
    assert ratio([2, 20, 6], [1, 10, 3]) == Spread(2, 2, 2)


@pytest.mark.parametrize(
    ("target", "value", "verdict"),
    [
        (Target(0.8), 0.8, True),
        (Target(0.8), 0.8004, True),  # printed as 0.8
        (Target(0.8), 0.801, False),
        (Target(1.4, at_least=True), 1.4, True),
        (Target(1.4, at_least=True), 1.394, False),
    ],
)
def test_a_target_is_met_up_to_its_bound_as_it_is_printed(
    target: Target, value: float, verdict: bool
) -> None:
    assert met(target, Finding.one("Q1", value)) is verdict


def test_a_target_is_compared_with_the_median() -> None:
    assert met(Target(1), Finding("Q1", Spread(0.9, 0.5, 3))) is True


def test_wrong_figures_meet_no_target() -> None:
    assert met(Target(1), Finding("Q1", Spread(0.1, 0.1, 0.1), equal=False)) is False


def test_what_cannot_be_measured_meets_no_target() -> None:
    assert met(Target(1), Finding("Q3 page", None, remark="there is no such page")) is False


def test_a_line_without_a_target_has_no_verdict() -> None:
    assert met(None, Finding.one("Q1", 3)) is None


def test_ways_take_turns_and_every_other_round_goes_backwards() -> None:
    calls: list[tuple[str, int]] = []

    taken = in_turn(
        {
            "product": lambda number: calls.append(("product", number)),
            "reference": lambda number: calls.append(("reference", number)),
        },
        rounds=2,
        warm=1,
    )

    assert calls == [
        ("product", -1), ("reference", -1),
        ("reference", 0), ("product", 0),
        ("product", 1), ("reference", 1),
    ]  # fmt: skip
    assert {name: len(values) for name, values in taken.items()} == {"product": 2, "reference": 2}


def test_a_comparison_says_the_ratio_and_both_times() -> None:
    found = compared("Q1", {"product": [0.03, 0.03], "reference": [0.02, 0.02]}, equal=True)

    assert found == Finding("Q1", Spread(1.5, 1.5, 1.5), "30 ms (30–30)", "20 ms (20–20)", True)


@pytest.mark.parametrize(
    ("spread", "said"),
    [
        (Spread(0.0815, 0.07, 0.0923), "81.5 ms (70–92.3)"),
        (Spread(4.891, 4.2, 5.08), "4.89 s (4.2–5.08)"),
    ],
)
def test_durations_are_said_in_three_digits(spread: Spread, said: str) -> None:
    assert seconds(spread) == said


@pytest.mark.parametrize(("share", "value"), [(0, 1), (50, 2), (51, 3), (95, 4), (100, 4)])
def test_a_percentile_is_one_of_the_values(share: float, value: float) -> None:
    assert percentile([4, 1, 3, 2], share) == value
