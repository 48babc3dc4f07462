"""Content: what was published, how it did, when it does best, and what of it was paid for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from msgspec import structs

from bilan.sdk import (
    HOUR,
    WEEKDAY,
    Answer,
    Block,
    Chart,
    ChartKind,
    IntervalUnit,
    Message,
    Paragraph,
    Present,
    Series,
    Sum,
    Table,
    heatmap,
    tiles,
    timeline,
)
from bilan_social_profiles.posts import POST_DATASET
from bilan_social_profiles.reports.figures import METRIC, known, named, table_of, told
from bilan_social_profiles.reports.scope import Scope
from bilan_social_profiles.reports.words import KINDS, PAID, called
from bilan_social_profiles.textdomain import _, ngettext

LEADING = ("posts", "reach", "engagement", "engagement_rate_by_reach")
OTHERS = (
    "impressions", "engagement_rate_by_impressions", "reactions", "comments", "shares", "saves", "clicks",
    "video_views",
)  # fmt: skip
COLUMNS = (
    "posts", "impressions", "reach", "engagement", "engagement_rate_by_reach",
    "engagement_rate_by_impressions", "reactions", "comments", "shares", "clicks",
)  # fmt: skip
PARTS = ("impressions_organic", "impressions_paid", "reach_organic", "reach_paid")
BY = {"kind": _("By type of post"), "hashtags": _("By hashtag"), "labels": _("By label")}
CHARTS = {"kind": _("Engagement by type of post"), "hashtags": _("Engagement by hashtag")}
"""What has a chart; labels are the team's own, and looked up."""
NAMED: dict[str, Callable[[str], Message | str]] = {
    "kind": lambda code: _("“{name}”", name=KINDS.get(code, code)),
    "hashtags": lambda tag: f"#{tag}",
}
"""What a finding calls the values of a column."""
CHARTED = 10
BEST_HOURS = 3
FEW = 2
"""Posts below which an hour says nothing."""


def overview(scope: Scope) -> Iterator[Block]:
    """The leading figures and their courses."""
    interval = scope.interval
    answer = scope.ask(POST_DATASET, *LEADING, *OTHERS, interval=interval)
    if not answer.totals[METRIC["posts"].key]:
        yield Paragraph(_("Nothing was published in this period."))
        return
    goal = ("engagement", scope.goal("engagement"))
    yield told("content", answer, LEADING, finding(answer), leading=LEADING, goal=goal)
    over_time = interval.unit is not IntervalUnit.NONE
    if over_time and known(answer, ("engagement",)):
        yield timeline("engagement", METRIC["engagement"].label, _without_gaps(answer), named("engagement"))
    if scope.profile is not None:
        return
    if known(answer, OTHERS):
        yield told("content_more", answer, OTHERS)
    if over_time:
        yield timeline("published", _("Posts published"), answer, named("posts"), kind=ChartKind.BAR)


def _without_gaps(answer: Answer) -> Answer:
    """Sums over posts are zero where none was published; rates, and what no network tells, stay empty."""
    posts = METRIC["posts"].key
    sums = [one.key for one in named(*LEADING, *OTHERS) if isinstance(one.formula, Sum)]

    def filled(values: Mapping[str, Any]) -> Mapping[str, Any]:
        return values if values[posts] else {**values, **dict.fromkeys(sums, 0)}

    rows = (
        replace(row, values=filled(row.values), previous=row.previous and filled(row.previous))
        for row in answer.rows
    )
    return replace(answer, rows=tuple(rows))


def best_hours(scope: Scope) -> Iterator[Block]:
    """Engagement of a post by the weekday and hour at which it was published."""
    metric, count = METRIC["mean_engagement"], METRIC["posts_with_engagement"]
    answer = scope.ask(
        POST_DATASET, "mean_engagement", "posts_with_engagement", by=(WEEKDAY, HOUR), compare=False
    )
    if not answer.rows:
        return
    yield from heatmap(
        "best_hours", _("Engagement of a post by weekday and hour"), answer, metric, POST_DATASET,
        first_weekday=scope.request.first_weekday, headline=best(answer, metric.key, count.key),
    )  # fmt: skip


def best(answer: Answer, key: str, count: str) -> Message | None:
    """The hours at which posts did best, three at most, of those that a few were published at.

    Nothing where they do not stand out.
    """
    known = (
        (row.values[key], row.keys) for row in answer.rows if row.values[key] and row.values[count] >= FEW
    )
    ranked = sorted(known, reverse=True)
    # Behind the last of them come the hours at which fewer were published.
    values = [*(value for value, _keys in ranked), *([0] if len(ranked) < len(answer.rows) else [])]
    ahead = [
        place
        for place in range(1, BEST_HOURS + 1)
        if len(values) > place and values[place - 1] > values[place]
    ]
    if not ahead:
        return None
    hours = [
        _("{day:weekday} at {hour:hour}", day=int(day), hour=int(hour)) for _value, (day, hour) in ranked
    ]
    match hours[: ahead[-1]]:
        case [first, second, third]:
            return _(
                "Posts did best on {first}, {second} and {third}.", first=first, second=second, third=third
            )
        case [first, second]:
            return _("Posts did best on {first} and {second}.", first=first, second=second)
        case [first, *_others]:
            return _("Posts did best on {first}.", first=first)
        case _:
            return None


