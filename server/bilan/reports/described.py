"""The parameters of a report as they were understood, in words, to be printed with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from bilan.parameters.times import period_text
from bilan.parameters.validation import plain
from bilan.reports.common import WEEKDAYS, Locality, parameters_of
from bilan.sdk.document import ParameterValue, Text
from bilan.sdk.messages import Message
from bilan.sdk.parameters import Choice, Parameter, ParameterKind, Values
from bilan.sdk.periods import Interval, IntervalUnit
from bilan.sdk.query import QueryClient
from bilan.sdk.reports import ReportKind, ReportRequest
from bilan.sdk.textdomain import _, ngettext


def described(kind: ReportKind, request: ReportRequest, client: QueryClient) -> tuple[ParameterValue, ...]:
    """Every parameter that says something, with the words people chose it by. Secrets are left out."""
    values = {**request.values, **_common(request)}
    printed = plain(values)
    return tuple(
        ParameterValue(
            parameter.key, parameter.label, printed[parameter.key], _shown(parameter, values, client)
        )
        for parameter in parameters_of(kind, Locality(request.zone, request.first_weekday))
        if values.get(parameter.key) not in (None, "", ()) and parameter.kind is not ParameterKind.SECRET
    )


def interval_in_words(interval: Interval) -> Message:
    """An interval as people say it."""
    match interval.unit:
        case IntervalUnit.HOUR:
            return _("Hours")
        case IntervalUnit.DAY:
            return ngettext("Days", "Every {count} days", count=interval.count)
        case IntervalUnit.WEEK:
            return ngettext("Weeks", "Every {count} weeks", count=interval.count)
        case IntervalUnit.MONTH:
            return _("Months")
        case IntervalUnit.QUARTER:
            return _("Quarters")
        case IntervalUnit.NONE:
            return _("No breakdown by time")


def _common(request: ReportRequest) -> dict[str, Any]:
    return {
        "title": request.title,
        "blocks": request.blocks,
        "period": request.period,
        "compare": request.compare.value,
        "zone": request.zone,
        "first_weekday": WEEKDAYS[request.first_weekday].value,
    }


def _shown(parameter: Parameter, values: Values, client: QueryClient) -> tuple[Text, ...]:
    value = values[parameter.key]
    match parameter.kind:
        case ParameterKind.PERIOD:
            return (period_text(value),)
        case ParameterKind.INTERVAL:
            return (interval_in_words(value),)
        case ParameterKind.FLAG:
            return (_("Yes") if value else _("No"),)
        case ParameterKind.CHOICE:
            return tuple(_labels(parameter, (value,), values, client))
        case ParameterKind.CHOICES | ParameterKind.ORDER:
            return tuple(_labels(parameter, value, values, client))
        case ParameterKind.TAGS:
            return cast("tuple[str, ...]", value)
        case _:
            return (str(value),)


def _labels(
    parameter: Parameter, chosen: tuple[str, ...], values: Values, client: QueryClient
) -> Iterator[Text]:
    offered: tuple[Choice, ...] = (
        parameter.choices(client, values) if callable(parameter.choices) else parameter.choices
    )
    labels = {choice.value: choice.label for choice in offered}
    for value in chosen:
        yield labels.get(value, value)
