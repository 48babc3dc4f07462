"""The field that answers questions about a dataset: figures by bucket and by group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import strawberry
from strawberry.types.field import StrawberryField

from bilan.graphql.catalogue.answers import present, selected_metrics, wants_previous, wants_totals
from bilan.graphql.catalogue.arguments import FieldArgument, spelled_out
from bilan.graphql.catalogue.inputs import IntervalInput
from bilan.graphql.catalogue.narrowing import PERIOD, SOURCES, ZONE, Narrowing, filter_argument
from bilan.graphql.catalogue.rows import plain_rows
from bilan.graphql.catalogue.shapes import Shape
from bilan.graphql.context import Info
from bilan.graphql.enums import Compare
from bilan.graphql.limits import MAX_ROWS, QUESTION_COST
from bilan.graphql.selection import Selection
from bilan.query.names import Names
from bilan.query.recount import carries
from bilan.sdk.errors import Invalid
from bilan.sdk.periods import Interval
from bilan.sdk.query import WHOLE, Answer, Order, Question
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from bilan.query.session import QuerySession


def figures_field(shape: Shape) -> StrawberryField:
    """The field of a dataset's figures."""

    async def resolve(info: Info, **given: Any) -> Any:
        return await _FiguresQuery(info, shape).answer(**given)

    arguments = {
        "period": PERIOD,
        "interval": FieldArgument(IntervalInput | None, "How the period is cut; not at all without one."),
        "by": FieldArgument(list[shape.dimensions] | None, "What rows are broken down by."),
        **filter_argument(shape.filters),
        "compare": FieldArgument(Compare, "What the period is held against.", Compare.NONE),
        "zone": ZONE,
        "sources": SOURCES,
        "order": FieldArgument(list[shape.order] | None, "How rows are sorted."),
        "limit": FieldArgument(
            int, f"At most so many rows, up to {MAX_ROWS}; totals cover everything.", 1000
        ),
        "offset": FieldArgument(int, "How many rows to pass over.", 0),
    }
    return strawberry.field(
        resolver=spelled_out(resolve, arguments),
        graphql_type=shape.answer,
        description=f"{shape.dataset.label}. {shape.dataset.description}",
    )


class _FiguresQuery:
    """One question of a request, on its way to the warehouse and back."""

    def __init__(self, info: Info, shape: Shape) -> None:
        self.context = info.context
        self.shape = shape
        self.narrowing = Narrowing(info.context, shape.dataset)
        self.selection = Selection(info._raw_info)

    async def answer(self, *, sources: list[str] | None, **given: Any) -> Any:
        """Build the question from the arguments and the selection, ask it, present the answer."""
        self.context.spend(QUESTION_COST)
        client, named = await self.narrowing.session(sources)

        names = {str(source): name for source, name in named.items()}
        selected = {key: one for key, one in self.selection.by_response().items() if one.field == "rows"}

        def asked(client: QuerySession) -> tuple[Answer, dict[str, list[dict[str, Any]]]]:
            answer = client(self._question(client, **given))
            return answer, {key: plain_rows(self.shape, answer, names, one) for key, one in selected.items()}

        context = self.context
        answer, rows = await context.services.query.ask(context.actor.person, client, asked)
        question = answer.question
        spans = [one for one in (question.span, question.compare) if one is not None]
        carried = carries(Names.of(context.services.registry, question.dataset), question.metrics)
        self.narrowing.note(client, given["period"], spans, question.interval, carried=carried)
        return present(self.shape, answer, rows, context.formatter)

    def _question(self, client: QuerySession, **given: Any) -> Question:
        if not 1 <= given["limit"] <= MAX_ROWS:
            raise Invalid(_("A limit is from 1 to {most} rows.", most=MAX_ROWS), ("limit",))
        if given["offset"] < 0:
            raise Invalid(_("An offset is zero or more rows."), ("offset",))
        filters = self.narrowing.filters(given.get("filters"))
        span = self.narrowing.span(client, given["period"], given["zone"], filters)
        interval: Interval = given["interval"].value() if given["interval"] else WHOLE
        if span is None and (interval is not WHOLE or given["compare"] is not Compare.NONE):
            raise Invalid(_("An interval or a comparison needs a period."), ("period",))
        compare = given["compare"].of(span) if span and wants_previous(self.selection) else None
        return Question(
            dataset=self.shape.dataset.key,
            metrics=self._metrics(given["order"] or ()),
            span=span,
            interval=interval,
            by=tuple(dict.fromkeys(one.value for one in given["by"] or ())),
            filters=filters,
            compare=compare,
            order=tuple(Order(one.key.value, one.descending) for one in given["order"] or ()),
            limit=given["limit"],
            offset=given["offset"],
            totals=wants_totals(self.selection),
        )

    def _metrics(self, order: Sequence[Any]) -> tuple[str, ...]:
        """What is selected, and what it is sorted by."""
        selected = selected_metrics(self.shape, self.selection)
        known = set(self.shape.metrics.values())
        sorts = (one.key.value for one in order if one.key.value in known)
        return tuple(dict.fromkeys((*selected, *sorts)))
