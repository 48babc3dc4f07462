"""The rows of an engagement report: one for each bucket and message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bilan.sdk import (
    AllOf,
    Answer,
    AnswerRow,
    Interval,
    IntervalUnit,
    Message,
    Not,
    Order,
    Origin,
    Present,
    Question,
    Table,
    TableColumn,
    Unit,
    Value,
)
from bilan_email_campaigns.reports.campaign_records import CampaignRecord
from bilan_email_campaigns.reports.rankings import most_clicks
from bilan_email_campaigns.reports.reported_by_source import cell, local_day, reported_origin
from bilan_email_campaigns.reports.scope import Scope
from bilan_email_campaigns.reports.statistics import METRIC, with_parts
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import EVENTS, NAMESPACE

CLICKS = f"{NAMESPACE}.unique_clicks"
PAGE = 20_000
"""Rows that are in memory at a time; a longer table takes one statement a page."""


@dataclass(frozen=True)
class TableShape:
    """What both tables have in common."""

    scope: Scope
    statistics: tuple[str, ...]
    interval: Interval


@dataclass(frozen=True)
class TableTerms:
    """What one of the two tables calls things."""

    key: str
    title: Message
    column: str
    label: Message
    name: Message
    part: str
    part_label: Message
    part_name: Message
    whole: Message


CAMPAIGNS = TableTerms(
    "campaigns", _("Campaigns"), "campaign", _("Campaign"), _("Campaign name"),
    "variant", _("Variant"), _("Variant name"), _("Counted for the campaign as a whole"),
)  # fmt: skip
CANVASES = TableTerms(
    "canvases", _("Canvases"), "canvas", _("Canvas"), _("Canvas name"),
    "step", _("Step"), _("Step name"), _("Counted for the Canvas as a whole"),
)  # fmt: skip


def table(shape: TableShape, *, canvas: bool) -> Table:
    """The table of all Canvases, or of all campaigns. Totals that senders state follow the counted rows."""
    terms = CANVASES if canvas else CAMPAIGNS
    reported = tuple(one for one in shape.scope.now if one.canvas is canvas)
    answer, counted = _counted(shape, terms, canvas=canvas)
    columns = tuple(_columns(terms, shape, answer))
    rows = Rows(shape, terms)

    def every() -> Iterator[list[Value]]:
        yield from map(rows.counted, counted)
        yield from map(rows.reported, reported)

    made = Table(
        key=terms.key,
        title=terms.title,
        columns=columns,
        totals=_totals(columns, shape, answer, reported),
        note=_note(shape),
        file=terms.key,
        origin=_origin(shape, terms, answer, reported),
        headline=None if reported else _headline(shape, terms, answer),
    )
    return shape.scope.client.keep(made, every())


@dataclass(frozen=True)
class Rows:
    """Makes rows that fit the columns."""

    shape: TableShape
    terms: TableTerms

    def counted(self, row: AnswerRow) -> list[Value]:
        """What was counted in a bucket."""
        bucket = row.bucket
        assert bucket is not None  # noqa: S101 - the question has a span
        source, key, *part = row.keys
        days: list[Value] = [bucket.start.isoformat(), (bucket.end - timedelta(days=1)).isoformat()]
        state: list[Value] = [bucket.partial, bucket.unfinished(self.shape.scope.request.as_of), False]
        figures = [row.values[name] for name in self.shape.statistics]
        whole: list[Value] = [not part[0]] if part else []
        return [*days, *self._who(source, key, *part), *state, *whole, *figures]

    def reported(self, one: CampaignRecord) -> list[Value]:
        """What a sender states, from the day of sending to the day of the report."""
        zone = self.shape.scope.span.zone
        days: list[Value] = [local_day(one.sent_at, zone), local_day(one.reported_at, zone)]
        part = ("",) if self.shape.scope.detail else ()
        whole: list[Value] = [True] if part else []
        figures = [cell(name, None, (one,)) for name in self.shape.statistics]
        return [*days, *self._who(one.source, one.key, *part), False, False, True, *whole, *figures]

    def _who(self, source: str, key: str, *part: str) -> Iterator[Value]:
        names = self.shape.scope.directory
        yield source
        yield self.shape.scope.client.names.get(source, source)
        yield key
        yield names.name(self.terms.column, source, key) or key
        for one in part:
            yield one
            yield names.name(self.terms.part, source, key, one)


def _counted(shape: TableShape, terms: TableTerms, *, canvas: bool) -> tuple[Answer, Iterator[AnswerRow]]:
    scope = shape.scope
    ours = Present("canvas") if canvas else Not(Present("canvas"))
    question = Question(
        EVENTS,
        with_parts(shape.statistics),
        span=scope.span,
        interval=shape.interval,
        by=("source", terms.column, *((terms.part,) if scope.detail else ())),
        where=AllOf((scope.where, ours)),
        limit=PAGE,
    )
    first = scope.client(question)

    def rows() -> Iterator[AnswerRow]:
        yield from first.rows
        for offset in range(PAGE, first.total_rows, PAGE):
            yield from scope.client(replace(question, offset=offset)).rows

    return first, rows()


def _headline(shape: TableShape, terms: TableTerms, answer: Answer) -> Message | None:
    """Which campaign or Canvas had most unique clicks, where these were chosen."""
    if CLICKS not in shape.statistics:
        return None
    ranking = replace(
        answer.question,
        metrics=(CLICKS,),
        interval=Interval(IntervalUnit.NONE),
        by=("source", terms.column),
        order=(Order(CLICKS),),
        limit=2,
    )
    names = shape.scope.directory
    return most_clicks(
        [
            (names.name(terms.column, *row.keys) or row.keys[1], row.values[CLICKS])
            for row in shape.scope.client(ranking).rows
        ]
    )


def _origin(
    shape: TableShape, terms: TableTerms, answer: Answer, reported: tuple[CampaignRecord, ...]
) -> Origin:
    totals = reported_origin(reported, shape.scope.client.names)
    # A Canvas stands among the totals under its key, as campaigns do.
    return answer.origin.beside(totals and totals.held({"campaign": terms.column}))


def _columns(terms: TableTerms, shape: TableShape, answer: Answer) -> Iterator[TableColumn]:
    """When and who, then the figures. Keys are for programs, and so is what is No in every row.

    Data files always have all of them, in this order, as docs/csv-files.md lists them.
    """
    buckets = [row.bucket for row in answer.rows if row.bucket is not None]
    more = answer.total_rows > len(answer.rows)
    partial = more or any(one.partial for one in buckets)
    unfinished = more or any(one.unfinished(shape.scope.request.as_of) for one in buckets)
    yield TableColumn(key="first_day", label=_("First day"), unit=Unit.DATE)
    yield TableColumn(key="last_day", label=_("Last day"), unit=Unit.DATE)
    yield TableColumn(key="source_id", label=_("Source id"), data=True)
    yield TableColumn(key="source", label=_("Source"), data=len(shape.scope.client.names) == 1)
    yield TableColumn(key=terms.column, label=terms.label, data=True)
    yield TableColumn(key=f"{terms.column}_name", label=terms.name)
    if shape.scope.detail:
        yield TableColumn(key=terms.part, label=terms.part_label)
        yield TableColumn(key=f"{terms.part}_name", label=terms.part_name)
    yield TableColumn(key="partial", label=_("Cut short by the period"), unit=Unit.BOOLEAN, data=not partial)
    yield TableColumn(key="unfinished", label=_("Still running"), unit=Unit.BOOLEAN, data=not unfinished)
    yield TableColumn(key="as_reported", label=_("As reported"), unit=Unit.BOOLEAN, data=not shape.scope.now)
    if shape.scope.detail:
        yield TableColumn(key="whole", label=terms.whole, unit=Unit.BOOLEAN)
    for key in shape.statistics:
        yield TableColumn.of(METRIC[key])


def _totals(
    columns: tuple[TableColumn, ...], shape: TableShape, answer: Answer, reported: tuple[CampaignRecord, ...]
) -> list[Any]:
    counted = answer.totals if answer.total_rows or not reported else None
    figures = [cell(key, counted, reported) for key in shape.statistics]
    return [*[None] * (len(columns) - len(figures)), *figures]


def _note(shape: TableShape) -> Message:
    days = _("Days begin and end in the zone {zone}.", zone=shape.scope.span.zone)
    if not shape.scope.detail:
        return days
    return _(
        "{days} Where the sender does not say to which variant or step something belongs, "
        "it is counted for the campaign or Canvas as a whole, in rows that say so.",
        days=days,
    )
