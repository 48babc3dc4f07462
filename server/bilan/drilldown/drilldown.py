"""Drilldown: the rows behind a figure, and the figure counted from them once more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from itertools import combinations
from typing import TYPE_CHECKING, Any
from uuid import UUID

from bilan.drilldown.agreement import agrees, remarks
from bilan.drilldown.figures import Figure
from bilan.drilldown.values import MATCHED_BY
from bilan.query.last_facts import LastFacts, flags
from bilan.query.lines import LineForm
from bilan.query.names import INGESTED_AT, SOURCE, Names
from bilan.query.recount import components, last_known
from bilan.query.sorting import Place, settling
from bilan.rendering.delimited import LIST, Dialect, pieces
from bilan.rendering.guard import SUSPECT
from bilan.sdk.conditions import AllOf, AnyOf, Between, Condition, HasAny, Is, Not, OnClock, Present, matches
from bilan.sdk.datasets import Column, ColumnType, Dataset
from bilan.sdk.document import Cell, Document, TableColumn, Value, plain_value
from bilan.sdk.errors import Conflict, Forbidden
from bilan.sdk.messages import Message
from bilan.sdk.metrics import Composed, Distinct, Max, Metric
from bilan.sdk.periods import Bucket, Span
from bilan.sdk.query import HOUR, WEEKDAY, Order
from bilan.sdk.textdomain import _
from bilan.sdk.units import Unit

if TYPE_CHECKING:
    from bilan.query.recount import Recount
    from bilan.query.session import QuerySession
    from bilan.registry.declared import Registry
    from bilan.sdk.rendering import Formatter

UNITS: Mapping[ColumnType, Unit] = {
    ColumnType.TEXT: Unit.TEXT,
    ColumnType.TEXTS: Unit.TEXTS,
    ColumnType.INTEGER: Unit.COUNT,
    ColumnType.NUMBER: Unit.NUMBER,
    ColumnType.BOOLEAN: Unit.BOOLEAN,
    ColumnType.INSTANT: Unit.INSTANT,
    ColumnType.DATE: Unit.DATE,
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row behind a figure: a value a column, and what tells it apart from the others."""

    values: list[Value]
    key: tuple[Any, ...]


