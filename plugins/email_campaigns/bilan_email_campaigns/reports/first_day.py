"""The first 24 hours of a campaign, hour by hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bilan.sdk import (
    AllOf,
    AnswerRow,
    Block,
    Bucket,
    Chart,
    ChartKind,
    Interval,
    IntervalUnit,
    Is,
    Origin,
    Question,
    Series,
    Span,
    Table,
    TableColumn,
    Unit,
    Value,
    plain_value,
)
from bilan_email_campaigns.reports import rankings
from bilan_email_campaigns.reports.scope import Scope
from bilan_email_campaigns.reports.statistics import METRIC
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import EVENTS, HOURS

COUNTED = ("email.opens", "email.clicks", "email.unique_opens", "email.unique_clicks")
REPORTED_HOURS = ("email.hourly_unique_opens", "email.hourly_unique_clicks")
LENGTH = 24


def blocks(scope: Scope, campaign: str) -> Iterator[Block]:
    """Opens and clicks in the 24 clock hours that begin with the hour of the first send."""
    first = _first_send(scope)
    if first is not None:
        question = Question(EVENTS, COUNTED, where=scope.where)
        yield from _rendered(COUNTED, *_hours(scope, question, first))
        return
    sent = [one.sent_at for one in scope.now if one.sent_at is not None]
    if sent:
        question = Question(HOURS, REPORTED_HOURS, where=Is("campaign", campaign))
        rows, origin = _hours(scope, question, min(sent))
        if any(row.values[key] for row in rows for key in REPORTED_HOURS):
            yield from _rendered(REPORTED_HOURS, rows, origin)


def _first_send(scope: Scope) -> datetime | None:
    """The first send; where the sender reports none, the first event of any kind."""
    dated = AllOf((scope.where, Is("undated", False)))
    found = scope.client(Question(EVENTS, ("email.first_send", "email.first_event"), where=dated)).totals
    return found["email.first_send"] or found["email.first_event"]


def _hours(scope: Scope, question: Question, first: datetime) -> tuple[tuple[AnswerRow, ...], Origin]:
    zone = scope.request.zone
    day = first.astimezone(ZoneInfo(zone)).date()
    # Two days hold 24 hours from any hour of the first one on, also where the clocks change.
    span = Span(day, day + timedelta(days=2), zone)
    asked = Question(
        question.dataset,
        question.metrics,
        span=span,
        interval=Interval(IntervalUnit.HOUR),
        where=question.where,
    )
    answer = scope.client(asked)
    rows = answer.rows
    start = next(place for place, row in enumerate(rows) if _bucket(row).ends_at > first)
    return rows[start : start + LENGTH], answer.origin


def _rendered(keys: tuple[str, ...], rows: tuple[AnswerRow, ...], origin: Origin) -> Iterator[Block]:
    shown = keys[:2]
    opens = [row.values[keys[0]] for row in rows]
    yield Chart(
        key="first_day",
        kind=ChartKind.BAR,
        title=_("The first 24 hours"),
        description=_(
            "{metric} in the {count} hours from the hour of the first send: {total:count} in all.",
            metric=METRIC[shown[0]].label,
            count=len(rows),
            total=sum(opens),
        ),
        categories=[plain_value(_bucket(row).starts_at) for row in rows],
        series=tuple(Series(key, METRIC[key].label, [row.values[key] for row in rows], key) for key in shown),
        category_unit=Unit.INSTANT,
        origin=origin,
        headline=rankings.half_of_opens(opens) if keys == COUNTED else None,
    )
    columns = [TableColumn.of(METRIC[key]) for key in keys]
    lines: list[list[Value]] = [
        [plain_value(_bucket(row).starts_at), *(row.values[key] for key in keys)] for row in rows
    ]
    yield Table(
        key="first_day",
        title=_("The first 24 hours"),
        columns=(TableColumn(key="hour", label=_("Hour"), unit=Unit.INSTANT), *columns),
        rows=lines,
        file="first_day",
        hidden=True,
        origin=origin,
    )


def _bucket(row: AnswerRow) -> Bucket:
    assert row.bucket is not None  # noqa: S101 - the question has a span
    return row.bucket
