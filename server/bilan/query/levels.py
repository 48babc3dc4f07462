"""What a question asks of last known values: the formulas, and what is noted of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bilan.sdk.metrics import Change, Formula, Latest

if TYPE_CHECKING:
    from bilan.query.names import Names
    from bilan.query.plan import Plan

NOTED = ("_carried", "_since", "_new", "_named")
"""What is noted of each formula in the row of the whole: how many values were carried and since when, how
many things were first seen, and their names."""
COMPARED = "_compared"
"""What the names of the columns end in that say the same of the comparison."""


def formulas(plan: Plan) -> dict[Latest, dict[str, Latest | Change]]:
    """What is asked of last known values: the metrics that follow from each formula, by their keys."""
    found: dict[Latest, dict[str, Latest | Change]] = {}
    for key, formula in plan.levels.items():
        found.setdefault(latest_of(plan.names, formula), {})[key] = formula
    return found


def noted(plan: Plan) -> list[str]:
    """The columns of what is noted, of one formula after the other."""
    return [f"{name}{n}" for n in range(len(formulas(plan))) for name in NOTED]


def latest_of(names: Names, formula: Formula) -> Latest:
    """The formula itself, or that of which it is the change."""
    if isinstance(formula, Change):
        formula = names.metric(formula.metric).formula
    assert isinstance(formula, Latest)  # noqa: S101 - the registry made sure
    return formula
