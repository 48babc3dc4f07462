"""Drilldown: from a figure of a run to its rows, for those who may see them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar
from uuid import UUID

from bilan.accounts.policy import Action, require
from bilan.accounts.values import Principal
from bilan.drilldown.drilldown import Drilldown, drill_down
from bilan.drilldown.figures import find
from bilan.drilldown.paging import page
from bilan.drilldown.values import Rows, Window
from bilan.reports.parts import rows_of
from bilan.sdk.datasets import Dataset
from bilan.sdk.document import Document
from bilan.sdk.errors import Forbidden
from bilan.sdk.messages import Message
from bilan.sources.models import SourceRow

if TYPE_CHECKING:
    from bilan.files import Files
    from bilan.query.query import Query
    from bilan.query.session import QuerySession
    from bilan.registry.declared import Registry

T = TypeVar("T")


class BuiltRun(Protocol):
    """What is known of a run."""

    @property
    def sources(self) -> frozenset[UUID]: ...


class BuiltRuns(Protocol):
    """Knows runs and their documents, for those who may see them."""

    async def get(self, actor: Principal, run: UUID) -> BuiltRun: ...
    async def document(self, actor: Principal, run: UUID) -> Document: ...


@dataclass(frozen=True)
class DrilldownPage:
    """Some of the rows behind a figure; none where they are not for this person."""

    drilldown: Drilldown
    shown: Rows


class Drilldowns:
    """What is counted comes from the stored document, never from who asks."""

    def __init__(self, registry: Registry, query: Query, files: Files, runs: BuiltRuns) -> None:
        self._registry, self._query, self._files, self._runs = registry, query, files, runs

    async def drill(self, actor: Principal, run: UUID, address: str) -> Drilldown:
        """The figure at the address, and what its rows come to now.

        Raises ``NotFound`` where the actor may not see the run or the address
        names no figure, ``Conflict`` where no rows can be shown behind it.
        """
        return await self._asked(actor, run, address, lambda drilldown: drilldown)

    async def _asked(self, actor: Principal, run: UUID, address: str, then: Callable[[Drilldown], T]) -> T:
        found = await self._runs.get(actor, run)
        document = await self._runs.document(actor, run)
        names = {str(row.id): row.name for row in await SourceRow.filter(id__in=found.sources)}
        client = await self._query.session(found.sources, as_of=datetime.fromisoformat(document.as_of))

        def look(client: QuerySession) -> T:
            figure = find(document, rows_of(self._files), address)
            refusal = _refusing(actor)
            return then(drill_down(self._registry, client, document, figure, names=names, refusal=refusal))

        return await self._query.ask(actor.person, client, look)

    async def page(self, actor: Principal, run: UUID, address: str, window: Window) -> DrilldownPage:
        """A part of the rows behind a figure. Raises ``Invalid`` for a cursor that is none of theirs."""

        def turn(drilldown: Drilldown) -> DrilldownPage:
            refused = drilldown.refusal is not None
            return DrilldownPage(drilldown, Rows() if refused else page(drilldown, window))

        return await self._asked(actor, run, address, turn)


def _refusing(actor: Principal) -> Callable[[Dataset], Message | None]:
    """Why a dataset's rows are not for this person; rows without a personal column are for all readers."""

    def refusal(dataset: Dataset) -> Message | None:
        if not any(column.personal for column in dataset.columns):
            return None
        try:
            require(actor, Action.EXPORT_CONTACT_DATA)
        except Forbidden as refused:
            return refused.message
        return None

    return refusal
