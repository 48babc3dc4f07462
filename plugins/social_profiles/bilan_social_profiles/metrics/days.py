"""What networks count of a profile day by day, added up. See :mod:`.audience` for what is a level."""

from __future__ import annotations

from bilan.sdk import Distinct, Message, Metric, Sum, Unit
from bilan_social_profiles.textdomain import _
from bilan_social_profiles.vocabulary import NAMESPACE, PROFILE_DAYS


def _figure(
    name: str, column: str, label: Message, description: Message, formula_text: Message,
    *, better: bool | None = True, group: str = "content",
) -> Metric:  # fmt: skip
    """The sum of a column that networks tell or do not: empty where no day has it."""
    return Metric(
        f"{NAMESPACE}.{name}", PROFILE_DAYS, label, description, Sum(column, empty=True), formula_text,
        higher_is_better=better, group=group,
    )  # fmt: skip


DAY_METRICS: tuple[Metric, ...] = (
    Metric(
        f"{NAMESPACE}.profile_days_told", PROFILE_DAYS, _("Days of profiles"),
        _("Of how many days of profiles anything is known."), Distinct(("network", "profile", "day")),
        _("the number of days of profiles that a source tells anything of"), Unit.COUNT, group="content",
    ),
    _figure(
        "followers_gained", "followers_gained", _("Followers gained"),
        _("How many people began to follow the profiles."),
        _("the sum of the followers gained day by day, where the network tells them"), group="audience",
    ),
    _figure(
        "followers_lost", "followers_lost", _("Followers lost"),
        _("How many people stopped following the profiles."),
        _("the sum of the followers lost day by day, where the network tells them"),
        better=False, group="audience",
    ),
    _figure(
        "profile_impressions", "impressions", _("Impressions of the profiles"),
        _("How often content of the profiles was shown, whenever it was published."),
        _("the sum of the impressions of the profiles day by day"),
    ),
    _figure(
        "profile_reach", "reach", _("Daily reach of the profiles"),
        _("How many people saw content of the profiles, day by day."),
        _("the sum of the reach of each day; who came on two days, or to two profiles, counts for each"),
    ),
    _figure(
        "profile_engagement", "engagement", _("Engagement with the profiles"),
        _("How often people did something with content of the profiles, whenever it was published."),
        _("the engagement that the source states for each day, else reactions + comments + shares + saves of "
          "what it tells of them, without clicks; summed over the days"),
    ),
    _figure(
        "profile_views", "views", _("Video views of the profiles"),
        _("How often videos of the profiles were played, whenever they were published."),
        _("the sum of the video views day by day, as each network counts a view"),
    ),
    _figure(
        "profile_visits", "profile_visits", _("Profile visits"),
        _("How often the profiles themselves were looked at."), _("the sum of the profile visits day by day"),
    ),
    _figure(
        "profile_clicks", "clicks", _("Clicks at the profiles"),
        _("Clicks on content of the profiles, whenever it was published."),
        _("the sum of the clicks day by day"),
    ),
    _figure(
        "profile_impressions_organic", "impressions_organic", _("Organic impressions of the profiles"),
        _("How often their content was shown without money."),
        _("the sum of the organic impressions day by day"),
    ),
    _figure(
        "profile_impressions_paid", "impressions_paid", _("Paid impressions of the profiles"),
        _("How often their content was shown for money."), _("the sum of the paid impressions day by day"),
        better=None,
    ),
)  # fmt: skip
