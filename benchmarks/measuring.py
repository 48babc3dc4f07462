"""The arithmetic: ways measured in turn, medians, spreads, and whether a target is met."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Way = Callable[[int], object]
"""Does the work once; the round's number lets it ask something else in each round."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A median and the quartiles around it."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """That of at least one value."""
        if len(values) == 1:
            return cls(values[0], values[0], values[0])
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        return cls(median, low, high)


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure is to be at most, or at least."""

    bound: float
    at_least: bool = False

    def met(self, value: float) -> bool:
        """Whether the figure is within it, to three digits, as it is printed."""
        rounded = float(f"{value:.3g}")
        return rounded >= self.bound if self.at_least else rounded <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was measured for one line of the table.

    ``value`` is what the target speaks of: a ratio to the reference, or
    seconds or megabytes; none where the work cannot be done yet, which the
    remark explains. ``equal`` says whether the product's figures are those of
    the reference; none where there is nothing to compare.
    """

    key: str
    value: Spread | None
    product: str = ""
    reference: str = ""
    equal: bool | None = None
    remark: str = ""

    @classmethod
    def one(cls, key: str, value: float, product: str = "", reference: str = "", remark: str = "") -> Finding:
        """That of a single value."""
        return cls(key, Spread.of([value]), product, reference, None, remark)


def met(target: Target | None, finding: Finding) -> bool | None:
    """Whether the finding meets the target; none without one. Wrong figures meet nothing."""
    if target is None:
        return None
    return finding.value is not None and finding.equal is not False and target.met(finding.value.median)


def in_turn(ways: Mapping[str, Way], rounds: int, warm: int = 2) -> dict[str, list[float]]:
    """Seconds of each way in each round, after ``warm`` rounds that do not count.

    The ways take turns within a round, so that whatever else the machine does
    falls on all of them; every other round goes backwards.
    """
    taken: dict[str, list[float]] = {name: [] for name in ways}
    order = list(ways)
    for number in range(-warm, rounds):
        for name in order if number % 2 else reversed(order):
            began = time.perf_counter()
            ways[name](number)
            if number >= 0:
                taken[name].append(time.perf_counter() - began)
    return taken


def ratio(product: Sequence[float], reference: Sequence[float]) -> Spread:
    """How many times the reference the product is, round by round."""
    return Spread.of([one / other for one, other in zip(product, reference, strict=True)])


def compared(
    key: str, taken: Mapping[str, Sequence[float]], *, equal: bool | None = None, remark: str = ""
) -> Finding:
    """The finding of a way ``product`` beside a way ``reference``, in seconds."""
    product, reference = taken["product"], taken["reference"]
    said = [seconds(Spread.of(way)) for way in (product, reference)]
    return Finding(key, ratio(product, reference), said[0], said[1], equal, remark)


def seconds(spread: Spread) -> str:
    """A duration for people, with its quartiles."""
    if spread.median < 1:
        low, median, high = (f"{part * 1000:.3g}" for part in (spread.low, spread.median, spread.high))
        return f"{median} ms ({low}–{high})"
    return f"{spread.median:.3g} s ({spread.low:.3g}–{spread.high:.3g})"


def a_second(rates: Sequence[float]) -> str:
    """The median of rates for people."""
    return f"{Spread.of(rates).median:,.3g}/s"


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so many hundredths of at least one value do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share / 100) - 1)]
