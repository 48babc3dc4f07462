"""Metrics made of other metrics: their values, and the same as SQL over the columns of these."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from bilan.sdk.metrics import Aggregate, Change, Difference, Latest, Metric, Ratio, Total

if TYPE_CHECKING:
    from bilan.query.names import Names

Computed = Aggregate | Latest | Change
"""What a statement computes of the facts."""


def computed(names: Names, metric: Metric) -> Iterator[tuple[str, Computed]]:
    """What has to be computed for a metric, by key: of one made of others, what those need."""
    formula = metric.formula
    if isinstance(formula, Ratio | Difference | Total):
        for part in parts(names, metric):
            yield from computed(names, part)
    else:
        yield metric.key, formula


def parts(names: Names, metric: Metric) -> tuple[Metric, ...]:
    """The metrics that one is made of; none where it is computed of facts."""
    match metric.formula:
        case Ratio(numerator, denominator):
            keys = (numerator, denominator)
        case Difference(plus, minus):
            keys = (plus, minus)
        case Total(metrics):
            keys = metrics
        case _:
            keys = ()
    return tuple(map(names.metric, keys))


def value(names: Names, metric: Metric, plain: Mapping[str, Any]) -> Any:
    """A metric's value, given what was computed of the facts; ``None`` where there is none."""
    formula = metric.formula
    if not isinstance(formula, Ratio | Difference | Total):
        return plain[metric.key]
    values = [value(names, part, plain) for part in parts(names, metric)]
    match formula:
        case Ratio():
            return formula.divided(values[0], values[1])
        case Difference():
            return None if None in values else values[0] - values[1]
        case Total():
            known = [one for one in values if one is not None]
            return sum(known) if known else None


def sql(names: Names, metric: Metric, column: Callable[[str], str]) -> str:
    """A metric's value in SQL; ``column`` names what was computed under a key."""
    formula = metric.formula
    if not isinstance(formula, Ratio | Difference | Total):
        return column(metric.key)
    values = [sql(names, part, column) for part in parts(names, metric)]
    match formula:
        case Ratio(proportion=proportion):
            above, below = values
            beyond = f" OR {above} > {below}" if proportion else ""
            return f"if(ifNull({below}, 0) = 0{beyond}, NULL, {above} / {below})"
        case Difference():
            return f"({values[0]} - {values[1]})"
        case Total():
            none = " AND ".join(f"isNull({one})" for one in values)
            return f"if({none}, NULL, {' + '.join(f'ifNull({one}, 0)' for one in values)})"
