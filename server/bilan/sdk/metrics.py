"""Numbers, as a plugin declares them: formulas are data, never SQL."""

from __future__ import annotations

from dataclasses import dataclass

from bilan.sdk.conditions import Condition
from bilan.sdk.messages import Message
from bilan.sdk.units import Unit


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows satisfy the condition (all rows without one)."""

    where: Condition | None = None


@dataclass(frozen=True, slots=True)
class Distinct:
    """How many different combinations of the columns there are, exactly."""

    columns: tuple[str, ...]
    where: Condition | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of a column; rows without a value add nothing.

    ``per`` names the column that holds the values' unit, such as their
    currency: what has different units is never added up, so the sum is empty
    unless all rows that have a value share one unit. See docs/decisions/070.

    ``empty`` tells unknown from nought: the sum is empty, and not 0, where no
    row has a value, such as the reach at a network that does not tell it.
    """

    column: str
    where: Condition | None = None
    per: str = ""
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Mean:
    """The arithmetic mean of a column over the rows that have a value; empty without any."""

    column: str
    where: Condition | None = None


@dataclass(frozen=True, slots=True)
class Quantile:
    """The exact quantile ``level`` (0 to 1) of a column over the rows that have a value.

    The value below which a share of ``level`` of the rows lies, without
    interpolation: of n sorted values the one at index ``floor(level * n)``,
    at most n - 1.
    """

    column: str
    level: float
    where: Condition | None = None


@dataclass(frozen=True, slots=True)
class Min:
    """The smallest value of a column (for instants: the earliest); empty without rows."""

    column: str
    where: Condition | None = None


@dataclass(frozen=True, slots=True)
class Max:
    """The largest value of a column (for instants: the latest); empty without rows."""

    column: str
    where: Condition | None = None


@dataclass(frozen=True, slots=True)
class Ratio:
    """One metric divided by another of the same dataset, both named by key.

    The sums are divided, never the ratios averaged; empty where the
    denominator is zero. ``proportion`` says that the numerator is a part of the
    denominator: then the ratio is empty, too, where more is known of the part
    than of the whole, since a whole that is not fully known divides nothing.
    """

    numerator: str
    denominator: str
    proportion: bool = False

    def divided(self, above: float | None, below: float | None) -> float | None:
        """One figure divided by the other, or nothing."""
        return (
            above / below
            if above is not None and below and not self.numerator_exceeds_denominator(above, below)
            else None
        )

    def numerator_exceeds_denominator(self, above: float | None, below: float | None) -> bool:
        """Whether more is known of a part than of its whole."""
        return self.proportion and above is not None and bool(below) and above > (below or 0)


Aggregate = Count | Distinct | Sum | Mean | Quantile | Min | Max
Formula = Aggregate | Ratio


@dataclass(frozen=True, slots=True)
class Metric:
    """A number over a dataset.

    ``description`` is one sentence that a reader of a report understands;
    ``formula_text`` states the formula in words and is printed with the
    number. ``version`` goes up whenever the meaning changes, so that reports
    can flag the change. ``higher_is_better`` colours a change: ``None`` is
    neutral.

    ``beside`` names the metric of the same dataset that counts the rows a mean
    or a quantile is made of. Reports show that count wherever they show this
    metric, since rows without the event, such as a rating, are left out of it.
    See docs/decisions/089.
    """

    key: str
    dataset: str
    label: Message
    description: Message
    formula: Formula
    formula_text: Message
    unit: Unit = Unit.COUNT
    version: int = 1
    higher_is_better: bool | None = None
    group: str = ""
    """A free key by which a form groups metrics, for example the channel."""
    beside: str = ""
