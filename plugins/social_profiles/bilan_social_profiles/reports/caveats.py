"""What a reader must know before comparing networks: figures that one does not tell, posts without a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import reduce

from bilan.sdk import UNDATED, Answer, Dataset, Is, Message, Question, Span
from bilan_social_profiles.community import COMMUNITY_DATASET
from bilan_social_profiles.posts import POST_DATASET
from bilan_social_profiles.profile_days import PROFILE_DAY_DATASET
from bilan_social_profiles.reports import audience, community, content
from bilan_social_profiles.reports.figures import METRIC
from bilan_social_profiles.reports.parameters import View, filters_of
from bilan_social_profiles.reports.scope import COUNTED, Scope
from bilan_social_profiles.reports.words import called
from bilan_social_profiles.textdomain import _, ngettext
from bilan_social_profiles.vocabulary import POSTS

FIGURES: dict[str, tuple[Dataset, Sequence[str]]] = {
    dataset.key: (dataset, tuple(dict.fromkeys(names)))
    for dataset, names in (
        (PROFILE_DAY_DATASET, (*audience.LEADING, *audience.OTHERS, *audience.COLUMNS)),
        (POST_DATASET, (*content.LEADING, *content.OTHERS)),
        (COMMUNITY_DATASET, (*community.LEADING, *community.OTHERS)),
    )
}


def caveats(scope: Scope, *datasets: str) -> tuple[Message, ...]:
    """The notes of a report that reads these datasets."""
    return (*_untold(scope, datasets), *(_undated(scope) if POSTS in datasets else ()), *_goals(scope))


def _untold(scope: Scope, datasets: Sequence[str]) -> Iterator[Message]:
    """A note for each network that lacks figures which another one tells."""
    lacking = dict[str, list[Message]]()
    for dataset, names in map(FIGURES.__getitem__, datasets):
        beside = ("followers_beside_engagement",) if dataset is PROFILE_DAY_DATASET else ()
        asked = tuple(dict.fromkeys((COUNTED[dataset.key], *names, *beside)))
        answer = scope.ask(dataset, *asked, by=("network",), compare=False)
        for row in answer.rows:
            lacking.setdefault(row.keys[0], []).extend(
                METRIC[name].label for name in names
                if row.values[METRIC[name].key] is None and answer.totals[METRIC[name].key] is not None
            )  # fmt: skip
        yield from _one_sided(answer)
    for network, figures in lacking.items():
        if figures:
            yield _(
                "{network} does not tell: {figures}. Totals of these are those of the other networks.",
                network=called((network,)),
                figures=reduce(_joined, figures),
            )


def _one_sided(answer: Answer) -> Iterator[Message]:
    """A note for each network whose engagement is divided by no followers of its own in the total."""
    above, below, rate = (
        METRIC[name].key
        for name in ("profile_engagement", "followers_beside_engagement", "engagement_rate_by_followers")
    )
    if answer.totals.get(rate) is None:
        return
    for row in answer.rows:
        if row.values[above] and row.values[below] is None:
            yield _(
                "The engagement of {network} is in the total engagement rate by followers, but its followers "
                "are not: they are not known.",
                network=called((row.keys[0],)),
            )


def _goals(scope: Scope) -> Iterator[Message]:
    """That profiles one after the other are held against no goal."""
    wanted = any(value for key, value in scope.request.values.items() if key.startswith("goal_"))
    if wanted and scope.view is View.INDIVIDUAL:
        yield _("Goals are those of all profiles together; where one comes after the other, none is shown.")


def _joined(before: Message, last: Message) -> Message:
    return _("{before}; {last}", before=before, last=last)


def _undated(scope: Scope) -> Iterator[Message]:
    """How many posts are in no report, since their file states no day."""
    day = UNDATED.date()
    posts = METRIC[COUNTED[POSTS]].key
    answer = scope.building(
        Question(
            POSTS, (posts,), Span(day, day + timedelta(days=1), "UTC"),
            filters=filters_of(scope.request, POSTS), where=Is("undated", True),
        )
    )  # fmt: skip
    if count := answer.totals[posts]:
        yield ngettext(
            "One post is left out: its source does not say when it was published.",
            "{count:count} posts are left out: their source does not say when they were published.",
            count=count,
        )
