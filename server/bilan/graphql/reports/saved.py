"""Saved reports: what can be asked about them, and removing one."""

from __future__ import annotations

from typing import Any

import strawberry

from bilan.graphql.connections import After, First, connection_of, page_arguments, to_connection
from bilan.graphql.context import Info
from bilan.graphql.ids import uuid
from bilan.graphql.limits import PAGE_COST
from bilan.graphql.reports.arguments import ReportId
from bilan.graphql.reports.types import ReportKindType, ReportType, kind_type, report_type
from bilan.reports.common import locality_of, parameters_of

ReportConnection: Any = connection_of(ReportType)


@strawberry.type
class ReportQueries:
    """The fields of the query."""

    @strawberry.field(description="What can be reported.")
    async def report_kinds(self, info: Info) -> list[ReportKindType]:
        locality = locality_of(info.context.actor)
        kinds = info.context.services.reports.kinds()
        return [kind_type(info, kind, parameters_of(kind, locality)) for kind in kinds]

    @strawberry.field(graphql_type=ReportConnection, description="Saved reports you may see, by name.")
    async def reports(self, info: Info, first: First = 25, after: After = None) -> Any:
        info.context.spend(PAGE_COST)
        window = page_arguments(first, after)
        found = await info.context.services.reports.list(info.context.actor)
        page = [report_type(one) for one in found[window.offset : window.offset + window.limit]]
        return to_connection(page, len(found), window)

    @strawberry.field(description="One saved report.")
    async def report(self, info: Info, id: ReportId) -> ReportType:  # noqa: A002
        return report_type(await info.context.services.reports.get(info.context.actor, uuid(id)))


@strawberry.type
class ReportMutations:
    """The fields of the mutation, but for those that are typed from the declared kinds."""

    @strawberry.mutation(description="Remove a saved report for good; its runs stay.")
    async def delete_report(self, info: Info, id: ReportId) -> bool:  # noqa: A002
        await info.context.services.reports.delete(info.context.actor, uuid(id))
        return True
