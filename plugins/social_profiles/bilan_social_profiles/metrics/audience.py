"""Followers: a level that each profile has, taken at the end of a period and never added up over days."""

from __future__ import annotations

from bilan.sdk import Change, Difference, Latest, Message, Metric, Present, Ratio, Unit
from bilan_social_profiles.textdomain import _
from bilan_social_profiles.vocabulary import NAMESPACE, PROFILE_DAYS

PER_PROFILE = ("network", "profile")
FOLLOWERS = f"{NAMESPACE}.followers"


def _metric(
    name: str, label: Message, description: Message, formula: Latest | Change | Difference | Ratio,
    formula_text: Message, unit: Unit = Unit.COUNT,
) -> Metric:  # fmt: skip
    return Metric(
        f"{NAMESPACE}.{name}", PROFILE_DAYS, label, description, formula, formula_text, unit,
        higher_is_better=True, group="audience",
    )  # fmt: skip


AUDIENCE_METRICS: tuple[Metric, ...] = (
    _metric(
        "followers", _("Followers"), _("How many people followed the profiles at the end of the period."),
        Latest("followers", PER_PROFILE),
        _("the last known number of followers of each profile up to the end of the period, summed over the "
          "profiles"),
    ),
    _metric(
        "followers_change", _("Change of followers"),
        _("How many followers more or fewer the profiles had at the end of the period than before it."),
        Change(FOLLOWERS),
        _("the followers at the end of the period − those before its start, over the profiles of which both "
          "are known"),
    ),
    _metric(
        "followers_net", _("Net followers gained"), _("How many more people came than went."),
        Difference(f"{NAMESPACE}.followers_gained", f"{NAMESPACE}.followers_lost"),
        _("followers gained − followers lost, as the networks tell them; empty where either is not told"),
    ),
    _metric(
        "followers_counted", _("Followers counted"),
        _("How many people followed those profiles that were counted within the period."),
        Latest("followers", PER_PROFILE, carry=False),
        _("the last number of followers of each profile that was counted within the period, summed over the "
          "profiles; one without a count adds nothing"),
    ),
    _metric(
        "followers_beside_engagement", _("Followers of profiles with engagement"),
        _("How many people followed those profiles of which the network tells the engagement by day, too."),
        Latest("followers", PER_PROFILE, where=Present("engagement")),
        _("the last known number of followers of each profile on a day whose engagement is told, summed over "
          "the profiles"),
    ),
    _metric(
        "engagement_rate_by_followers", _("Engagement rate by followers"),
        _("How much people did with content of the profiles, for each who followed them."),
        Ratio(f"{NAMESPACE}.profile_engagement", f"{NAMESPACE}.followers_beside_engagement"),
        _("engagement with the profiles in the period ÷ the last known followers of those profiles whose "
          "engagement is told"),
        Unit.PROPORTION,
    ),
)  # fmt: skip
