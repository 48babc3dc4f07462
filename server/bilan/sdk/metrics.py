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
    """One metric divided by another of the same dataset, both named by key; neither is a ratio itself.

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


@dataclass(frozen=True, slots=True)
class Latest:
    """The last known value of a column of each ``per``, then added up: never over days.

    For what is a level rather than an event, such as followers. ``per`` names
    the columns that tell apart what has one level each, such as network and
    profile; each source has its own. The value of a period, and of an interval
    of it, is the one at its end. Of facts of the same time the one with the
    greater identity counts; facts without a value in the column say nothing.

    With ``carry`` the last value holds until there is another, however long
    ago it was; the answer notes how many were carried and since when. Without,
    only facts inside the interval are looked at. Filters and conditions narrow
    the facts first; a breakdown is by what the last fact itself says. Empty
    where nothing is known; not to be broken down by weekday or hour.
    """

    column: str
    per: tuple[str, ...]
    carry: bool = True
    where: Condition | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """How much a ``Latest`` metric that carries its values changed, named by its key.

    The value at the end of an interval minus that before its start, of
    everything that is known at both; empty where nothing is. What is first
    seen within the interval adds nothing to it, and is named by the answer.
    """

    metric: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One metric minus another of the same dataset, both named by key; empty where either is.

    Neither may be made of metrics itself, unless it is a ``Change``.
    """

    plus: str
    minus: str


@dataclass(frozen=True, slots=True)
class Total:
    """Metrics of one dataset, added up, named by their keys.

    A metric that is empty is left out, and the answer notes which; empty where
    all are. None of them may be made of metrics itself, unless it is a ``Change``.
    """

    metrics: tuple[str, ...]


Aggregate = Count | Distinct | Sum | Mean | Quantile | Min | Max
"""What is computed of the facts of an interval."""
Composed = Ratio | Difference | Total
"""What is computed of other figures."""
Formula = Aggregate | Latest | Change | Composed


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