@dataclass(frozen=True)
class Drilldown:
    """A figure and the rows behind it.

    ``refusal`` says why the rows themselves are not shown to this person;
    ``remarks`` are what a reader must know. ``names`` are the sources' by id.
    """

    figure: Figure
    metric: Metric
    dataset: Dataset
    recount: Recount
    columns: tuple[TableColumn, ...]
    names: Mapping[str, str]
    remarks: tuple[Message, ...]
    refusal: Message | None
    client: QuerySession
    where: Condition
    span: Span | None
    """The days that the rows lie in, where all of them do."""
    last: LastFacts | None = None
    """Of which metrics the rows are the last facts, where any is of last known values."""

    @property
    def agrees(self) -> bool:
        """Whether the rows come to the figure; true of one that holds more than they do, and says so."""
        return agrees(self.figure, self.recount)

    @property
    def distinct(self) -> bool:
        """Whether the figure counts different things among the rows."""
        return isinstance(self.metric.formula, Distinct)

    def rows(self, *, by: str = "", limit: int | None = None, place: Place | None = None) -> Iterator[Row]:
        """The rows in order of time (the latest first behind a latest moment).

        ``by`` is a column's key to sort by, with a minus for the greatest
        first; what is none is passed over. ``place`` is that of a row to go on
        from. Blocking. Raises ``Forbidden`` where the rows are not for this
        person.
        """
        self._allow()
        shown = self._shown
        facts = self.client.rows(
            self.dataset.key,
            tuple(dict.fromkeys((*shown, *self.settling, *self._flags))),
            span=self.span,
            where=self._counted,
            order=self._order(by),
            limit=limit,
            place=place,
            last=self.last,
        )
        parts = [(part.metric.label, part.matched_by) for part in self.recount.parts]
        for fact in facts:
            values = [
                plain_value(self.names.get(fact[n], fact[n]) if n == "source" else fact[n]) for n in shown
            ]
            values[:0] = [_part(parts, fact)] if len(parts) > 1 else []
            yield Row(values, tuple(fact[name] for name in self.settling))

    def text(self, dialect: Dialect, formatter: Formatter, *, by: str = "") -> Iterator[bytes]:
        """All the rows as delimited text, in the order of :meth:`rows`. Blocking. Raises ``Forbidden``."""
        self._allow()
        form = LineForm(
            columns=self._shown,
            delimiter=dialect.delimiter,
            sources={UUID(source): name for source, name in self.names.items()},
            between=None if dialect.machine else LIST,
            doubtful="" if dialect.machine else SUSPECT,
            first=tuple(self._counts_as(formatter)),
        )
        blocks = self.client.lines(
            self.dataset.key, form, span=self.span, where=self._counted, order=self._order(by), last=self.last
        )
        return pieces(self.columns, blocks, dialect, formatter)

    def _counts_as(self, formatter: Formatter) -> Iterator[tuple[Condition, str]]:
        if len(self.recount.parts) > 1:
            parts = self.recount.parts
            # Whatever more of them count a fact comes first.
            for count in range(len(parts), 0, -1):
                for some in combinations(parts, count):
                    labels = [part.metric.label for part in some]
                    yield AllOf(tuple(part.matched_by for part in some)), formatter.text(_all(labels))

    @property
    def _shown(self) -> tuple[str, ...]:
        return tuple(column.key for column in self.columns if column.key != MATCHED_BY)

    @property
    def _counted(self) -> Condition:
        return AllOf((self.where, AnyOf(tuple(part.matched_by for part in self.recount.parts))))

    @property
    def _flags(self) -> tuple[str, ...]:
        """What tells which part counts a fact, where that does not follow from its columns."""
        metrics = self.last.metrics if self.last is not None and len(self.recount.parts) > 1 else ()
        return tuple(flag for metric in metrics for flag in flags(metric))

    def _allow(self) -> None:
        if self.refusal is not None:
            raise Forbidden(self.refusal)

    @property
    def settling(self) -> tuple[str, ...]:
        """The columns that no two rows share."""
        return settling(self.dataset)

    def _order(self, by: str) -> tuple[Order, ...]:
        key = by.removeprefix("-")
        if key != MATCHED_BY and any(column.key == key for column in self.columns):
            return (Order(key, descending=by.startswith("-")),)
        return (Order(self.dataset.time),) if isinstance(self.metric.formula, Max) else ()


def drill_down(
    registry: Registry,
    client: QuerySession,
    document: Document,
    figure: Figure,
    *,
    names: Mapping[str, str],
    refusal: Callable[[Dataset], Message | None] = lambda _dataset: None,
) -> Drilldown:
    """What stands behind the figure now, among the facts that the report could see. Blocking.

    ``refusal`` says why a dataset's rows are not for whoever asks. Raises
    ``Conflict`` where nothing installed knows the dataset or the metric.
    """
    dataset, metric = _declared(registry, figure)
    where, keys = _condition(figure), _keys(figure, dataset)
    levels = last_known(components(Names.of(registry, dataset.key), metric.key))
    # What was last known may be from before; only its own value says under which keys it stands.
    last = LastFacts(levels, where, figure.span, figure.bucket) if levels else None
    parts = (where, keys, *([_within(figure.bucket, dataset)] if figure.bucket and not last else []))
    where, span = AllOf(parts), None if last else figure.span
    recount = client.recount(dataset.key, metric.key, where=where, span=span, last=last)
    if figure.instead is not None and not recount.rows:
        return drill_down(registry, client, document, figure.instead, names=names, refusal=refusal)
    return Drilldown(
        figure=figure,
        metric=metric,
        dataset=dataset,
        recount=recount,
        columns=tuple(_columns(dataset, metric, several=len(names) > 1)),
        names=names,
        remarks=tuple(remarks(document, figure, metric, recount)),
        refusal=refusal(dataset),
        client=client,
        where=where,
        span=span,
        last=last,
    )


