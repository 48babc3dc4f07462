"""The caveats of an answer."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bilan.query.levels import latest_of
from bilan.sdk.messages import Message
from bilan.sdk.metrics import Change, Latest, Sum
from bilan.sdk.textdomain import _, ngettext
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


@dataclass(frozen=True, slots=True)
class LastKnown:
    """What was carried on and first seen, of the values that some metrics are made of, by their keys.

    ``since`` is when the oldest value that was carried was told; ``names`` are
    some of what was first seen, each on a line.
    """

    metrics: tuple[str, ...]
    carried: int
    since: datetime | None
    new: int
    names: str | None
    compared: bool = False
    """Whether this is so of the comparison."""


def notes(
    plan: Plan,
    as_of: datetime,
    *,
    numerator_exceeds_denominator: bool = False,
    not_added: Collection[str] = (),
    left_out: Collection[tuple[str, str]] = (),
    last_known: Collection[LastKnown] = (),
    missing: Missing = NOTHING_MISSING,
) -> tuple[Message, ...]:
    """What a reader must know before trusting the figures.

    ``numerator_exceeds_denominator``: a proportion is empty, more being known of the part than of the whole.
    ``not_added``: the keys of metrics that are empty, and are never added up over several units.
    """
    return (
        *_missing(plan, missing),
        *_days(plan),
        *(one for known in last_known for one in _of_period(plan, known)),
        *_left_out(plan, left_out),
        *_notes(plan, as_of, numerator_exceeds_denominator, not_added),
    )


def _days(plan: Plan) -> Iterator[Message]:
    dataset = plan.names.dataset
    if dataset.timed_by_day and plan.question.span is not None:
        yield _(
            "{dataset}: days are those that the source itself counts by; no time zone shifts them.",
            dataset=dataset.label,
        )


def _of_period(plan: Plan, known: LastKnown) -> Iterator[Message]:
    for note in _last_known(plan, known):
        yield _("In the comparison: {note}", note=note) if known.compared else note


def _last_known(plan: Plan, known: LastKnown) -> Iterator[Message]:
    metrics = [plan.names.metric(key) for key in known.metrics]
    if known.carried and known.since is not None:
        levels = (one for one in metrics if isinstance(one.formula, Latest))
        yield ngettext(
            "{metric}: {count} value was carried on, as there was no newer one; it is from {since:date}.",
            "{metric}: {count} values were carried on, as there were no newer ones; the oldest is from "
            "{since:date}.",
            count=known.carried,
            metric=next(levels, metrics[0]).label,
            since=_day(plan, known.since),
        )
    for metric in metrics:
        if known.new and isinstance(metric.formula, Change) and plan.question.span is not None:
            yield ngettext(
                "{metric} leaves out what was first seen within the period: {names}.",
                "{metric} leaves out {count} that were first seen within the period: {names}.",
                count=known.new,
                metric=metric.label,
                names=_named(known),
            )


def _named(known: LastKnown) -> str:
    names = (known.names or "").split("\n")
    return ", ".join([*names, *(["…"] if known.new > len(names) else [])])


def _day(plan: Plan, moment: datetime) -> str:
    """The day of a moment: where a period was asked for, in the zone of that."""
    span = plan.question.span
    return moment.astimezone(ZoneInfo(span.zone) if span else UTC).date().isoformat()


def _left_out(plan: Plan, left_out: Collection[tuple[str, str]]) -> Iterator[Message]:
    for total in dict.fromkeys(total for total, _part in left_out):
        parts = [plan.names.metric(part).label for other, part in left_out if other == total]
        for part in parts:
            yield _(
                "{total} leaves out {part} where nothing is known of it.",
                total=plan.names.metric(total).label, part=part,
            )  # fmt: skip


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
    carried = any(latest_of(plan.names, one).carry for one in plan.levels.values())
    ends = [
        (one.starts_at.astimezone(UTC), (one.ends_at - timedelta.resolution).astimezone(UTC))
        for one in buckets
    ]
    return not ends or any(
        (carried or first.year * 100 + first.month <= month) and month <= last.year * 100 + last.month
        for first, last in ends
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
    if plan.shown and plan.shown[-1].unfinished(as_of):
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
