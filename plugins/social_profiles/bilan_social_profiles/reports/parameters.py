"""What somebody fills in for a social report."""

from __future__ import annotations

from enum import StrEnum

from bilan.sdk import (
    Choice,
    Choices,
    FilterValue,
    Interval,
    Invalid,
    Parameter,
    ParameterKind,
    QueryClient,
    ReportRequest,
    Values,
)
from bilan_social_profiles.network_names import network_name, read_network
from bilan_social_profiles.textdomain import _
from bilan_social_profiles.vocabulary import NAMESPACE, POSTS, PROFILE_DAYS

K = ParameterKind
MOST_CARDS = 12


class View(StrEnum):
    """How the figures of several profiles are put together."""

    COMBINED = "combined"
    NETWORK = "network"
    PROFILE = "profile"
    INDIVIDUAL = "individual"


def _known(*places: tuple[str, str]) -> Choices:
    """What the datasets have in a column, to be suggested."""

    def choices(client: QueryClient, _values: Values) -> tuple[Choice, ...]:
        found = dict.fromkeys(
            value for dataset, column in places for value in client.values(dataset, column) if value
        )
        return tuple(Choice(one, network_name(one)) for one in sorted(found, key=str.casefold))

    return choices


VIEW = Parameter(
    "view", _("Figures of"), K.CHOICE, default=View.COMBINED.value,
    choices=(
        Choice(View.COMBINED.value, _("all profiles together, then each network and profile")),
        Choice(View.NETWORK.value, _("each network")),
        Choice(View.PROFILE.value, _("each profile")),
        Choice(View.INDIVIDUAL.value, _("one profile after the other")),
    ),
    help=_(
        "How the figures of several profiles are put together. One after the other, each has its leading "
        "figures; for everything about one, choose it alone."
    ),
)  # fmt: skip
INTERVAL = Parameter("interval", _("Broken down by"), K.INTERVAL, default=Interval())
NETWORKS = Parameter(
    "networks", _("Networks"), K.TAGS, default=(),
    choices=_known((POSTS, "network"), (PROFILE_DAYS, "network")),
    help=_("Without any, all of them."),
)  # fmt: skip
PROFILES = Parameter(
    "profiles", _("Profiles"), K.TAGS, default=(),
    choices=_known((POSTS, "profile"), (PROFILE_DAYS, "profile")),
    help=_("Without any, all that you may see."),
)  # fmt: skip
POST_LABELS = Parameter(
    "labels", _("Labels of posts"), K.TAGS, default=(), choices=_known((POSTS, "labels")),
    help=_("Any of these. They narrow posts alone."),
)  # fmt: skip
RANKED = ("engagement", "reach", "impressions", "reactions", "comments", "shares", "clicks", "video_views")
RANK_BY = Parameter(
    "rank_by", _("Best posts by"), K.CHOICE, default=RANKED[0],
    choices=(
        Choice("engagement", _("engagement")), Choice("reach", _("reach")),
        Choice("impressions", _("impressions")), Choice("reactions", _("reactions")),
        Choice("comments", _("comments")), Choice("shares", _("shares")), Choice("clicks", _("clicks")),
        Choice("video_views", _("video views")),
    ),
)  # fmt: skip


def _cards(value: int) -> None:
    if not 1 <= value <= MOST_CARDS:
        raise Invalid(_("Between 1 and {most:count} posts can be shown as cards.", most=MOST_CARDS))


TOP = Parameter(
    "top", _("Posts shown as cards"), K.NUMBER, default=6, check=_cards,
    help=_("From 1 to 12. The table of posts has all of them."),
)  # fmt: skip


def _goal(value: int) -> None:
    if value < 1:
        raise Invalid(_("A goal is a number above zero."))


GOAL_FOLLOWERS = Parameter(
    "goal_followers", _("Goal for followers"), K.NUMBER, check=_goal,
    help=_("How many all profiles together should have when the period ends."),
)  # fmt: skip
GOAL_ENGAGEMENT = Parameter(
    "goal_engagement", _("Goal for engagement"), K.NUMBER, check=_goal,
    help=_("What the posts of the period should draw together."),
)  # fmt: skip
WHOSE = (NETWORKS, PROFILES)
POSTS_OF = (POST_LABELS, RANK_BY, TOP)


def filters_of(request: ReportRequest, dataset: str) -> tuple[FilterValue, ...]:
    """What somebody filled in, as filters of a question; labels are of posts alone."""
    networks = [read_network(one) for one in request["networks"]]
    asked = {"network": networks, "profile": request["profiles"]}
    if dataset == POSTS:
        asked["labels"] = request["labels"]
    return tuple(
        FilterValue(f"{NAMESPACE}.{key}", any=tuple(values)) for key, values in asked.items() if values
    )
