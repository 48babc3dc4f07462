"""What every field of a dataset can be narrowed by: sources, filters and a period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import strawberry

from bilan.graphql.catalogue.arguments import FieldArgument
from bilan.graphql.catalogue.inputs import PeriodInput, filter_value
from bilan.graphql.context import Context
from bilan.parameters.times import parse_zone
from bilan.query.kept import LAST
from bilan.sdk.datasets import Dataset
from bilan.sdk.filters import FilterValue
from bilan.sdk.periods import DAY, Interval, Preset, Span, midnight
from bilan.sdk.query import WHOLE
from bilan.warehouse.due import due_columns

if TYPE_CHECKING:
    from bilan.query.session import QuerySession


PERIOD = FieldArgument(PeriodInput | None, "The days asked for; all time without one.")
ZONE = FieldArgument(str | None, "The zone that cuts days (IANA name); yours without one.")
SOURCES = FieldArgument(list[strawberry.ID] | None, "Only these sources, by id or name.")


def filter_argument(filters: type | None) -> dict[str, FieldArgument]:
    """The filters of a dataset that has any."""
    return (
        {"filters": FieldArgument(filters | None, "Ways to narrow; all given ones hold.")} if filters else {}
    )


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Reads the arguments that narrow a dataset, on behalf of whoever sent the request."""

    context: Context
    dataset: Dataset

    async def session(
        self, sources: list[str] | None, as_of: datetime | None = None
    ) -> tuple[QuerySession, dict[UUID, str]]:
        """Asks of the sources that may be read, which are named by their ids."""
        services = self.context.services
        readable = await services.sources.readable(self.context.actor, sources)
        names = {source.id: source.name for source in readable}
        return await services.query.session(names, as_of=as_of), names

    def filters(self, given: Any) -> tuple[FilterValue, ...]:
        """The filters that are filled in. Raises ``Forbidden`` where one tells persons apart."""
        if given is None:
            return ()
        declared = self.context.services.registry.filters_of(self.dataset.key)
        filled = [(one, getattr(given, one.name)) for one in declared]
        filled = [(one, value) for one, value in filled if value is not None]
        columns = self.dataset.by_name
        # Whoever narrows figures down to one person sees what that person did.
        self.context.may_ask(personal=any(columns[one.column].personal for one, _value in filled))
        return tuple(filter_value(one, value) for one, value in filled)

    def note(
        self,
        client: QuerySession,
        period: PeriodInput | None,
        spans: Sequence[Span],
        interval: Interval = WHOLE,
        *,
        carried: bool = False,
    ) -> None:
        """Note what an answer is made of, for whoever would keep it.

        ``carried``: of facts from before the spans, too, whose values still hold in them.
        """
        ingredients = self.context.ingredients
        if ingredients is None:
            return
        if self.dataset.retention_days is not None or due_columns(self.dataset):
            ingredients.keepable = False  # facts go or change by themselves, without a word in the manifest
        # An answer says which of its intervals are still running.
        running = [span for span in spans if span.instants[1] > client.as_of]
        buckets = (one for span in running for one in interval.buckets(span))
        # … and carries values into those that have begun.
        edges = (edge for one in buckets for edge in (one.starts_at, one.ends_at))
        ends = [edge for edge in edges if edge > client.as_of]
        preset = period.preset if period is not None else None
        if preset is not None:
            zone = spans[0].zone
            ends.append(midnight(client.as_of.astimezone(ZoneInfo(zone)).date() + DAY, zone))
        everything = not spans or preset is Preset.SINCE_OLDEST
        until = min(ends, default=LAST)
        ingredients.add(client, self.dataset.key, None if everything else spans, until, carried=carried)

    def span(
        self,
        client: QuerySession,
        period: PeriodInput | None,
        zone: str | None,
        filters: tuple[FilterValue, ...],
    ) -> Span | None:
        """The days of a period, which may begin with the oldest fact. Blocking."""
        actor = self.context.actor
        zone_name = parse_zone(actor.zone if zone is None else zone)
        if period is None:
            return None
        place = ZoneInfo(zone_name)
        oldest: date | None = None
        if period.preset == "since_oldest":
            extent = client.extent(self.dataset.key, filters=filters, zone=zone_name)
            oldest = extent[0].astimezone(place).date() if extent else None
        today = self.context.services.clock.now().astimezone(place).date()
        return period.value().resolve(today, zone_name, first_weekday=actor.first_weekday, oldest=oldest)
