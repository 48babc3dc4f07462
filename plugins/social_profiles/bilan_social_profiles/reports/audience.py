"""Audience: how many follow, who came and who left, and how far profiles reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import structs

from bilan.sdk import (
    Answer,
    AnswerRow,
    Block,
    Chart,
    ChartKind,
    Interval,
    IntervalUnit,
    Message,
    Paragraph,
    Series,
    Table,
    timeline,
)
from bilan_social_profiles.profile_days import PROFILE_DAY_DATASET
from bilan_social_profiles.reports.figures import HEADINGS, METRIC, known, named, table_of, told
from bilan_social_profiles.reports.parameters import View
from bilan_social_profiles.reports.scope import Scope
from bilan_social_profiles.reports.words import called
from bilan_social_profiles.textdomain import _, ngettext

LEADING = ("followers", "followers_change", "profile_impressions", "profile_reach")
OTHERS = ("followers_gained", "followers_lost", "profile_views", "profile_visits", "profile_clicks")
COLUMNS = (
    "followers", "followers_change", "followers_gained", "followers_lost", "profile_impressions",
    "profile_reach", "profile_engagement", "engagement_rate_by_followers",
)  # fmt: skip
LINES = 8
"""Lines that one picture can hold; the table has all."""
NETWORK, PROFILE = ("network",), ("network", "profile")


def overview(scope: Scope) -> Iterator[Block]:
    """The leading figures, followers over time, and who came and left."""
    interval = scope.interval
    answer = scope.ask(PROFILE_DAY_DATASET, *LEADING, *OTHERS, interval=interval)
    if not any(answer.totals[METRIC[name].key] for name in (*LEADING, *OTHERS)):
        yield Paragraph(_("Nothing is known of followers and days of these profiles in this period."))
        return
    goal = ("followers", scope.goal("followers"))
    yield told("audience", answer, LEADING, finding(answer), leading=LEADING, goal=goal)
    over_time = interval.unit is not IntervalUnit.NONE
    if over_time:
        yield _followers(scope, answer, interval)
    if scope.profile is not None:
        return
    if known(answer, OTHERS):
        yield told("audience_more", answer, OTHERS)
    if over_time:
        yield from _courses(answer)


def tables(scope: Scope) -> Iterator[Table]:
    """The audience by network and by profile."""
    yield from scope.tables(_table)


def _courses(answer: Answer) -> Iterator[Chart]:
    ways = ("followers_gained", "followers_lost")
    if known(answer, ways):
        yield timeline(
            "gained_and_lost", _("Followers gained and lost"), answer, named(*ways),
            kind=ChartKind.BAR, compared=(),
        )  # fmt: skip
    if seen := known(answer, ("profile_impressions", "profile_reach")):
        title = _("Impressions and daily reach") if len(seen) > 1 else METRIC[seen[0]].label
        made = timeline("profile_impressions", title, answer, named(*seen))
        series = (structs.replace(one, label=HEADINGS[one.key]) for one in made.series)
        yield structs.replace(made, series=tuple(series))


def _followers(scope: Scope, answer: Answer, interval: Interval) -> Chart:
    """A line a profile where these are few enough, else a line a network; one line of all otherwise."""
    title = _("Followers")
    whole = timeline("followers", title, answer, named("followers"))
    by = _lines_by(scope)
    if not by:
        return whole
    broken = scope.ask(PROFILE_DAY_DATASET, "followers", interval=interval, by=by, compare=False)
    lines = lines_of(broken, METRIC["followers"].key)
    return structs.replace(
        whole,
        title=_("Followers by network") if by == NETWORK else _("Followers by profile"),
        series=tuple(
            Series(
                "/".join(keys),
                called(keys),
                [values.get(day) for day in whole.categories],
                whole.series[0].metric,
            )
            for keys, values in lines.items()
        ),
        previous=(),
        origin=broken.origin,
    )


def _lines_by(scope: Scope) -> tuple[str, ...]:
    """What has a line of its own: nothing where there is one alone, or more than a picture holds."""
    if scope.profile is not None:
        return ()
    for by in (NETWORK,) if scope.view is View.NETWORK else (PROFILE, NETWORK):
        if 1 < scope.ask(PROFILE_DAY_DATASET, "followers", by=by, compare=False).total_rows <= LINES:
            return by
    return ()


def lines_of(answer: Answer, key: str) -> dict[tuple[str, ...], dict[str, float | None]]:
    """The metric's values by first days, for each combination of dimensions, the largest last value first."""
    found = dict[tuple[str, ...], dict[str, float | None]]()
    for row in answer.rows:
        if row.bucket is not None:
            found.setdefault(row.keys, {})[row.bucket.start.isoformat()] = row.values[key]
    return dict(sorted(found.items(), key=lambda one: -(_last(one[1]) or 0)))


def _last(values: dict[str, float | None]) -> float | None:
    known = [(day, value) for day, value in values.items() if value is not None]
    return max(known)[1] if known else None


def _table(scope: Scope, by: tuple[str, ...]) -> Table:
    answer = scope.ask(PROFILE_DAY_DATASET, *COLUMNS, by=by)
    key, title = (
        ("audience_by_network", _("Audience by network")) if by == NETWORK
        else ("audience_by_profile", _("Audience by profile"))
    )  # fmt: skip
    return table_of(key, title, answer, COLUMNS, PROFILE_DAY_DATASET, _fastest(answer.rows))


def _fastest(rows: Sequence[AnswerRow]) -> Message | None:
    """Who won most followers; nothing where two did."""
    key = METRIC["followers_change"].key
    ranked = sorted(
        ((row.values[key], row.keys) for row in rows if row.values[key] is not None), reverse=True
    )
    if len(ranked) < 2 or ranked[0][0] == ranked[1][0] or ranked[0][0] <= 0:
        return None
    count, keys = ranked[0]
    return ngettext(
        "{who} gained most: one follower.",
        "{who} gained most: {count:count} followers.",
        count=count,
        who=called(keys),
    )


def finding(answer: Answer) -> Message | None:
    """How many follow, and how many more or fewer than before the period."""
    followers, change = (answer.totals[METRIC[name].key] for name in ("followers", "followers_change"))
    if followers is None:
        return None
    if not change:
        return ngettext("One follower.", "{count:count} followers.", count=followers)
    if change > 0:
        return ngettext(
            "One follower, {change:count} more than before the period.",
            "{count:count} followers, {change:count} more than before the period.",
            count=followers, change=change,
        )  # fmt: skip
    return ngettext(
        "One follower, {change:count} fewer than before the period.",
        "{count:count} followers, {change:count} fewer than before the period.",
        count=followers, change=-change,
    )  # fmt: skip
