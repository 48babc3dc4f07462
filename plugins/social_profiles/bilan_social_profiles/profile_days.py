"""The dataset of profiles day by day: their audience, and what their network counted on that day."""

from __future__ import annotations

from bilan.sdk import Column, ColumnType, Dataset, Keep
from bilan_social_profiles.posts import count
from bilan_social_profiles.textdomain import _
from bilan_social_profiles.vocabulary import PROFILE_DAYS

T = ColumnType

DAY_FIGURES = (
    count("followers", _("Followers"), _("How many there were when that day ended.")),
    count("followers_gained", _("Followers gained")),
    count("followers_lost", _("Followers lost")),
    count("impressions", _("Impressions"), _("How often its content was shown.")),
    count("reach", _("Reach"), _("How many people saw its content.")),
    count(
        "engagement", _("Engagement"),
        _("As the source states it; else reactions, comments, shares and saves together, without clicks."),
    ),
)  # fmt: skip
FURTHER_DAY_FIGURES = (
    count("views", _("Video views"), _("How often its videos were played.")),
    count("profile_visits", _("Profile visits"), _("How often the profile itself was looked at.")),
    count("clicks", _("Clicks")),
    count("posts_published", _("Posts published"), _("As the source counts them.")),
    count("reactions", _("Reactions")),
    count("comments", _("Comments")),
    count("shares", _("Shares")),
    count("saves", _("Saves")),
    count("impressions_organic", _("Organic impressions")),
    count("impressions_paid", _("Paid impressions")),
    count("reach_organic", _("Organic reach")),
    count("reach_paid", _("Paid reach")),
    Column(
        "watch_seconds", T.NUMBER, _("Time watched"), _("In seconds, by everybody together."), nullable=True
    ),
)

PROFILE_DAY_DATASET = Dataset(
    key=PROFILE_DAYS,
    label=_("Profiles day by day"),
    description=_(
        "The audience of profiles, and what their networks counted on each day, as the network cuts its days."
    ),
    columns=(
        Column("day", T.DATE, _("Day"), _("As the network cuts it.")),
        Column("network", T.TEXT, _("Network"), dimension=True),
        Column("profile", T.TEXT, _("Profile"), _("The name that people know it by."), dimension=True),
        *DAY_FIGURES,
        *FURTHER_DAY_FIGURES,
        Column("profile_id", T.TEXT, _("Id of the profile"), _("The network's own.")),
        Column("part", T.TEXT, _("Part"), _("Of a day that its source tells in parts, such as “followers”.")),
    ),
    identity=("network", "profile", "day", "part"),
    time="day",
    sort=("day",),
    keep=Keep.LAST,
)
