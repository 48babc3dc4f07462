"""What the figures of a report mean, and what has come to mean something else since the last one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bilan.sdk.document import Definition
from bilan.sdk.messages import Message
from bilan.sdk.metrics import Change, Difference, Metric, Ratio, Total
from bilan.sdk.textdomain import _


def definitions(keys: Iterable[str], metrics: Mapping[str, Metric]) -> tuple[Definition, ...]:
    """The definitions of these metrics, each ratio followed by what it divides.

    A key that no plugin declares any more is passed over.
    """
    found: dict[str, Definition] = {}
    for key in keys:
        for name in with_parts(key, metrics):
            if name in metrics:
                found.setdefault(name, _definition(metrics[name]))
    return tuple(found.values())


def changed_definitions(previous: Iterable[Definition], current: Iterable[Definition]) -> tuple[Message, ...]:
    """A note for every definition whose version differs between two reports.

    Metrics that only one of the two shows are nothing that changed.
    """
    before = {definition.key: definition for definition in previous}
    return tuple(
        _(
            "The definition of “{metric}” has changed since the previous report "
            "(version {before} became {after}): {formula}. Figures of the two are not quite comparable.",
            metric=now.label,
            before=before[now.key].version,
            after=now.version,
            formula=now.formula,
        )
        for now in current
        if now.key in before and before[now.key].version != now.version
    )


def with_parts(key: str, metrics: Mapping[str, Metric]) -> tuple[str, ...]:
    """A metric, those that it is made of, and those that these are made of."""
    match metrics[key].formula if key in metrics else None:
        case Ratio(numerator, denominator):
            parts: tuple[str, ...] = (numerator, denominator)
        case Difference(plus, minus):
            parts = (plus, minus)
        case Total(several):
            parts = several
        case Change(metric):
            parts = (metric,)
        case _:
            parts = ()
    return (key, *(one for part in parts for one in with_parts(part, metrics)))


def _definition(metric: Metric) -> Definition:
    return Definition(
        key=metric.key,
        label=metric.label,
        description=metric.description,
        formula=metric.formula_text,
        version=metric.version,
        unit=metric.unit,
    )
