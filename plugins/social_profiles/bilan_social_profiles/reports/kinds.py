"""The kinds of social reports: everything, what a person picks, and the performance of content.

What they are held against: docs/decisions/091.
"""

from __future__ import annotations

from bilan.sdk import Example, Preset, ReportKind
from bilan_social_profiles.reports.building import BLOCKS, everything, performance, picked
from bilan_social_profiles.reports.parameters import (
    GOAL_ENGAGEMENT,
    GOAL_FOLLOWERS,
    INTERVAL,
    POSTS_OF,
    VIEW,
    WHOSE,
)
from bilan_social_profiles.textdomain import _
from bilan_social_profiles.vocabulary import COMMUNITY, NAMESPACE, POSTS, PROFILE_DAYS

GLOBAL = ReportKind(
    key=f"{NAMESPACE}.global",
    label=_("Social profiles"),
    page=_("Global report"),
    description=_("Everything: audience, content and community, in total, by network and by profile."),
    parameters=(VIEW, INTERVAL, *WHOSE, *POSTS_OF, GOAL_FOLLOWERS, GOAL_ENGAGEMENT),
    build=everything,
    datasets=(PROFILE_DAYS, POSTS, COMMUNITY),
    default_period=Preset.PREVIOUS_MONTH,
    examples=(
        Example(
            "month", _("The month of all profiles"),
            _("Audience, content and community of the previous month, against the month before."),
            {"period": "previous_month", "compare": "previous_period"},
        ),
        Example(
            "individual", _("The month, one profile after the other"),
            _("What one profile did, then the next."),
            {"period": "previous_month", "compare": "previous_period", "view": "individual"},
        ),
    ),
)  # fmt: skip
CUSTOM = ReportKind(
    key=f"{NAMESPACE}.custom",
    label=_("Social profiles, custom"),
    page=_("Custom report"),
    description=_("The parts that you pick, in your order: followers, best posts, best hours and more."),
    parameters=(VIEW, INTERVAL, *WHOSE, *POSTS_OF, GOAL_FOLLOWERS, GOAL_ENGAGEMENT),
    build=picked,
    datasets=(PROFILE_DAYS, POSTS, COMMUNITY),
    default_period=Preset.PREVIOUS_MONTH,
    blocks=BLOCKS,
    examples=(
        Example(
            "client", _("What a client reads"), _("Audience, content, the best posts and the best hours."),
            {
                "period": "previous_month", "compare": "previous_period",
                "blocks": ("audience", "content", "best_posts", "best_hours"),
            },
        ),
    ),
)  # fmt: skip
CONTENT = ReportKind(
    key=f"{NAMESPACE}.content",
    label=_("Content performance"),
    page=_("Content performance"),
    description=_("Every post with its figures, the best ones, and what works when."),
    parameters=(VIEW, INTERVAL, *WHOSE, *POSTS_OF, GOAL_ENGAGEMENT),
    build=performance,
    datasets=(POSTS,),
    default_period=Preset.PREVIOUS_MONTH,
    examples=(
        Example(
            "month", _("The month’s posts"), _("Those of the previous month, each with its figures."),
            {"period": "previous_month", "compare": "previous_period"},
        ),
    ),
)  # fmt: skip
