"""What a figure was counted from: small enough to stand in a document beside every table.

An answer hands out its origin (``answer.origin``); a block that shows the
answer's figures carries it, and the rows behind each of them can be shown.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from bilan.sdk.conditions import AllOf, Condition
from bilan.sdk.packing import Packed, unpacked
from bilan.sdk.periods import Interval, Span


class Origin(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Where the figures of a block come from.

    Which metric a figure is stands beside it: in the tile, the series or the
    table's column. A row of a table narrows the facts by each dimension in
    ``by``, whose value stands in the column of the same key unless
    ``columns`` names another, and to the bucket whose first day or moment
    stands in the first column of dates. A point of a chart narrows them to
    its category. ``metrics`` holds the metrics that stand for others here.
    """

    dataset: str
    where: Packed | None = None
    """The question's condition and filters, packed."""
    span: Span | None = None
    interval: Interval | None = None
    compared: Span | None = None
    by: tuple[str, ...] = ()
    columns: dict[str, str] = {}
    """The key of the column that holds a dimension's value, where it is not the dimension's own."""
    sources: dict[str, str] = {}
    """The ids of the sources by the names that the rows show."""
    metrics: dict[str, str] = {}
    reported: Origin | None = None
    """Where figures that are marked as reported come from."""

    @property
    def condition(self) -> Condition:
        """The condition that all rows satisfy."""
        return AllOf(()) if self.where is None else unpacked(self.where)

    def metric(self, shown: str) -> str:
        """The metric over this dataset that stands for the one that is shown."""
        return self.metrics.get(shown, shown)

    def held(self, columns: Mapping[str, str]) -> Origin:
        """The same, with the values of some dimensions in other columns: dimension → the column's key."""
        return msgspec.structs.replace(self, columns={**self.columns, **columns})

    def beside(self, reported: Origin | None) -> Origin:
        """The same, with the place that figures marked as reported come from."""
        return msgspec.structs.replace(self, reported=reported)
