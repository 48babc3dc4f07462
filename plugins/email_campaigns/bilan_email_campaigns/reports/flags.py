"""Figures that ask for attention."""

from __future__ import annotations

from collections.abc import Mapping

from bilan.sdk import Cell, Mark, Ratio, Value
from bilan_email_campaigns.reports.statistics import METRIC
from bilan_email_campaigns.textdomain import _

THRESHOLDS: Mapping[str, float] = {"email.complaint_rate": 0.001, "email.unsubscribe_rate": 0.015}
"""The shares of delivered e-mails past which complaints and unsubscribes are flagged."""
THRESHOLD_METRICS: Mapping[str, str] = {
    "email.spam_reports": "email.complaint_rate",
    "email.unsubscribes": "email.unsubscribe_rate",
}
"""The rate that says whether a count is too high."""


def flagged(key: str, shown: Value, rate: Value) -> Value:
    """The figure, marked where its rate is past the limit. At the limit itself nothing is wrong."""
    metric = THRESHOLD_METRICS.get(key, key)
    value = _number(rate)
    if metric not in THRESHOLDS or value is None or value <= THRESHOLDS[metric]:
        return shown
    plain = shown.value if isinstance(shown, Cell) else shown
    note = _("{metric} above {limit:proportion}.", metric=METRIC[metric].label, limit=THRESHOLDS[metric])
    return Cell(plain, Mark.RED_FLAG, note)


def threshold_value(key: str, figures: Mapping[str, Value]) -> Value:
    """The rate that decides about a figure; where none can be stated, the quotient all the same."""
    metric = threshold_metric(key)
    formula, rate = METRIC[metric].formula, _number(figures.get(metric))
    if rate is not None or not isinstance(formula, Ratio):
        return rate
    above, below = (_number(figures.get(part)) for part in (formula.numerator, formula.denominator))
    return above / below if above is not None and below else None


def threshold_metric(key: str) -> str:
    """The rate to look at for a figure; the figure itself where none is declared."""
    return THRESHOLD_METRICS.get(key, key)


def _number(shown: Value) -> float | None:
    value = shown.value if isinstance(shown, Cell) else shown
    return value if isinstance(value, int | float) else None