def _declared(registry: Registry, figure: Figure) -> tuple[Dataset, Metric]:
    dataset = registry.datasets.get(figure.origin.dataset)
    metric = registry.metrics.get(figure.metric)
    if dataset is None or metric is None or metric.dataset != dataset.key:
        raise Conflict(
            _("The plugin that declares {what} is not installed any more, so the rows behind this "
              "figure cannot be shown.",
              what=figure.origin.dataset if dataset is None else figure.metric),
            ("figure",),
        )  # fmt: skip
    return dataset, metric


def _condition(figure: Figure) -> Condition:
    """Which facts the question asked about, of all time."""
    try:
        return figure.origin.condition
    except ValueError as error:
        raise Conflict(
            _("This report was built by another release, which alone can show the rows behind its figures."),
            ("figure",),
        ) from error


def _within(bucket: Bucket, dataset: Dataset) -> Condition:
    ends = (bucket.start, bucket.end) if dataset.timed_by_day else (bucket.starts_at, bucket.ends_at)
    return Between(dataset.time, *ends)


def _keys(figure: Figure, dataset: Dataset) -> Condition:
    """The facts under the dimensions' values that stand beside a figure."""
    parts: list[Condition] = []
    for dimension, value in (figure.keys or {}).items():
        if dimension == "source":
            parts.append(Is("source", figure.origin.sources.get(str(value), str(value))))
        elif dimension in (WEEKDAY, HOUR) and figure.span is not None:
            parts.append(OnClock(dataset.time, figure.span.zone, **{dimension: int(str(value))}))
        elif (column := dataset.by_name.get(dimension)) is not None:
            parts.append(_key(column, value))
    return AllOf(tuple(parts))


def _key(column: Column, value: Value) -> Condition:
    """The facts that are grouped under a dimension's value, as answers write it."""
    if value in (None, ""):
        missing = Not(Present(column.name))
        # Among the values of a list an empty text is one, too.
        return AnyOf((missing, HasAny(column.name, ("",)))) if column.type is ColumnType.TEXTS else missing
    text = str(value)
    match column.type:
        case ColumnType.TEXTS:
            return HasAny(column.name, (text,))
        case ColumnType.BOOLEAN:
            return Is(column.name, text.lower() == "true")
        case ColumnType.INTEGER:
            return Is(column.name, int(text))
        case ColumnType.DATE:
            return Is(column.name, date.fromisoformat(text))
        case _:
            return Is(column.name, text)


def _columns(dataset: Dataset, metric: Metric, *, several: bool) -> Iterator[TableColumn]:
    if isinstance(metric.formula, Composed):
        yield TableColumn(key=MATCHED_BY, label=_("Counts as"))
    yield from fact_columns(dataset, several=several)


def fact_columns(dataset: Dataset, *, several: bool = False) -> Iterator[TableColumn]:
    """When it happened and to whom, then everything else that is known of it, but for keys of pictures.

    ``several`` adds its source.
    """
    first = [one for one in dataset.columns if one.name == dataset.time]
    first += [one for one in dataset.columns if one.personal][:1]
    for column in (*first, *(one for one in dataset.columns if one not in first and not one.picture)):
        yield _column(column)
    if several:
        yield _column(SOURCE)
    yield _column(INGESTED_AT)


def _column(column: Column) -> TableColumn:
    return TableColumn(key=column.name, label=column.label, unit=UNITS[column.type], personal=column.personal)


def _part(parts: list[tuple[Message, Condition]], fact: Mapping[str, Any]) -> Cell:
    labels = [label for label, condition in parts if matches(condition, fact)]
    return Cell(_all(labels) if labels else None)


def _all(labels: Sequence[Message]) -> Message:
    """What a row counts as that several parts count."""
    return reduce(_both, labels)


def _both(one: Message, other: Message) -> Message:
    return _("{one} and {other}", one=one, other=other)
