"""Drilldown: the rows behind a figure as types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

import strawberry
from strawberry import relay

from bilan.graphql.context import Info
from bilan.graphql.enums import Mark, Unit
from bilan.graphql.presenting import as_type
from bilan.graphql.reports.blocks import TableColumnType, figure
from bilan.graphql.scalars import BigInt, Figure
from bilan.sdk.document import plain_value

if TYPE_CHECKING:
    from bilan.drilldown.service import DrilldownPage


@strawberry.type(name="Drilldown", description="A figure, and the rows that it was counted from.")
class DrilldownType:
    label: str = strawberry.field(description="What the figure is called.")
    value: Figure | None = strawberry.field(description="The figure as the report has it.")
    unit: Unit = strawberry.field(description="What it is.")
    mark: Mark | None = strawberry.field(description="What to know about it.")
    metric: str = strawberry.field(description="The metric whose rows these are.")
    dataset: str = strawberry.field(description="The dataset they belong to.")
    counted: Figure | None = strawberry.field(description="The metric counted from these rows alone.")
    distinct: BigInt | None = strawberry.field(
        description="How many different things it counts among the rows, where it counts different ones."
    )
    total_rows: BigInt = strawberry.field(description="How many rows there are.")
    remarks: list[str] = strawberry.field(
        description="How the rows come to the figure, and what else to know."
    )
    refused: str | None = strawberry.field(
        description="Why the rows are not shown to you; then there are none here, and the counts alone."
    )
    columns: list[TableColumnType] = strawberry.field(description="What a row holds.")
    rows: list[list[Figure | None]] = strawberry.field(
        description="A page of the rows in order of time, one value a column."
    )
    page_info: relay.PageInfo = strawberry.field(description="Where the page stands.")
    reported_by_source: str | None = strawberry.field(
        description="The address of the part that a source stated, where the figure holds both."
    )
    url: str | None = strawberry.field(
        description="Where to download all the rows as CSV, with the same credentials."
    )


def drilldown_page(info: Info, run: UUID, page: DrilldownPage) -> DrilldownType:
    """A page of rows in the reader's language."""
    say, drilldown = info.context.formatter.text, page.drilldown
    shown = drilldown.figure
    counted = drilldown.recount.value
    query = urlencode({"figure": shown.address})
    return DrilldownType(
        label=say(shown.label),
        value=Figure(shown.value),
        unit=shown.unit,
        mark=shown.mark,
        metric=drilldown.metric.key,
        dataset=drilldown.dataset.key,
        counted=Figure(plain_value(counted)),
        distinct=BigInt(counted) if drilldown.distinct and isinstance(counted, int) else None,
        total_rows=BigInt(drilldown.recount.rows),
        remarks=[say(remark) for remark in drilldown.remarks],
        refused=say(drilldown.refusal) if drilldown.refusal else None,
        columns=[
            as_type(TableColumnType, one, say, metric=None, data_only=False, names={})
            for one in drilldown.columns
        ],
        rows=[_row(row, say) for row in page.shown.rows],
        page_info=relay.PageInfo(
            has_next_page=page.shown.more,
            has_previous_page=page.shown.previous,
            start_cursor=page.shown.start or None,
            end_cursor=page.shown.end or None,
        ),
        reported_by_source=shown.reported_by_source or None,
        url=None if drilldown.refusal else f"/runs/{run}/rows.csv?{query}",
    )


def _row(row: list[Any], say: Any) -> list[Any]:
    return [figure(value, say) for value in row]
