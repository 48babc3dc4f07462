"""A plugin with one kind of report, whose figures are known without asking the server.

An order comes in every twenty minutes, from one country after the other, and each day some of them fail to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bilan.delivery.plugin import DELIVERY
from bilan.registry.declared import Registry
from bilan.registry.gather import load
from bilan.rendering.plugin import RENDERING
from bilan.sdk.conditions import In
from bilan.sdk.datasets import Column, ColumnType, Dataset
from bilan.sdk.document import Kpi, Kpis, Table, TableColumn
from bilan.sdk.hooks import hookimpl
from bilan.sdk.messages import messages
from bilan.sdk.metrics import Count, Metric
from bilan.sdk.parameters import Parameter, ParameterKind
from bilan.sdk.plugins import Plugin
from bilan.sdk.query import Question
from bilan.sdk.reports import Building, Report, ReportKind, ReportRequest
from bilan.sdk.sources import SourceKind
from bilan.sdk.units import Unit

_ = messages("chaos")[0]

TILL = UUID(int=1)
COUNTRIES = ("fr", "jp", "br")
NOWHERE = "aq"
"""A country without an order."""
APART = timedelta(minutes=20)
A_DAY = 72
KIND = "chaos.takings"
FILTER = "countries"
"""The parameter by which it is narrowed, and split."""
ORDERED = "chaos.ordered"
TILE = "ordered"

ORDERS = Dataset(
    key="chaos.orders",
    label=_("Orders"),
    description=_("What was ordered."),
    columns=(
        Column("occurred_at", ColumnType.INSTANT, _("When")),
        Column("order", ColumnType.TEXT, _("Order")),
        Column("country", ColumnType.TEXT, _("Country"), dimension=True),
    ),
    identity=("order",),
)


def orders(until: datetime, days: int) -> list[dict[str, Any]]:
    """The orders of so many days before an instant (UTC), as rows of the dataset."""
    first = until.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)
    return [
        {
            "occurred_at": first + number * APART,
            "order": f"order-{number}",
            "country": COUNTRIES[number % len(COUNTRIES)],
        }
        for number in range(int((until - first) / APART))
        if number % 13 >= number // A_DAY % 12
    ]


def ordered_on(
    rows: Sequence[Mapping[str, Any]], day: date, zone: str, countries: tuple[str, ...] = ()
) -> int:
    """How many orders of some countries, or of all, there were on a day of a zone."""
    local = ZoneInfo(zone)
    return sum(
        row["occurred_at"].astimezone(local).date() == day and row["country"] in (countries or COUNTRIES)
        for row in rows
    )


def takings(request: ReportRequest, client: Building) -> Report:
    """How many orders there were, and in which countries."""
    countries = tuple(request.values["countries"])
    where = In("country", countries) if countries else None
    answer = client(Question(ORDERS.key, (ORDERED,), request.span(), by=("country",), where=where))
    table = Table(
        key="countries",
        title=_("Countries"),
        file="countries",
        columns=(
            TableColumn(key="country", label=_("Country")),
            TableColumn(key="orders", label=_("Number of orders"), unit=Unit.COUNT),
        ),
    )
    tile = Kpi(key=TILE, label=_("Number of orders"), value=answer.totals[ORDERED], metric=ORDERED)
    lines = [[row.keys[0], row.values[ORDERED]] for row in answer.rows]
    return Report(_("Takings"), (Kpis("totals", (tile,)), client.keep(table, lines)))


class Shop:
    """The plugin."""

    @hookimpl
    def register_plugin(self) -> Plugin:
        """Its name."""
        return Plugin(name="chaos", namespace="chaos", label=_("Shop"), package="benchmarks")

    @hookimpl
    def register_datasets(self) -> tuple[Dataset, ...]:
        """The orders."""
        return (ORDERS,)

    @hookimpl
    def register_metrics(self) -> tuple[Metric, ...]:
        """How many there are."""
        label = _("Number of orders")
        return (Metric(ORDERED, ORDERS.key, label, label, Count(), label),)

    @hookimpl
    def register_sources(self) -> tuple[SourceKind, ...]:
        """A till."""
        return (SourceKind("till", _("Till"), _("Orders of a till.")),)

    @hookimpl
    def register_reports(self) -> tuple[ReportKind, ...]:
        """The takings of a day, in some countries or in all."""
        countries = Parameter(FILTER, _("Countries"), ParameterKind.TAGS)
        return (ReportKind(KIND, _("Takings"), _("What was ordered."), (countries,), takings, (ORDERS.key,)),)


def registry() -> Registry:
    """What a server with this plugin alone knows."""
    return load([("chaos", Shop()), ("rendering", RENDERING), ("delivery", DELIVERY)], installed=False)
