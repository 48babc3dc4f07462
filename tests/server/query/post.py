"""A post office's facts: small, and with a column of every type."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from bilan.registry.declared import Declared, Registry
from bilan.sdk.conditions import AllOf, HasAny, In, Is, Present
from bilan.sdk.datasets import Column, ColumnType, Dataset, DistinctKey, Keep, Once, Rollup
from bilan.sdk.filters import Filter, FilterKind
from bilan.sdk.messages import Message
from bilan.sdk.metrics import Count, Distinct, Formula, Max, Mean, Metric, Min, Quantile, Ratio, Sum
from bilan.sdk.plugins import Plugin

NAME = Message("Name")
PARIS = UUID("11111111-1111-4111-8111-111111111111")
LYON = UUID("f2222222-2222-4222-8222-222222222222")
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)

COLUMNS = (
    Column("occurred_at", ColumnType.INSTANT, NAME),
    Column("event_id", ColumnType.TEXT, NAME),
    Column("kind", ColumnType.TEXT, NAME, dimension=True),
    Column("contact", ColumnType.TEXT, NAME, personal=True),
    Column("country", ColumnType.TEXT, NAME, dimension=True, nullable=True),
    Column("tags", ColumnType.TEXTS, NAME, dimension=True),
    Column("topics", ColumnType.TEXTS, NAME),
    Column("weight", ColumnType.INTEGER, NAME, nullable=True),
    Column("rooms", ColumnType.INTEGER, NAME),
    Column("price", ColumnType.NUMBER, NAME, nullable=True),
    Column("express", ColumnType.BOOLEAN, NAME, dimension=True),
    Column("again", ColumnType.BOOLEAN, NAME),
    Column("due", ColumnType.DATE, NAME, nullable=True),
    Column("opened_at", ColumnType.INSTANT, NAME, nullable=True),
)
ROLLUP = Rollup(
    ("kind", "country", "tags", "express", "again"),
    keys=(
        DistinctKey(("contact",)),
        DistinctKey(("contact", "kind"), present=("contact",)),
        DistinctKey(("source", "country", "contact"), present=("contact",)),
        DistinctKey(("country",)),
        DistinctKey(("kind", "country", "contact"), present=("contact",), unless=(("country", "kind"),)),
    ),
    sums=("weight",),
)
ONCE = Once(
    "again",
    outcomes=((("kind", "opened"),), (("kind", "sent"), ("country", "fr"))),
    keys=(DistinctKey(("contact",), present=("contact",)), DistinctKey(("tags",), present=("tags",))),
    undated="express",
)
LETTERS = Dataset(
    "post.letters", NAME, NAME, COLUMNS, identity=("event_id",), rollup=ROLLUP, once=ONCE, contact="contact"
)
PARCELS = replace(LETTERS, key="post.parcels", keep=Keep.LAST, once=None)

FORMULAS: dict[str, Formula] = {
    "all": Count(),
    "sent": Count(Is("kind", "sent")),
    "opened": Count(Is("kind", "opened")),
    "opened_once": Count(AllOf((Is("kind", "opened"), Is("again", value=False)))),
    "once": Count(Is("again", value=False)),
    "again": Count(Is("again", value=True)),
    "red": Count(HasAny("tags", ("red", "dark red"))),
    "people": Distinct(("contact",)),
    "openers": Distinct(("contact", "kind"), In("kind", ("opened", "clicked"))),
    "known_openers": Distinct(("contact", "kind"), AllOf((Present("contact"), Is("kind", "opened")))),
    "known_people": Distinct(("source", "country", "contact"), Present("contact")),
    "guarded": Distinct(("kind", "country", "contact"), Present("contact")),
    "mean_weight": Mean("weight", Is("express", value=True)),
    "countries": Distinct(("country",)),
    "weight": Sum("weight"),
    "sent_weight": Sum("weight", Is("kind", "sent")),
    "stated_price": Sum("price", empty=True),
    "stated_weight": Sum("weight", Is("kind", "sent"), empty=True),
    "price": Mean("price"),
    "middle": Quantile("weight", 0.5),
    "slowest": Quantile("weight", 0.95, Is("express", value=False)),
    "first": Min("occurred_at"),
    "last": Max("opened_at", Is("kind", "opened")),
    "least": Min("price"),
    "open_rate": Ratio("opened", "sent"),
    "each": Ratio("weight", "people"),
    "opened_of_sent": Ratio("opened", "sent", proportion=True),
}


def _metrics(dataset: str) -> tuple[Metric, ...]:
    space = dataset.removeprefix("post.")
    metrics: list[Metric] = []
    for key, formula in FORMULAS.items():
        if isinstance(formula, Ratio):
            formula = replace(
                formula,
                numerator=f"post.{space}_{formula.numerator}",
                denominator=f"post.{space}_{formula.denominator}",
            )
        metrics.append(Metric(f"post.{space}_{key}", dataset, NAME, NAME, formula, NAME))
    return tuple(metrics)


def _filter(key: str, column: str, kind: FilterKind) -> Filter:
    return Filter(f"post.{key}", ("post.letters", "post.parcels"), column, kind, NAME, NAME)


REGISTRY = Registry(
    (
        Declared(
            Plugin("post", "post", NAME, "bilan-post"),
            datasets=(LETTERS, PARCELS),
            metrics=(*_metrics("post.letters"), *_metrics("post.parcels")),
            filters=(
                _filter("tags", "tags", FilterKind.TAGS),
                _filter("kind", "kind", FilterKind.CHOICES),
                _filter("contact", "contact", FilterKind.TEXT),
                _filter("express", "express", FilterKind.FLAG),
                _filter("weight", "weight", FilterKind.RANGE),
            ),
        ),
    )
)
