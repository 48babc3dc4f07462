"""One field a plugin, below it one field a dataset."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import anyio.to_thread
import strawberry
from strawberry.types.field import StrawberryField

from bilan.graphql.catalogue.answers import present, selected_metrics, wants_previous, wants_totals
from bilan.graphql.catalogue.extras import extra_field
from bilan.graphql.catalogue.inputs import IntervalInput, PeriodInput, filter_value
from bilan.graphql.catalogue.shapes import Shape, shape
from bilan.graphql.context import Context, Info
from bilan.graphql.enums import Compare
from bilan.graphql.limits import QUESTION_COST
from bilan.graphql.names import local, pascal
from bilan.graphql.selection import Selection
from bilan.parameters.times import parse_zone
from bilan.sdk.errors import Invalid
from bilan.sdk.filters import FilterValue
from bilan.sdk.periods import Interval, Span
from bilan.sdk.query import WHOLE, Order, QueryClient, Question
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from bilan.registry.declared import Declared, Registry

MAX_ROWS = 10_000


def catalogue_fields(registry: Registry) -> dict[str, StrawberryField]:
    """The query's fields that come from plugins, by namespace."""
    fields: dict[str, StrawberryField] = {}
    for declared in registry.declared:
        if declared.datasets or declared.query_fields:
            fields[declared.plugin.namespace] = _plugin_field(registry, declared)
    return fields


def _plugin_field(registry: Registry, declared: Declared) -> StrawberryField:
    plugin = declared.plugin
    fields: dict[str, StrawberryField] = {
        local(dataset.key): _dataset_field(shape(registry, dataset)) for dataset in declared.datasets
    }
    for extra in declared.query_fields:
        fields[extra.name] = extra_field(plugin.namespace, extra)
    name = pascal(plugin.namespace)
    made = strawberry.type(
        type(name, (), {**fields, "__module__": __name__}),
        name=name,
        description=f"{plugin.label}: its datasets and what else it offers.",
    )

    async def resolve(info: Info) -> Any:
        info.context.actor  # noqa: B018 - refuses strangers before anything is asked
        return made()

    resolve.__annotations__ = {"info": Info, "return": made}
    return strawberry.field(resolver=resolve, description=f"{plugin.label}.")


def _dataset_field(shape: Shape) -> StrawberryField:
    async def resolve(
        info: Info,
        period: Any = None,
        interval: Any = None,
        by: Any = None,
        filters: Any = None,
        compare: Compare = Compare.NONE,
        zone: str | None = None,
        sources: Any = None,
        order: Any = None,
        limit: int = 1000,
        offset: int = 0,
    ) -> Any:
        asked = _CatalogueQuery(info, shape, sources)
        return await asked.answer(
            period=period, interval=interval, by=by or [], filters=filters, compare=compare,
            zone=zone, order=order or [], limit=limit, offset=offset,
        )  # fmt: skip

    resolve.__annotations__ = {
        "info": Info,
        "period": _argument(PeriodInput | None, "The days asked for; all time without one."),
        "interval": _argument(IntervalInput | None, "How the period is cut; not at all without one."),
        "by": _argument(list[shape.dimensions] | None, "What rows are broken down by."),
        "compare": _argument(Compare, "What the period is held against."),
        "zone": _argument(str | None, "The zone that cuts days (IANA name); yours without one."),
        "sources": _argument(list[strawberry.ID] | None, "Only these sources, by id or name."),
        "order": _argument(list[shape.order] | None, "How rows are sorted."),
        "limit": _argument(int, f"At most so many rows, up to {MAX_ROWS}; totals cover everything."),
        "offset": _argument(int, "How many rows to pass over."),
        "return": shape.answer,
    }
    if shape.filters is not None:
        resolve.__annotations__["filters"] = _argument(
            shape.filters | None, "Ways to narrow; all given ones hold."
        )
        function: Callable[..., Any] = resolve
    else:
        function = _without_filters(resolve)
    return strawberry.field(
        resolver=function, description=f"{shape.dataset.label}. {shape.dataset.description}"
    )


