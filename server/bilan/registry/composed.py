"""Metrics made of other metrics: these are there, of the same dataset, and fit together."""

from __future__ import annotations

from bilan.registry.declared import Registry
from bilan.registry.mistakes import mistake
from bilan.sdk.messages import Message
from bilan.sdk.metrics import Change, Composed, Difference, Latest, Metric, Ratio, Total
from bilan.sdk.textdomain import _
from bilan.sdk.units import Unit


def check_composed(registry: Registry, name: str, metric: Metric) -> None:
    """Raise about this plugin where a metric is made of metrics it cannot be made of."""
    match metric.formula:
        case Ratio() as ratio:
            reason = _ratio(registry, metric, ratio)
        case Difference(plus, minus):
            reason = _parts(registry, metric, (plus, minus)) or _same(metric, (plus, minus))
        case Total(parts):
            reason = _too_few(metric, parts) or _parts(registry, metric, parts) or _same(metric, parts)
        case Change(other):
            reason = _change(registry, metric, other)
        case _:
            reason = None
    if reason is not None:
        raise mistake(name, reason)


def _of_dataset(registry: Registry, metric: Metric, key: str) -> Metric | None:
    other = registry.metrics.get(key)
    return other if other is not None and other.dataset == metric.dataset else None


def _ratio(registry: Registry, metric: Metric, ratio: Ratio) -> Message | None:
    for key in (ratio.numerator, ratio.denominator):
        other = _of_dataset(registry, metric, key)
        if other is None or isinstance(other.formula, Ratio):
            return _(
                "{key} divides {numerator} by {denominator}, but {other} is no plain metric of {dataset}",
                key=metric.key, numerator=ratio.numerator, denominator=ratio.denominator,
                other=key, dataset=metric.dataset,
            )  # fmt: skip
    if metric.unit is Unit.COUNT:
        return _("{key} is a ratio and no whole number; give it a unit, such as proportion", key=metric.key)
    return None


def _too_few(metric: Metric, parts: tuple[str, ...]) -> Message | None:
    if len(parts) < 2:
        return _("{key} is a total of fewer than two metrics", key=metric.key)
    return None


def _same(metric: Metric, parts: tuple[str, ...]) -> Message | None:
    twice = next((key for n, key in enumerate(parts) if key in parts[:n]), None)
    if twice is not None:
        return _("{key} is made of {other} twice", key=metric.key, other=twice)
    return None


def _parts(registry: Registry, metric: Metric, parts: tuple[str, ...]) -> Message | None:
    for key in parts:
        other = _of_dataset(registry, metric, key)
        if other is None or isinstance(other.formula, Composed):
            return _("{key} is made of {other}, which is no plain metric of {dataset}",
                     key=metric.key, other=key, dataset=metric.dataset)  # fmt: skip
        if other.unit is not metric.unit:
            return _("{key} has the unit {unit}, but {other}, which it is made of, has {theirs}",
                     key=metric.key, unit=metric.unit.value, other=key, theirs=other.unit.value)  # fmt: skip
    return None


def _change(registry: Registry, metric: Metric, key: str) -> Message | None:
    other = _of_dataset(registry, metric, key)
    if other is None or not isinstance(other.formula, Latest):
        return _("{key} is the change of {other}, which is no metric of {dataset} made with Latest",
                 key=metric.key, other=key, dataset=metric.dataset)  # fmt: skip
    if not other.formula.carry:
        return _("{key} is the change of {other}, which carries no value to the next period, so there is "
                 "none to compare with", key=metric.key, other=key)  # fmt: skip
    if other.unit is not metric.unit:
        return _("{key} has the unit {unit}, but {other}, which it is made of, has {theirs}",
                 key=metric.key, unit=metric.unit.value, other=key, theirs=other.unit.value)  # fmt: skip
    return None
