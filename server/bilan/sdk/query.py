"""A question to the warehouse and its answer, as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bilan.sdk.activity_categories import ActivityCategory
from bilan.sdk.conditions import Condition
from bilan.sdk.filters import FilterValue
from bilan.sdk.messages import Message
from bilan.sdk.metrics import Metric
from bilan.sdk.origins import Origin
from bilan.sdk.packing import packed
from bilan.sdk.periods import Bucket, Interval, IntervalUnit, Span

Number = int | float | None

WEEKDAY, HOUR = "weekday", "hour"
"""Dimensions of time: what the clocks of the period's zone showed. Monday is 1; days have no hours."""
WHOLE = Interval(IntervalUnit.NONE)
"""No breakdown by time."""


@dataclass(frozen=True, slots=True)
class Order:
    """Sort the rows by a metric or a dimension."""

    key: str
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one dataset. It becomes exactly one SQL statement.

    ``metrics`` are keys; only these are computed. ``by`` names dimensions of
    the dataset; a list column counts a row once under each of its values, and
    one without any under the empty text (see :data:`bilan.sdk.NO_VALUE`).
    :data:`WEEKDAY` and :data:`HOUR` are dimensions of every dataset, for
    questions about a period: an hour that clocks show twice is one. ``Invalid``
    is raised where a dataset that is timed by days is broken down by hours, by
    dimension or by interval, and where last known values are by either.
    ``compare`` adds the same figures over another span. Which sources may be
    read and the moment as of which facts are looked at are added by the core
    and cannot be widened here.
    """

    dataset: str
    metrics: tuple[str, ...]
    span: Span | None = None
    """``None`` looks at all time, without buckets or comparison."""
    interval: Interval = WHOLE
    by: tuple[str, ...] = ()
    filters: tuple[FilterValue, ...] = ()
    where: Condition | None = None
    compare: Span | None = None
    order: tuple[Order, ...] = ()
    """Without an order, rows come by bucket, then by the dimensions' values."""
    limit: int | None = None
    """At most so many rows; the totals still cover everything."""
    offset: int = 0
    totals: bool = True
    """Without them, the answer has no ``totals`` and costs less; not for a question without any breakdown."""


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """The figures of one bucket and one combination of the dimensions' values."""

    bucket: Bucket | None
    keys: tuple[str, ...]
    values: Mapping[str, Any]
    """By metric key. Integers, floats, ``datetime`` (UTC) for Min and Max of instants, or ``None``."""
    previous: Mapping[str, Any] | None = None
    """The comparison's figures for the bucket with the same index."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The figures, the question as it was understood, and its caveats.

    With no dimensions every bucket of the span has a row, empty ones filled
    with zeros (counts) or ``None`` (means, ratios, last known values). With
    dimensions there is a row for each bucket and combination that has facts in
    it, and for each that a last known value is carried into from before it,
    though there the counts are zeros; what only the comparison has gets no row.
    ``totals`` are counted anew over the whole span, never summed from the rows.
    """

    question: Question
    rows: tuple[AnswerRow, ...]
    totals: Mapping[str, Any]
    previous_totals: Mapping[str, Any] | None = None
    total_rows: int = 0
    """How many rows there are without the limit."""
    notes: tuple[Message, ...] = ()
    as_of: datetime | None = None
    sql: str = field(default="", repr=False)
    """The statement that was run, for provenance; values are bound and not part of it."""
    condition: Condition | None = field(default=None, repr=False, compare=False)
    """What the question's filters and its condition ask for together."""
    names: Mapping[str, str] = field(default_factory=dict[str, str], repr=False, compare=False)
    """The names of the sources that were read, by their ids, where the answer is part of a report."""
    beside: Mapping[str, Metric] = field(default_factory=dict[str, Metric], repr=False, compare=False)
    """The metrics that stand beside others, by the keys of these, where the answer is part of a report.

    Their figures are among the values, whether they were asked for or not.
    """

    @property
    def origin(self) -> Origin:
        """What the figures were counted from, for the block that shows them."""
        question = self.question
        # Where there is one source, no row has to say which.
        by = tuple(one for one in dict.fromkeys(question.by) if one != "source" or len(self.names) != 1)
        return Origin(
            dataset=question.dataset,
            where=None if self.condition is None else packed(self.condition),
            span=question.span,
            interval=None if question.interval == WHOLE else question.interval,
            compared=question.compare,
            by=by,
            sources={name: source for source, name in self.names.items()} if "source" in by else {},
        )


class QueryClient(Protocol):
    """What a report asks while it is built. Blocking; runs in a worker's thread.

    Every call is scoped to the sources the report's author may read, cut at
    the run's as-of moment and checked for cancellation.
    """

    def __call__(self, question: Question) -> Answer:
        """Answer a question with one SQL statement."""
        ...

    def rows(
        self,
        dataset: str,
        columns: tuple[str, ...],
        *,
        span: Span | None = None,
        where: Condition | None = None,
        filters: tuple[FilterValue, ...] = (),
        order: tuple[Order, ...] = (),
        limit: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """The facts themselves, streamed. ``source`` and ``ingested_at`` may be among the columns."""
        ...

    def values(
        self, dataset: str, column: str, *, where: Condition | None = None, limit: int = 1000
    ) -> tuple[str, ...]:
        """The different values of a dimension, in order; of the items for a list column."""
        ...

    def extent(
        self,
        dataset: str,
        *,
        where: Condition | None = None,
        filters: tuple[FilterValue, ...] = (),
        zone: str = "UTC",
    ) -> tuple[datetime, datetime] | None:
        """When the first and the last matching fact happened, in UTC; ``None`` without any.

        Facts without a time of their own (``UNDATED``) are left out. Days that a
        source counts by itself begin at midnight in ``zone``.
        """
        ...

    @property
    def activities(self) -> Mapping[str, ActivityCategory]:
        """The categories of what contacts do that the installed plugins declare, by their keys."""
        ...

    def addresses(self, contact: str) -> tuple[str, ...]:
        """All addresses of the person who has this one, in order; it alone for most.

        A condition on the contact's column holds for each of them.
        """
        ...

    def progress(self, proportion: float) -> None:
        """Say how much of the work is done, from 0 to 1."""
        ...