def tables(scope: Scope) -> Iterator[Table]:
    """The content by network and by profile."""
    yield from scope.tables(_table)


def _table(scope: Scope, by: tuple[str, ...]) -> Table:
    answer = scope.ask(POST_DATASET, *COLUMNS, by=by)
    key, title = (
        ("content_by_network", _("Content by network")) if len(by) == 1
        else ("content_by_profile", _("Content by profile"))
    )  # fmt: skip
    return table_of(key, title, answer, COLUMNS, POST_DATASET, leader(answer, by))


def breakdown(scope: Scope, column: str) -> Iterator[Block]:
    """The posts by a column, as a chart and as a table, where any has something in it."""
    answer = scope.ask(POST_DATASET, *COLUMNS, by=(column,), compare=False)
    rows = [row for row in answer.rows if row.keys[0]]
    if not rows:
        return
    title = BY[column]
    engagement = METRIC["engagement"]
    ranked = sorted(rows, key=lambda row: -(row.values[engagement.key] or 0))[:CHARTED]
    names = KINDS if column == "kind" else {}
    if charted := len(ranked) > 1 and column in CHARTS and scope.profile is None:
        yield Chart(
            key=f"chart_{column}",
            kind=ChartKind.BAR,
            title=CHARTS[column],
            description=_("Engagement of posts, bar by bar, the highest first."),
            categories=[row.keys[0] for row in ranked],
            names=names,
            series=(
                Series(
                    engagement.key,
                    engagement.label,
                    [row.values[engagement.key] for row in ranked],
                    engagement.key,
                ),
            ),
            origin=answer.origin,
            headline=leader(answer, (column,)),
        )
    table = table_of(f"by_{column}", title, answer, COLUMNS, POST_DATASET)
    first, *others = table.columns
    note = None if column == "kind" else _("A post with several counts with each of them.")
    yield structs.replace(
        table,
        columns=(structs.replace(first, names={**first.names, **names}), *others),
        note=table.note or note,
        detail=charted or column not in CHARTS or scope.profile is not None,
    )


def paid(scope: Scope) -> Iterator[Block]:
    """Paid apart from organic: figures that networks tell apart, and posts that were paid for."""
    parts = scope.ask(POST_DATASET, *PARTS)
    shown = known(parts, PARTS)
    if shown:
        yield tiles("paid_and_organic", parts, named(*shown), headline=_paid_part(parts))
    answer = scope.ask(POST_DATASET, *COLUMNS, by=("paid",), where=Present("paid"), compare=False)
    if len(answer.rows) > 1 or any(row.keys[0] == "true" for row in answer.rows):
        title = _("Posts that were paid for, and others")
        table = table_of("by_paid", title, answer, COLUMNS, POST_DATASET)
        first, *others = table.columns
        columns = (structs.replace(first, names=PAID), *others)
        yield structs.replace(table, columns=columns, detail=bool(shown))


def _paid_part(answer: Answer) -> Message | None:
    organic, bought = (answer.totals[METRIC[f"impressions_{way}"].key] for way in ("organic", "paid"))
    if not bought or organic is None:
        return None
    return _("{share:proportion} of the impressions were paid for.", share=bought / (organic + bought))


def leader(answer: Answer, by: tuple[str, ...]) -> Message | None:
    """What drew most engagement, where there are several and one is before all others."""
    key = METRIC["engagement"].key
    ranked = sorted(
        ((row.values[key], row.keys) for row in answer.rows if row.values[key] and row.keys[0]), reverse=True
    )
    total = answer.totals[key]
    if len(ranked) < 2 or ranked[0][0] == ranked[1][0] or not total:
        return None
    count, keys = ranked[0]
    who = NAMED[by[0]](keys[0]) if by[0] in NAMED else called(keys)
    return _("{who} drew {share:proportion} of all engagement.", who=who, share=count / total)


def finding(answer: Answer) -> Message | None:
    """How many posts there were, and what they drew."""
    posts, engagement = (answer.totals[METRIC[name].key] for name in ("posts", "engagement"))
    if engagement is None:
        return ngettext("One post was published.", "{count:count} posts were published.", count=posts)
    return ngettext(
        "One post drew {engagement:count} reactions, comments, shares and the like.",
        "{count:count} posts drew {engagement:count} reactions, comments, shares and the like.",
        count=posts, engagement=engagement,
    )  # fmt: skip
