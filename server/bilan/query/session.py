"""A query session: questions on behalf of somebody, bound to sources and a moment, and stoppable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from bilan.query import facts, lines, pages, recount
from bilan.query.answer import answer
from bilan.query.binder import Statement
from bilan.query.facts import Facts
from bilan.query.last_facts import LastFacts, within
from bilan.query.lines import LineForm
from bilan.query.names import Names
from bilan.query.notes import Missing
from bilan.query.pages import FactPage, PageForm
from bilan.query.plan import Plan, plan
from bilan.query.recount import Recount
from bilan.query.sorting import Place, Sorting
from bilan.query.statement import statement
from bilan.sdk.activity_categories import ActivityCategory
from bilan.sdk.conditions import AllOf, AnyOf, Condition
from bilan.sdk.datasets import Dataset
from bilan.sdk.errors import Cancelled, Conflict
from bilan.sdk.filters import FilterValue
from bilan.sdk.periods import DAY, Span, midnight
from bilan.sdk.query import Answer, Order, Question
from bilan.sdk.textdomain import _
from bilan.warehouse.tables import parts_of, table_of
from bilan.warehouse.types import quote

if TYPE_CHECKING:
    from bilan.manifest import Snapshot
    from bilan.registry.declared import Registry
    from bilan.warehouse.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class Seen:
    """How much of a source there was to see: how many facts, and when the last of them happened (UTC)."""

    source: UUID
    rows: int
    watermark: datetime


@dataclass(frozen=True, slots=True)
class QuerySession:
    """A ``QueryClient`` bound to sources and a moment; once stopped, its calls raise ``Cancelled``."""

    warehouse: Warehouse
    registry: Registry
    sources: frozenset[UUID]
    snapshot: Snapshot
    cancelled: Callable[[], bool] | None = None
    report: Callable[[float], None] | None = None
    tag: str = ""
    """What its statements are cancelled by in the engine."""

    @property
    def as_of(self) -> datetime:
        """The moment that the session sees: what was written by then."""
        return self.snapshot.as_of

    @property
    def today(self) -> datetime:
        """The moment in whose day relative periods end."""
        return self.snapshot.today

    def __call__(self, question: Question) -> Answer:
        """Answer a question with one SQL statement."""
        self._check()
        meant = plan(self.registry, question)
        wanted = statement(meant, self.sources, self.snapshot)
        result = self.warehouse.query(wanted.sql, wanted.parameters, tag=self.tag)
        self._check()
        missing = Missing(self.warehouse.broken, self._later(meant))
        return answer(meant, result, self.as_of, wanted.sql, missing)

    def _later(self, meant: Plan) -> datetime | None:
        """What the clock shows, where facts lie on later days and the period ends before them."""
        ends = meant.buckets[-1].ends_at if meant.buckets else None
        now, key = self.snapshot.now, meant.names.dataset.key
        if now is None or ends is None or not now - DAY < ends <= now + 2 * DAY:
            return None
        return now if self.snapshot.later_days(key, self.sources) else None

    def statement(self, question: Question) -> Statement:
        """The statement that a question becomes. Raises ``Invalid`` where it names something unknown."""
        return statement(plan(self.registry, question), self.sources, self.snapshot)

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
        place: Place | None = None,
        last: LastFacts | None = None,
    ) -> Iterator[dict[str, Any]]:
        """The facts themselves, streamed, by default in order of time. ``source`` is an id as text.

        ``place`` is that of a fact to go on from. Raises ``Conflict`` where the
        order cannot be gone on in without that fact, and it is there no more.
        ``last`` says of which metrics the last facts may be asked for.
        """
        chosen, sorting = self._sorted(self._facts(dataset, where, filters, span, last), order, place)
        for block in self._streamed(facts.rows(chosen, columns, sorting, limit)):
            yield from (dict(zip(columns, row, strict=True)) for row in block)

    def lines(
        self,
        dataset: str,
        form: LineForm,
        *,
        span: Span | None = None,
        where: Condition | None = None,
        order: tuple[Order, ...] = (),
        last: LastFacts | None = None,
    ) -> Iterator[Sequence[Sequence[Any]]]:
        """All facts as lines of text, in blocks of whether a line is doubtful and the line: for many."""
        chosen, sorting = self._sorted(self._facts(dataset, where, (), span, last), order, None)
        return self._streamed(lines.statement(chosen, sorting, form))

    def page(
        self,
        dataset: str,
        form: PageForm,
        *,
        span: Span | None = None,
        where: Condition | None = None,
        filters: tuple[FilterValue, ...] = (),
        order: tuple[Order, ...] = (),
        place: Place | None = None,
    ) -> FactPage:
        """A page of the facts as JSON. Raises like :meth:`rows`."""
        chosen, sorting = self._sorted(self._facts(dataset, where, filters, span), order, place)
        wanted = pages.statement(chosen, sorting, form)
        return pages.read(
            form, self.warehouse.encoded(wanted.sql, wanted.parameters, "JSONEachRow", tag=self.tag)
        )

    def counted(self, dataset: str, metric: str) -> Condition:
        """The facts that a metric counts; of one made of others, those of any part."""
        parts = recount.components(Names.of(self.registry, dataset), metric)
        return AnyOf(tuple(map(recount.matched_by, parts)))

    def recount(
        self,
        dataset: str,
        metric: str,
        *,
        where: Condition | None = None,
        span: Span | None = None,
        last: LastFacts | None = None,
    ) -> Recount:
        """How many facts a figure counts, and the figure counted from them alone.

        ``last`` says of which metrics the last facts are counted, and of what
        time the others are; the span does not narrow then.
        """
        names = Names.of(self.registry, dataset)
        time = None if last is None else within(names, last)
        parts = tuple((one, recount.matched_by(one, time)) for one in recount.components(names, metric))
        counted = AnyOf(tuple(condition for _metric, condition in parts))
        facts = self._facts(
            dataset, AllOf((counted, *(() if where is None else (where,)))), span=span, last=last
        )
        (row,) = self._run(recount.statement(facts, parts))
        return recount.read(names, names.metric(metric), parts, tuple(row))

    def values(
        self, dataset: str, column: str, *, where: Condition | None = None, limit: int = 1000
    ) -> tuple[str, ...]:
        """The different values of a dimension, in order, without the empty one; of the items for a list."""
        return tuple(row[0] for row in self._run(facts.values(self._facts(dataset, where), column, limit)))

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
        chosen = self._facts(dataset, where, filters)
        ((first, last),) = self._run(facts.extent(chosen))
        if first is None or not chosen.names.dataset.timed_by_day:
            return None if first is None else (first, last)
        return midnight(first.date(), zone), midnight(last.date(), zone)

    def seen(self, dataset: str) -> tuple[Seen, ...]:
        """What there is of each source that has facts in a dataset, for provenance."""
        return tuple(Seen(*row) for row in self._run(facts.seen(self._facts(dataset))))

    @property
    def activities(self) -> Mapping[str, ActivityCategory]:
        """The categories of what contacts do, by their keys."""
        return self.registry.activities

    def addresses(self, contact: str) -> tuple[str, ...]:
        """All addresses of whoever has this one, in order."""
        return self.snapshot.people(self.sources).of(contact)

    def progress(self, proportion: float) -> None:
        """Say how much of the work is done, from 0 to 1."""
        self._check()
        if self.report is not None:
            self.report(min(max(proportion, 0.0), 1.0))

    def _facts(
        self,
        dataset: str,
        where: Condition | None = None,
        filters: tuple[FilterValue, ...] = (),
        span: Span | None = None,
        last: LastFacts | None = None,
    ) -> Facts:
        self._check()
        return facts.choose(
            self.registry, dataset, self.sources, self.snapshot,
            where=where, filters=filters, span=span, parts=self._parts(dataset), last=last,
        )  # fmt: skip

    def _parts(self, dataset: str) -> tuple[Dataset, ...]:
        """The parts of a dataset that hold facts. Most have one, which is not looked at."""
        declared = Names.of(self.registry, dataset).dataset
        first, *others = parts_of(declared)
        return (first, *(part for part in others if self._has_facts(part)))

    def _has_facts(self, part: Dataset) -> bool:
        sql = f"SELECT 1 FROM {quote(table_of(part))} LIMIT 1"  # noqa: S608 - declared names
        return self.snapshot.state.known(table_of(part), lambda: bool(self.warehouse.query(sql).rows))

    def _sorted(self, chosen: Facts, order: tuple[Order, ...], place: Place | None) -> tuple[Facts, Sorting]:
        """The facts from a place on, and their order."""
        sorting = Sorting.of(chosen.conditions, order, backwards=place is not None and place.backwards)
        if place is None:
            return chosen, sorting
        dataset = chosen.names.dataset.key
        return chosen.beyond(sorting, self._sorted_by(dataset, order, place)), sorting

    def _sorted_by(self, dataset: str, order: tuple[Order, ...], place: Place) -> Mapping[str, Any]:
        """Everything that the fact at a place is sorted by."""
        chosen = self._facts(dataset)
        sorting = Sorting.of(chosen.conditions, order)
        if not sorting.leading:
            return place.key
        found = self._run(facts.leading(chosen, sorting, place.key))
        if not found:
            raise Conflict(
                _("The row that this page goes on from is not there any more; begin with the first page.")
            )
        return {**place.key, **dict(zip(sorting.leading, found[0], strict=True))}

    def _run(self, wanted: Statement) -> Any:
        self._check()
        return self.warehouse.query(wanted.sql, wanted.parameters, tag=self.tag).rows

    def _streamed(self, wanted: Statement) -> Iterator[Sequence[Sequence[Any]]]:
        with self.warehouse.stream(wanted.sql, wanted.parameters, tag=self.tag) as blocks:
            for block in blocks:
                self._check()
                yield block

    def _check(self) -> None:
        if self.cancelled is not None and self.cancelled():
            raise Cancelled(_("The work was stopped before it was done."))
