"""The one SQL statement of a plan.

The engine reads the facts once and groups them twice in passing: by bucket
and dimensions, and by nothing, for the totals. A comparison is read in the
same pass and laid beside the figures at the end. Every name that the
statement gives begins with an underscore, as no declared column does. See docs/decisions/013.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING
from uuid import UUID

from bilan.query import composed
from bilan.query.binder import Binder, Statement, scope
from bilan.query.conditions import Conditions
from bilan.query.coverage import coverage, left, net_rows
from bilan.query.figures import Figures
from bilan.query.latest import LastValues
from bilan.query.levels import COMPARED, noted
from bilan.query.merging import merged

if TYPE_CHECKING:
    from bilan.manifest import Snapshot
    from bilan.query.plan import Plan


def statement(plan: Plan, sources: Collection[UUID], snapshot: Snapshot) -> Statement:
    """Write the statement."""
    binder = Binder()
    of_sources = f"source IN {binder.bind(sorted(sources), 'Array(UUID)')}"
    visible = scope(binder, sources, snapshot.as_of)
    covered = coverage(plan, sources, snapshot)
    net = net_rows(plan.names.dataset, sources, snapshot, left(plan, covered), binder)
    as_of = binder.instant(snapshot.as_of)
    conditions = Conditions(plan.names, binder, people=snapshot.people(sources))
    sql = Figures(plan, binder, conditions, of_sources, visible, as_of, covered, net).sql()
    if plan.levels:
        last = LastValues(plan, binder, conditions, sources, snapshot, visible, as_of)
        sql = merged(plan, sql, last.sql())
    if plan.compared:
        sql = _beside(plan, sql)
    if plan.dimensions:
        # Rows of time alone are few; they are filled and put in order afterwards.
        sql = _in_order(plan, binder, sql)
    return Statement(sql, binder.parameters)


def _beside(plan: Plan, sql: str) -> str:
    """Lay the figures of both periods side by side: bucket by bucket, key by key."""
    keys = ["_total", *(f"_k{n}" for n in range(len(plan.dimensions)))]
    columns = [*keys, "countIf(_period = 0) AS _here", "countIf(_period = 1) AS _before"]
    if plan.by_time:
        columns.append("_bucket")
        keys.append("_bucket")
    for n in range(len(plan.computed)):
        columns += [f"anyIf(_a{n}, _period = 0) AS _c{n}", f"anyIf(_a{n}, _period = 1) AS _p{n}"]
    for period, suffix in enumerate(("", COMPARED)):
        columns += [f"anyIf(_f.{name}, _period = {period}) AS {name}{suffix}" for name in noted(plan)]
    having = "\nHAVING _total OR _here > 0" if plan.dimensions else ""
    return f"SELECT {', '.join(columns)}\nFROM ({sql}) AS _f\nGROUP BY {', '.join(keys)}{having}"


def _in_order(plan: Plan, binder: Binder, sql: str) -> str:
    order = ", ".join(_order(plan))
    question = plan.question
    if question.limit is None and not question.offset:
        return f"SELECT *\nFROM ({sql})\nORDER BY _total DESC, {order}"
    inside = [f"_place > {binder.bind(question.offset, 'UInt64')}"]
    if question.limit is not None:
        inside.append(f"_place <= {binder.bind(question.offset + question.limit, 'UInt64')}")
    place = f"row_number() OVER (PARTITION BY _total ORDER BY {order}) AS _place"
    return "\n".join(
        [
            f"SELECT *, {place}, count() OVER (PARTITION BY _total) AS _places",
            f"FROM ({sql})",
            # The first row is kept behind any offset: it says how many rows there are.
            f"QUALIFY _total OR _place = 1 OR ({' AND '.join(inside)})",
            "ORDER BY _total DESC, _place",
        ]
    )


def _order(plan: Plan) -> list[str]:
    found: list[str] = []
    for one in plan.question.order:
        direction = "DESC" if one.descending else "ASC"
        if one.key in plan.question.metrics:
            found.append(f"{_value(plan, one.key)} {direction} NULLS LAST")
        else:
            found.append(
                f"_k{plan.position(one.key)} {direction} NULLS {'LAST' if one.descending else 'FIRST'}"
            )
    if plan.by_time:
        found.append("_bucket")
    return [*found, *(f"_k{n} ASC NULLS FIRST" for n in range(len(plan.dimensions)))]


def _value(plan: Plan, key: str) -> str:
    """A metric's value in the period asked for, as a column of the finished rows."""
    computed, prefix = list(plan.computed), "_c" if plan.compared else "_a"
    return composed.sql(plan.names, plan.names.metric(key), lambda one: f"{prefix}{computed.index(one)}")
