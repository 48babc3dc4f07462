"""Posts one by one: the best as cards, and all of them as rows."""

from __future__ import annotations

from collections.abc import Iterator

from bilan.sdk import (
    AllOf,
    Block,
    ColumnType,
    Condition,
    Gallery,
    Message,
    Order,
    Origin,
    Present,
    Row,
    Table,
    TableColumn,
    Unit,
    Value,
    packed,
    plain_value,
)
from bilan_social_profiles.posts import POST_DATASET
from bilan_social_profiles.reports.figures import METRIC
from bilan_social_profiles.reports.parameters import RANK_BY, filters_of
from bilan_social_profiles.reports.scope import Scope
from bilan_social_profiles.reports.words import KINDS, NETWORKS
from bilan_social_profiles.textdomain import _
from bilan_social_profiles.vocabulary import POSTS

CARD = (
    "published_at", "network", "profile", "post", "kind", "text", "url", "picture", "engagement", "reactions",
    "comments", "shares", "reach", "impressions",
)  # fmt: skip
FIGURES = ("engagement", "reactions", "comments", "shares", "reach", "impressions")
ALL = (
    "published_at", "network", "profile", "post", "kind", "text", "url", "hashtags", "labels", "author",
    "paid", "impressions_organic", "impressions_paid", "impressions", "reach_organic", "reach_paid", "reach",
    "engagement", "engagement_rate_by_reach", "engagement_rate_by_impressions", "reactions", "comments",
    "shares", "saves", "clicks", "video_views",
)  # fmt: skip
"""Columns of the content performance file: what it is, what it reached, what it drew."""
RATES = {"engagement_rate_by_reach": "reach", "engagement_rate_by_impressions": "impressions"}
ON_PAGES = frozenset({
    "published_at", "network", "profile", "kind", "text", "reach", "impressions", "engagement",
    "engagement_rate_by_reach", "reactions", "comments", "shares", "clicks",
})  # fmt: skip
"""Columns that people read; data files have all."""
UNITS = {
    ColumnType.TEXT: Unit.TEXT,
    ColumnType.TEXTS: Unit.TEXTS,
    ColumnType.INTEGER: Unit.COUNT,
    ColumnType.NUMBER: Unit.NUMBER,
    ColumnType.INSTANT: Unit.INSTANT,
    ColumnType.BOOLEAN: Unit.BOOLEAN,
}


def gallery(scope: Scope) -> Iterator[Block]:
    """The posts that did best, as cards; nothing where none has the figure they are ranked by."""
    rank, top = scope.request["rank_by"], scope.request["top"]
    condition = AllOf(tuple(one for one in (scope.where, Present(rank)) if one is not None))
    figures = tuple(dict.fromkeys((rank, *FIGURES)))
    names = (*(one for one in CARD if one not in FIGURES), *figures)
    found = [
        [plain_value(row[name]) for name in names]
        for row in scope.building.rows(
            POSTS, names, span=scope.building.span, where=condition,
            filters=filters_of(scope.request, POSTS), order=(Order(rank), Order("published_at")), limit=top,
        )
    ]  # fmt: skip
    if not found:
        return
    table = Table(
        key="best_posts",
        title=_("Best posts by {figure}", figure=_rank_label(rank)),
        columns=tuple(_column(name, leads=True) for name in names),
        rows=found,
        file="best_posts",
        origin=_origin(scope, condition),
    )
    yield Gallery(
        table=table, picture="picture", text="text", time="published_at", link="url",
        caption=("network", "profile"), figures=figures,
    )  # fmt: skip


def posts(scope: Scope) -> Iterator[Table]:
    """Every post with its figures, the newest first; read row by row, however many there are."""
    names = tuple(one for one in ALL if one not in RATES)
    found = scope.building.rows(
        POSTS, names, span=scope.building.span, where=scope.where,
        filters=filters_of(scope.request, POSTS), order=(Order("published_at"),),
    )  # fmt: skip
    table = Table(
        key="posts",
        title=_("All posts"),
        columns=tuple(_column(name, leads=False) for name in ALL),
        file="content_performance",
        detail=True,
    )
    yield scope.building.keep(table, (_cells(row) for row in found))


def _cells(row: Row) -> list[Value]:
    return [_rate(row, RATES[name]) if name in RATES else plain_value(row[name]) for name in ALL]


def _rate(row: Row, whole: str) -> float | None:
    """Engagement divided by what it is a share of; nothing where one of them is not known."""
    if row["engagement"] is None or not row[whole]:
        return None
    return row["engagement"] / row[whole]


def _column(name: str, *, leads: bool) -> TableColumn:
    """The column; the figures of one that leads are shown with the post as its network tells it."""
    if name in RATES:
        metric = METRIC[name]
        return TableColumn(key=name, label=metric.label, unit=metric.unit, data=name not in ON_PAGES)
    column = POST_DATASET.by_name[name]
    return TableColumn(
        key=name,
        label=column.label,
        unit=UNITS[column.type],
        metric=METRIC[name].key if leads and name in METRIC else None,
        personal=column.personal,
        names=KINDS if name == "kind" else NETWORKS if name == "network" else {},
        data=name not in ON_PAGES,
    )


def _rank_label(rank: str) -> Message:
    choices = {one.value: one.label for one in RANK_BY.choices} if isinstance(RANK_BY.choices, tuple) else {}
    label = choices[rank]
    return label if isinstance(label, Message) else _("{name}", name=label)


def _origin(scope: Scope, condition: Condition) -> Origin:
    """A figure of a row leads to its post."""
    return Origin(
        dataset=POSTS,
        where=packed(condition),
        span=scope.building.span,
        by=("network", "profile", "post"),
    )
