"""What is counted and what was last known, in the rows of one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bilan.query import aggregates
from bilan.query.levels import noted

if TYPE_CHECKING:
    from bilan.query.plan import Plan


def merged(plan: Plan, figures: str, levels: Sequence[str]) -> str:
    """Lay them side by side: a row has what either knows of its interval and its dimensions' values."""
    keys = [*["_period"] * plan.compared, *["_bucket"] * plan.by_time]
    keys += [f"_k{n}" for n in range(len(plan.dimensions))]
    values = [*(f"_a{n}" for n in range(len(plan.computed))), *noted(plan)]
    parts = [f"SELECT {', '.join(['_total', *keys, *values])}\nFROM ({level})" for level in levels]
    if plan.aggregates or plan.dimensions:
        counted = [*(f"_a{n}" for n in range(len(plan.aggregates)))]
        rest = [f"NULL AS {name}" for name in values[len(counted) :]]
        columns = ["toUInt8(_f._total) AS _total", *keys, *counted, *rest]
        parts.insert(0, f"SELECT {', '.join(columns)}\nFROM ({figures}) AS _f")
    empty = [aggregates.empty(formula) for formula in plan.computed.values()]
    merging = [
        f"{_any(name, empty[n] if n < len(empty) else None)} AS {name}" for n, name in enumerate(values)
    ]
    union = "\nUNION ALL\n".join(parts)
    grouping = ", ".join(["_total", *keys])
    return f"SELECT {', '.join(['_total', *keys, *merging])}\nFROM ({union}) AS _part\nGROUP BY {grouping}"


def _any(column: str, empty: object) -> str:
    """The value of the one part that has any; what the formula gives without a fact where none has."""
    value = f"any(_part.{column})"
    return value if empty is None else f"ifNull({value}, {empty})"
