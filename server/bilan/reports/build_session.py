"""The build session: what a kind asks while it builds, and a place for its long tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from bilan.reports import parts
from bilan.sdk.activity_categories import ActivityCategory
from bilan.sdk.conditions import Condition
from bilan.sdk.document import Table
from bilan.sdk.filters import FilterValue
from bilan.sdk.messages import Message
from bilan.sdk.metrics import Metric
from bilan.sdk.periods import Span
from bilan.sdk.query import Answer, Order, QueryClient, Question


@dataclass(frozen=True)
class BuildSession:
    """Passes questions on, remembers the caveats of the answers, and stores tables past 1,000 rows.

    What stands beside a metric is asked for together with it.
    """

    client: QueryClient
    put: parts.Put
    names: Mapping[str, str]
    span_of: Callable[[], Span]
    """Looks up the days of the report, where a kind asks for them."""
    metrics: Mapping[str, Metric] = field(default_factory=dict[str, Metric])
    caveats: dict[Message, None] = field(default_factory=dict[Message, None])

    def __call__(self, question: Question) -> Answer:
        beside = {
            key: self.metrics[one.beside]
            for key in question.metrics
            if (one := self.metrics.get(key)) and one.beside
        }
        counted = dict.fromkeys((*question.metrics, *(one.key for one in beside.values())))
        answer = self.client(replace(question, metrics=tuple(counted)))
        if question.span is not None:
            # What is looked up over all time, such as names, says nothing about the report's figures.
            self.caveats.update(dict.fromkeys(answer.notes))
        return replace(answer, question=question, names=self.names, beside=beside)

    @property
    def span(self) -> Span:
        return self._span

    @cached_property
    def _span(self) -> Span:
        return self.span_of()

    def keep(self, table: Table, rows: Iterable[list[Any]]) -> Table:
        return parts.keep(table, rows, self.put)

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
        return self.client.rows(
            dataset, columns, span=span, where=where, filters=filters, order=order, limit=limit
        )

    def values(
        self, dataset: str, column: str, *, where: Condition | None = None, limit: int = 1000
    ) -> tuple[str, ...]:
        return self.client.values(dataset, column, where=where, limit=limit)

    def extent(
        self,
        dataset: str,
        *,
        where: Condition | None = None,
        filters: tuple[FilterValue, ...] = (),
        zone: str = "UTC",
    ) -> tuple[datetime, datetime] | None:
        return self.client.extent(dataset, where=where, filters=filters, zone=zone)

    @property
    def activities(self) -> Mapping[str, ActivityCategory]:
        return self.client.activities

    def addresses(self, contact: str) -> tuple[str, ...]:
        return self.client.addresses(contact)

    def progress(self, proportion: float) -> None:
        self.client.progress(proportion)
