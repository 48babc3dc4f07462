"""Finding what a question names among what is declared."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from bilan.sdk.conditions import AllOf, Condition
from bilan.sdk.datasets import Column, ColumnType, Dataset
from bilan.sdk.errors import Invalid
from bilan.sdk.filters import FilterValue
from bilan.sdk.messages import Message
from bilan.sdk.metrics import Metric
from bilan.sdk.query import HOUR, WEEKDAY
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from bilan.registry.declared import Registry
    from bilan.sdk.periods import Span

T = TypeVar("T")

CLOCK = {
    WEEKDAY: Column(WEEKDAY, ColumnType.INTEGER, _("Weekday"), dimension=True),
    HOUR: Column(HOUR, ColumnType.INTEGER, _("Hour of the day"), dimension=True),
}
"""Dimensions made of the time of each fact, which is in no condition by these names."""

SOURCE = Column("source", ColumnType.TEXT, _("Source"), dimension=True)
INGESTED_AT = Column("ingested_at", ColumnType.INSTANT, _("Received"))


@dataclass(frozen=True, slots=True)
class Names:
    """What can be named when asking about one dataset."""

    registry: Registry
    dataset: Dataset

    @classmethod
    def of(cls, registry: Registry, dataset: str) -> Names:
        """Raises ``Invalid`` where nobody declares the dataset."""
        return cls(registry, _find(registry.datasets, dataset, _("dataset"), ("dataset",)))

    def metric(self, key: str, path: str = "metrics") -> Metric:
        """A metric over the dataset, by its key."""
        known = {metric.key: metric for metric in self.registry.metrics_of(self.dataset.key)}
        return _find(known, key, _("metric"), (path,))

    def column(self, name: str, path: str = "where") -> Column:
        """A column, the core's own among them."""
        return _find(self._columns(), name, _("column"), (path,))

    def dimension(self, name: str) -> Column:
        """A column that can be grouped by."""
        columns = {
            name: column
            for name, column in self._columns().items()
            if column.type not in (ColumnType.INSTANT, ColumnType.NUMBER)
        }
        return _find(columns, name, _("dimension"), ("by",))

    def conditions(self, filters: Iterable[FilterValue], where: Condition | None) -> Condition:
        """What filters and condition ask for together."""
        known = {one.key: one for one in self.registry.filters_of(self.dataset.key)}
        parts = [value.condition(_find(known, value.key, _("filter"), ("filters",))) for value in filters]
        return AllOf((*parts, *(() if where is None else (where,))))

    def cut(self, span: Span) -> Span:
        """The days of a period as the dataset cuts them: its own are as they are, in no zone."""
        return replace(span, zone="UTC") if self.dataset.timed_by_day else span

    def _columns(self) -> Mapping[str, Column]:
        return {**self.dataset.by_name, "source": SOURCE, "ingested_at": INGESTED_AT}


def _find(known: Mapping[str, T], key: str, what: Message, path: tuple[str, ...]) -> T:
    if key in known:
        return known[key]
    nearest = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    if nearest:
        raise Invalid(
            _("There is no {what} {key}. Did you mean {nearest}?", what=what, key=key, nearest=nearest[0]),
            path,
        )
    choices = ", ".join(sorted(known)[:12]) or "—"
    raise Invalid(_("There is no {what} {key}. Known are: {known}.", what=what, key=key, known=choices), path)
