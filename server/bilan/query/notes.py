"""The caveats of an answer."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bilan.sdk.messages import Message
from bilan.sdk.metrics import Sum
from bilan.sdk.textdomain import _
from bilan.warehouse.broken import BrokenPart
from bilan.warehouse.tables import parts_of, table_of

if TYPE_CHECKING:
    from bilan.query.plan import Plan


@dataclass(frozen=True, slots=True)
class Missing:
    """What an answer does not count: parts that cannot be read, and facts later than what the clock shows."""

    broken: Sequence[BrokenPart] = ()
    clock: datetime | None = None


NOTHING_MISSING = Missing()


def notes(
    plan: Plan,
    as_of: datetime,
    *,
    numerator_exceeds_denominator: bool = False,
    not_added: Collection[str] = (),
    missing: Missing = NOTHING_MISSING,
) -> tuple[Message, ...]:
    """What a reader must know before trusting the figures.

    ``numerator_exceeds_denominator``: a proportion is empty, more being known of the part than of the whole.
    ``not_added``: the keys of metrics that are empty, and are never added up over several units.
    """
    return (*_missing(plan, missing), *_notes(plan, as_of, numerator_exceeds_denominator, not_added))


def _missing(plan: Plan, missing: Missing) -> Iterator[Message]:
    if missing.clock is not None:
        yield _(
            "There are facts of later days than {today:instant}, which the server's clock shows; "
            "periods that end today leave them out. Check the clock.",
            today=missing.clock.isoformat(),
        )
    tables = [table_of(part) for part in parts_of(plan.names.dataset)]
    months = {
        f"{part.month // 100}-{part.month % 100:02}"
        for part in missing.broken
        if any(_counts_for(part.table, facts) for facts in tables) and _asked_about(plan, part.month)
    }
    if months:
        yield _(
            "Facts of {months} are missing: the warehouse cannot read a part of them; figures are too low.",
            months=", ".join(sorted(months)),
        )


def _counts_for(table: str, facts: str) -> bool:
    """Whether a table holds these facts, or what was counted of them in advance."""
    return table == facts or table.startswith((f"{facts}__daily_", f"{facts}__net_"))


def _asked_about(plan: Plan, month: int) -> bool:
    buckets = (*plan.previous, *plan.buckets)
    ends = [
        (one.starts_at.astimezone(UTC), (one.ends_at - timedelta.resolution).astimezone(UTC))
        for one in buckets
    ]
    return not ends or any(
        first.year * 100 + first.month <= month <= last.year * 100 + last.month for first, last in ends
    )


def _notes(
    plan: Plan, as_of: datetime, numerator_exceeds_denominator: bool, not_added: Collection[str]
) -> Iterator[Message]:
    if numerator_exceeds_denominator:
        yield _(
            "A rate is left empty where more is known of the part than of the whole: "
            "a source does not report the whole, or it lies before the period."
        )
    for metric in map(plan.names.metric, not_added):
        assert isinstance(metric.formula, Sum)  # noqa: S101 - no other formula has units
        yield _(
            "{metric} is never added up over several values of {column}: it is empty where there are "
            "several, or none. A breakdown by {column} shows each.",
            metric=metric.label, column=plan.names.column(metric.formula.per).label,
        )  # fmt: skip
    if plan.buckets and plan.buckets[-1].unfinished(as_of):
        yield _("The period was still running when the figures were counted; its last figures will grow.")
    if plan.by_time and any(bucket.partial for bucket in plan.buckets):
        yield _("The first or the last interval is cut short by the period's edge.")
    if plan.by_time and plan.compared and len(plan.previous) != len(plan.buckets):
        yield _("The comparison has another number of intervals, so that some stand against nothing.")
    for column in plan.lists:
        yield _(
            "A fact counts under each of its values of {column}, or as without one: the rows may add up to "
            "more than the total.",
            column=column.label,
        )
    days = plan.names.dataset.retention_days
    first = min((bucket.starts_at for bucket in (*plan.previous[:1], *plan.buckets[:1])), default=None)
    if days is not None and (first is None or first < as_of - timedelta(days=days)):
        yield _("Facts older than {days} days are not kept, so older figures are missing.", days=days)
