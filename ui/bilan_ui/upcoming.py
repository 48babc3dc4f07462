"""What a schedule will do, ready to be rendered: when it leaves by which clocks, and which days it covers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bilan.schedules import Occurrence
from bilan.sdk.periods import DAY, Span
from bilan.sdk.units import Unit
from bilan_ui.page_request import PageRequest

NOTHING: Mapping[str, Any] = {"upcoming": (), "expected": None, "wrong": ()}
"""What ``upcoming.html`` takes, where there is nothing to show yet."""


def upcoming(request: PageRequest, occurrences: Iterable[Occurrence]) -> list[dict[str, Any]]:
    """Each occurrence by the clocks of its zone and in UTC, with the days that it covers."""
    return [_one(request, one) for one in occurrences]


def _one(request: PageRequest, one: Occurrence) -> dict[str, Any]:
    there = request.zoned(one.zone)
    return {
        "instant": one.instant.isoformat(),
        "day": there.weekday(one.instant),
        "clock": there.clock(one.instant),
        "utc": request.zoned("UTC").value(one.instant, Unit.INSTANT),
        "zone": one.zone,
        "days": days_of(request, one.covers),
        "remark": one.remark,
    }


def format_labels(request: PageRequest) -> dict[str, Any]:
    """What formats are called, by their keys."""
    return {one.format: one.label for one in request.services.registry.renderers.values()}


def days_of(request: PageRequest, span: Span | None) -> str | None:
    """The first and the last day of a span; ``None`` for what begins with the oldest fact."""
    if span is None:
        return None
    return request.formatter.period(span.start.isoformat(), (span.end - DAY).isoformat())
