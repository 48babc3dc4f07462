"""The field that lists the facts of a dataset, a page at a time. See docs/decisions/061."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
import strawberry
from strawberry import relay
from strawberry.types.field import StrawberryField

from bilan.graphql.catalogue import cursors
from bilan.graphql.catalogue.answers import present_span
from bilan.graphql.catalogue.arguments import FieldArgument, spelled_out
from bilan.graphql.catalogue.fact_shapes import LAYOUTS, FactShape, fact_shape
from bilan.graphql.catalogue.narrowing import PERIOD, SOURCES, ZONE, Narrowing, filter_argument
from bilan.graphql.catalogue.shapes import Shape, SpanType
from bilan.graphql.completed import Completed
from bilan.graphql.context import Info
from bilan.graphql.limits import MAX_ROWS, QUESTION_COST
from bilan.graphql.selection import Selection
from bilan.query.names import Names
from bilan.query.pages import FactPage, PageForm
from bilan.sdk.conditions import AllOf, Is
from bilan.sdk.datasets import ColumnType, Dataset
from bilan.sdk.errors import Invalid
from bilan.sdk.periods import Span
from bilan.sdk.query import Order
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from bilan.query.session import QuerySession


@dataclass(frozen=True, slots=True)
class _Page:
    """What the fields of a page give."""

    completed: dict[str, Completed]
    """The facts, by the name that they have in the response."""
    page_info: relay.PageInfo
    period: SpanType | None
    as_of: datetime


def facts_field(shape: Shape) -> StrawberryField:
    """The field of a dataset's facts."""
    dataset, facts = shape.dataset, fact_shape(shape.dataset)
    persons = {one.name: one for one in dataset.columns if one.personal and one.type is ColumnType.TEXT}

    async def resolve(info: Info, **given: Any) -> Any:
        exactly = {name: value for name in persons if (value := given.pop(name)) is not None}
        return await _FactsQuery(info, dataset, facts).page(exactly, **given)

    arguments = {
        "period": PERIOD,
        "zone": ZONE,
        "sources": SOURCES,
        **filter_argument(shape.filters),
        **{
            name: FieldArgument(str | None, f"{column.label}: only facts that have exactly this.")
            for name, column in persons.items()
        },
        "order": FieldArgument(list[facts.order] | None, "How facts are sorted; by time without it."),
        "first": FieldArgument(int, f"How many, up to {MAX_ROWS}.", 100),
        "after": FieldArgument(str | None, "The cursor after which to go on."),
    }
    return strawberry.field(
        resolver=spelled_out(resolve, arguments),
        graphql_type=facts.page,
        description=f"{dataset.label}: the facts themselves. Those about persons take a permission.",
    )


class _FactsQuery:
    """A page of facts, on its way from the request to the engine and back."""

    def __init__(self, info: Info, dataset: Dataset, shape: FactShape) -> None:
        self.context = info.context
        self.dataset = dataset
        self.shape = shape
        self.narrowing = Narrowing(info.context, dataset)
        # What is to be known of a page alone is read from its facts, too.
        selected = Selection(info._raw_info).by_response()
        self.wanted = {key: one for key, one in selected.items() if one.field in LAYOUTS} or {
            "": Selection(info._raw_info, [], "nodes")
        }

    async def page(self, exactly: dict[str, str], *, sources: Any, after: str | None, **given: Any) -> _Page:
        """The page that the arguments mean. Raises ``Forbidden``, and ``Invalid`` with a sentence."""
        self.context.may_ask(personal=any(column.personal for column in self.dataset.columns))
        self.context.spend(QUESTION_COST * len(self.wanted))
        order = tuple(Order(one.key.value, one.descending) for one in given.pop("order") or ())
        names = Names.of(self.context.services.registry, self.dataset.key)
        cursor = cursors.read(names, order, after) if after else None
        client, named = await self.narrowing.session(sources, cursor.moment if cursor else None)
        ask = partial(self._ask, named=named, exactly=exactly, order=order, cursor=cursor, **given)
        page, span = await self.context.services.query.ask(self.context.actor.person, client, ask)
        self.narrowing.note(client, given["period"], [] if span is None else [span])
        return page

    def _ask(
        self,
        client: QuerySession,
        *,
        named: dict[UUID, str],
        exactly: dict[str, str],
        order: tuple[Order, ...],
        cursor: cursors.FactCursor | None,
        first: int,
        period: Any,
        zone: str | None,
        filters: Any = None,
    ) -> tuple[_Page, Span | None]:
        if not 1 <= first <= MAX_ROWS:
            raise Invalid(_("A page holds from 1 to {most} items.", most=MAX_ROWS), ("first",))
        chosen = self.narrowing.filters(filters)
        span = self.narrowing.span(client, period, zone, chosen)
        found: dict[str, FactPage] = {}
        for key, selection in self.wanted.items():
            found[key] = client.page(
                self.dataset.key,
                self._form(selection, named, first),
                span=span,
                where=AllOf(tuple(Is(name, value) for name, value in exactly.items())),
                filters=chosen,
                order=order,
                place=cursor.place if cursor else None,
            )
        page = next(iter(found.values()))

        def at(key: str) -> str | None:
            return cursors.write(order, client.as_of, key) if key else None

        made = _Page(
            {key: Completed(msgspec.Raw(one.json)) for key, one in found.items()},
            relay.PageInfo(
                has_next_page=page.more,
                has_previous_page=cursor is not None,
                start_cursor=at(page.start),
                end_cursor=at(page.end),
            ),
            present_span(span),
            client.as_of,
        )
        return made, span

    def _form(self, selection: Selection, names: dict[UUID, str], limit: int) -> PageForm:
        layout = LAYOUTS[selection.field]
        fields = {key: one.field for key, one in selection.by_response().items()}
        return PageForm(
            layout,
            {key: self.shape.columns[name] for key, name in fields.items() if name != "__typename"},
            {key: self.shape.types[layout] for key, name in fields.items() if name == "__typename"},
            names,
            limit,
        )
