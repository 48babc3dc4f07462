"""Content: what was published, how it did, when it does best, and what of it was paid for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import structs

from bilan.sdk import (
    HOUR,
    WEEKDAY,
    Answer,
    Block,
    Chart,
    ChartKind,
    IntervalUnit,
    Kpis,
    Message,
    Paragraph,
    Present,
    Series,
    Table,
    answer_table,
    heatmap,
    tiles,
    timeline,
)
from bilan_social_profiles.posts import POST_DATASET
from bilan_social_profiles.reports.figures import METRIC, named
from bilan_social_profiles.reports.scope import Scope, worded
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
    yield _tiles(answer)
    if interval.unit is not IntervalUnit.NONE:
        yield timeline("published", METRIC["posts"].label, answer, named("posts"), kind=ChartKind.BAR)
        yield timeline("engagement", METRIC["engagement"].label, answer, named("engagement"))


def _tiles(answer: Answer) -> Kpis:
    shown = [one for one in (*LEADING, *OTHERS) if answer.totals[METRIC[one].key] is not None]
    made = tiles("content", answer, named(*shown), headline=finding(answer))
    leading = {METRIC[name].key for name in LEADING}
    return structs.replace(
        made, tiles=tuple(structs.replace(one, lead=one.key in leading) for one in made.tiles)
    )


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
    for by in scope.breakdowns:
        yield _table(scope, by)


def _table(scope: Scope, by: tuple[str, ...]) -> Table:
    answer = scope.ask(POST_DATASET, *COLUMNS, by=by)
    key, title = (
        ("content_by_network", _("Content by network")) if len(by) == 1
        else ("content_by_profile", _("Content by profile"))
    )  # fmt: skip
    return worded(
        answer_table(key, title, answer, named(*_known(answer)), POST_DATASET, headline=leader(answer, by))
    )


def breakdown(scope: Scope, column: str) -> Iterator[Block]:
    """The posts by a column, drawn and as a table, where any has something in it."""
    answer = scope.ask(POST_DATASET, *COLUMNS, by=(column,), compare=False)
    rows = [row for row in answer.rows if row.keys[0]]
    if not rows:
        return
    title = BY[column]
    engagement = METRIC["engagement"]
    drawn = sorted(rows, key=lambda row: -(row.values[engagement.key] or 0))[:CHARTED]
    names = KINDS if column == "kind" else {}
    if len(drawn) > 1:
        yield Chart(
            key=f"chart_{column}",
            kind=ChartKind.BAR,
            title=title,
            description=_("Engagement of posts, bar by bar, the highest first."),
            categories=[row.keys[0] for row in drawn],
            names=names,
            series=(
                Series(
                    engagement.key,
                    engagement.label,
                    [row.values[engagement.key] for row in drawn],
                    engagement.key,
                ),
            ),
            origin=answer.origin,
        )
    table = answer_table(f"by_{column}", title, answer, named(*_known(answer)), POST_DATASET)
    first, *others = table.columns
    note = None if column == "kind" else _("A post with several counts with each of them.")
    yield structs.replace(
        table,
        columns=(structs.replace(first, names={**first.names, **names}), *others),
        note=table.note or note,
    )


def paid(scope: Scope) -> Iterator[Block]:
    """Paid apart from organic: figures that networks tell apart, and posts that were paid for."""
    parts = scope.ask(POST_DATASET, *PARTS)
    shown = [one for one in PARTS if parts.totals[METRIC[one].key] is not None]
    if shown:
        yield tiles("paid_and_organic", parts, named(*shown), headline=_paid_part(parts))
    answer = scope.ask(POST_DATASET, *COLUMNS, by=("paid",), where=Present("paid"), compare=False)
    if len(answer.rows) > 1 or any(row.keys[0] == "true" for row in answer.rows):
        title = _("Posts that were paid for, and others")
        table = answer_table("by_paid", title, answer, named(*_known(answer)), POST_DATASET)
        first, *others = table.columns
        yield structs.replace(table, columns=(structs.replace(first, names=PAID), *others))


def _paid_part(answer: Answer) -> Message | None:
    organic, bought = (answer.totals[METRIC[f"impressions_{way}"].key] for way in ("organic", "paid"))
    if not bought or organic is None:
        return None
    return _("{share:proportion} of the impressions were paid for.", share=bought / (organic + bought))


def _known(answer: Answer) -> Sequence[str]:
    """The columns of which anything is known."""
    return [one for one in COLUMNS if answer.totals[METRIC[one].key] is not None]


def leader(answer: Answer, by: tuple[str, ...]) -> Message | None:
    """Who drew most engagement, where there are several and one is before all others."""
    key = METRIC["engagement"].key
    ranked = sorted(((row.values[key], row.keys) for row in answer.rows if row.values[key]), reverse=True)
    total = answer.totals[key]
    if len(ranked) < 2 or ranked[0][0] == ranked[1][0] or not total:
        return None
    count, keys = ranked[0]
    return _(
        "{who} drew {share:proportion} of all engagement.", who=called(keys[: len(by)]), share=count / total
    )


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
