"""Figures over time as lines: a few on one scale, and the comparison of the first of them alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from bilan.sdk import Answer, AnswerRow, Chart, Message, Metric, Ratio, Unit, timeline
from bilan_email_campaigns.reports.findings import FEW
from bilan_email_campaigns.reports.statistics import METRIC, denominators
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import NAMESPACE

MOST = 3
"""More lines than this in one picture tell no story."""
PREFERRED_LINES = tuple(
    tuple(f"{NAMESPACE}.{name}" for name in line.split())
    for line in (
        "delivered sends", "unique_opens opens", "unique_clicks clicks",
        "open_rate human_open_rate", "click_rate",
        "push_opens", "push_influenced_opens", "push_body_clicks",
        "web_push_opens", "web_push_body_clicks",
        "in_app_clicks", "in_app_button1_clicks", "in_app_button2_clicks",
        "sms_sends", "sms_deliveries",
    )
)  # fmt: skip
"""What is rendered where there are more than a few: figures of one scale, of each line the first with any."""


def charted_metrics(keys: Sequence[str], rows: Iterable[AnswerRow]) -> list[str]:
    """Which of a channel's metrics of one unit are rendered. The others stay in tiles and tables."""
    if len(keys) <= MOST:
        return list(keys)
    rows = tuple(rows)
    seen = [key for key in keys if any(row.values[key] for row in rows)]
    found = [[one for known in (seen, keys) for one in line if one in known] for line in PREFERRED_LINES]
    return [line[0] for line in found if line] or list(keys[:MOST])


def over_time(key: str, title: Message, keys: Sequence[str], answer: Answer) -> Chart | None:
    """The metrics as lines over the answer's buckets; ``None`` where there is nothing to render."""
    rows = [row for row in answer.rows if row.bucket is not None]
    if not keys or len(rows) < 2:
        return None
    metrics = [METRIC[one] for one in keys]
    compared = [one for one in metrics[:1] if all(is_consistent(one, row.previous) for row in rows)]
    return timeline(key, title, answer, metrics, compared=compared, headline=peak(metrics[0], rows))


def is_consistent(metric: Metric, figures: Mapping[str, Any] | None) -> bool:
    """Whether no more was opened or clicked than delivered: deliveries before an interval make that."""
    formula = metric.formula
    if figures is None or not isinstance(formula, Ratio):
        return True
    return not formula.numerator_exceeds_denominator(
        figures.get(formula.numerator), figures.get(formula.denominator)
    )


def peak(metric: Metric, rows: Sequence[AnswerRow]) -> Message | None:
    """When a figure was highest, where it was so once; of rates where they are not of a few e-mails."""
    ranked = sorted((row for row in rows if row.values[metric.key]), key=lambda row: -row.values[metric.key])
    if len(ranked) < 2 or ranked[0].values[metric.key] == ranked[1].values[metric.key]:
        return None
    highest, bucket = ranked[0].values, ranked[0].bucket
    if bucket is None or any((highest[below] or 0) < FEW for below in denominators([metric.key])):
        return None
    last = bucket.end - timedelta(days=1)
    figures = {
        "metric": metric.label, "value": highest[metric.key],
        "first": bucket.start.isoformat(), "last": last.isoformat(),
    }  # fmt: skip
    match metric.unit is Unit.PROPORTION, bucket.start == last:
        case True, True:
            return _("{metric} peaked on {first:date} at {value:proportion}.", **figures)
        case True, False:
            return _("{metric} peaked between {first:date} and {last:date} at {value:proportion}.", **figures)
        case False, True:
            return _("{metric} peaked on {first:date} at {value:count}.", **figures)
        case _:
            return _("{metric} peaked between {first:date} and {last:date} at {value:count}.", **figures)
