"""From what was filled in to a request that can be built, and the days that it covers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bilan.parameters.validation import validate
from bilan.registry.parameters import COMMON
from bilan.reports.common import WEEKDAYS, Locality, parameters_of
from bilan.sdk.periods import Compare, Period, Preset, Span
from bilan.sdk.query import QueryClient
from bilan.sdk.reports import ReportKind, ReportRequest

ALL_TIME = Period(Preset.SINCE_OLDEST)


def request_for(
    kind: ReportKind,
    raw: Mapping[str, Any],
    *,
    as_of: datetime,
    locality: Locality,
    client: QueryClient | None,
    today: datetime | None = None,
) -> ReportRequest:
    """The request that raw parameters stand for. Raises ``Invalid`` with the path of the first mistake.

    ``as_of`` is the moment facts are looked at, which is also "today" unless
    that is another one: moments run ahead of a clock that was put back. With
    ``client``, choices that depend on the facts are checked; without, they are
    taken as they are.
    """
    values = validate(parameters_of(kind, locality), raw, client=client)
    return ReportRequest(
        kind=kind.key,
        title=values["title"] or None,
        blocks=values.get("blocks", ()),
        values={key: value for key, value in values.items() if key not in COMMON},
        period=values.get("period", ALL_TIME),
        compare=Compare(values.get("compare", Compare.NONE)),
        zone=values["zone"],
        first_weekday=[day.value for day in WEEKDAYS].index(values["first_weekday"]),
        as_of=as_of,
        today=today if today != as_of else None,
    )


def span_of(kind: ReportKind, request: ReportRequest, client: QueryClient) -> Span:
    """The days that were asked for; "since the oldest" asks for the oldest fact of the kind's datasets."""
    if request.period.preset is not Preset.SINCE_OLDEST:
        return request.span()
    starts = [found[0] for dataset in kind.datasets if (found := client.extent(dataset, zone=request.zone))]
    return request.span(min(starts, default=None))