def _without_filters(resolve: Callable[..., Any]) -> Callable[..., Any]:
    async def narrowed(
        info: Info,
        period: Any = None,
        interval: Any = None,
        by: Any = None,
        compare: Compare = Compare.NONE,
        zone: str | None = None,
        sources: Any = None,
        order: Any = None,
        limit: int = 1000,
        offset: int = 0,
    ) -> Any:
        return await resolve(info, period, interval, by, None, compare, zone, sources, order, limit, offset)

    narrowed.__annotations__ = dict(resolve.__annotations__)
    return narrowed


def _argument(annotation: Any, description: str) -> Any:
    return Annotated[annotation, strawberry.argument(description=description)]


class _CatalogueQuery:
    """One question of a request, on its way to the warehouse and back."""

    def __init__(self, info: Info, shape: Shape, sources: list[str] | None) -> None:
        self.info = info
        self.context: Context = info.context
        self.shape = shape
        self.wanted = sources
        self.selection = Selection(info._raw_info)

    async def answer(self, **given: Any) -> Any:
        """Build the question from the arguments and the selection, ask it, present the answer."""
        services, actor = self.context.services, self.context.actor
        self.context.spend(QUESTION_COST)
        readable = await services.sources.readable(actor, self.wanted)
        client = await services.query.session([source.id for source in readable])
        question = await anyio.to_thread.run_sync(partial(self._question, client, **given))
        answer = await anyio.to_thread.run_sync(client, question)
        names = {str(source.id): source.name for source in readable}
        return present(self.shape, answer, names, self.context.formatter)

    def _question(self, client: QueryClient, **given: Any) -> Question:
        if not 1 <= given["limit"] <= MAX_ROWS:
            raise Invalid(_("A limit is from 1 to {most} rows.", most=MAX_ROWS), ("limit",))
        if given["offset"] < 0:
            raise Invalid(_("An offset is zero or more rows."), ("offset",))
        filters = self._filters(given["filters"])
        span = self._span(client, given["period"], given["zone"], filters)
        interval: Interval = given["interval"].value() if given["interval"] else WHOLE
        if span is None and (interval is not WHOLE or given["compare"] is not Compare.NONE):
            raise Invalid(_("An interval or a comparison needs a period."), ("period",))
        compare = given["compare"].of(span) if span and wants_previous(self.selection) else None
        return Question(
            dataset=self.shape.dataset.key,
            metrics=self._metrics(given["order"]),
            span=span,
            interval=interval,
            by=tuple(dict.fromkeys(one.value for one in given["by"])),
            filters=filters,
            compare=compare,
            order=tuple(Order(one.key.value, one.descending) for one in given["order"]),
            limit=given["limit"],
            offset=given["offset"],
            totals=wants_totals(self.selection),
        )

    def _metrics(self, order: list[Any]) -> tuple[str, ...]:
        """What is selected, and what it is sorted by."""
        selected = selected_metrics(self.shape, self.selection)
        known = set(self.shape.metrics.values())
        sorts = (one.key.value for one in order if one.key.value in known)
        return tuple(dict.fromkeys((*selected, *sorts)))

    def _filters(self, given: Any) -> tuple[FilterValue, ...]:
        if given is None:
            return ()
        declared = self.context.services.registry.filters_of(self.shape.dataset.key)
        filled = [(one, getattr(given, one.name)) for one in declared]
        filled = [(one, value) for one, value in filled if value is not None]
        columns = self.shape.dataset.by_name
        # Whoever narrows figures down to one person sees what that person did.
        self.context.may_ask(personal=any(columns[one.column].personal for one, _value in filled))
        return tuple(filter_value(one, value) for one, value in filled)

    def _span(
        self,
        client: QueryClient,
        period: PeriodInput | None,
        zone: str | None,
        filters: tuple[FilterValue, ...],
    ) -> Span | None:
        if period is None:
            return None
        actor = self.context.actor
        zone_name = parse_zone(zone or actor.zone)
        place = ZoneInfo(zone_name)
        oldest: date | None = None
        if period.preset == "since_oldest":
            extent: tuple[datetime, datetime] | None = client.extent(self.shape.dataset.key, filters=filters)
            oldest = extent[0].astimezone(place).date() if extent else None
        today = self.context.services.clock.now().astimezone(place).date()
        return period.value().resolve(today, zone_name, first_weekday=actor.first_weekday, oldest=oldest)
