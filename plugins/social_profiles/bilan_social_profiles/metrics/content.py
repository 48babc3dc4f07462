"""What is counted of posts, on the day on which they were published. See docs/decisions/099."""

from __future__ import annotations

from bilan.sdk import Count, Is, Mean, Message, Metric, Present, Ratio, Sum, Unit
from bilan_social_profiles.textdomain import _
from bilan_social_profiles.vocabulary import NAMESPACE, POSTS


def _figure(
    name: str, label: Message, description: Message, formula_text: Message, *, better: bool | None = True
) -> Metric:
    """The sum of a column that networks tell or do not: empty where none of the posts has it."""
    return _metric(name, label, description, Sum(name, empty=True), formula_text, better=better)


def _metric(
    name: str, label: Message, description: Message, formula: Count | Sum | Ratio, formula_text: Message,
    unit: Unit = Unit.COUNT, *, better: bool | None = True,
) -> Metric:  # fmt: skip
    return Metric(
        f"{NAMESPACE}.{name}", POSTS, label, description, formula, formula_text, unit,
        higher_is_better=better, group="content",
    )  # fmt: skip


def _key(name: str) -> str:
    return f"{NAMESPACE}.{name}"


FIGURES = (
    _figure(
        "impressions", _("Impressions"), _("How often the posts were shown."),
        _("the sum of the impressions of the posts published in the period, as last told"),
    ),
    _figure(
        "reach", _("Reach"), _("How many people saw the posts, post by post."),
        _("the sum of the reach of the posts published in the period; who saw two counts for each"),
    ),
    _figure(
        "engagement", _("Engagement"), _("How often people did something with the posts."),
        _("the engagement that the source states, else reactions + comments + shares + saves of what it "
          "tells of them, without clicks; summed over the posts published in the period"),
    ),
    _figure(
        "reactions", _("Reactions"), _("Likes and other reactions to the posts."),
        _("the sum of the reactions to the posts published in the period"),
    ),
    _figure(
        "comments", _("Comments"), _("Comments on the posts and replies to them."),
        _("the sum of the comments on the posts published in the period"),
    ),
    _figure(
        "shares", _("Shares"), _("How often the posts were handed on: shares, reposts and quotes."),
        _("the sum of the shares of the posts published in the period"),
    ),
    _figure(
        "saves", _("Saves"), _("How often people kept the posts: saves, bookmarks, playlists."),
        _("the sum of the saves of the posts published in the period"),
    ),
    _figure(
        "clicks", _("Clicks"), _("Clicks on the posts, of whatever kind."),
        _("the sum of the clicks on the posts published in the period"),
    ),
    _figure(
        "video_views", _("Video views"), _("How often the videos of the posts were played."),
        _("the sum of the video views of the posts published in the period, as each network counts a view"),
    ),
    _figure(
        "impressions_organic", _("Organic impressions"), _("How often the posts were shown without money."),
        _("the sum of the organic impressions of the posts published in the period"),
    ),
    _figure(
        "impressions_paid", _("Paid impressions"), _("How often the posts were shown for money."),
        _("the sum of the paid impressions of the posts published in the period"), better=None,
    ),
    _figure(
        "reach_organic", _("Organic reach"), _("How many people saw the posts without money."),
        _("the sum of the organic reach of the posts published in the period"),
    ),
    _figure(
        "reach_paid", _("Paid reach"), _("How many people saw the posts for money."),
        _("the sum of the paid reach of the posts published in the period"), better=None,
    ),
    _figure(
        "link_clicks", _("Link clicks"), _("Clicks on links of the posts, which are among their clicks."),
        _("the sum of the link clicks of the posts published in the period"),
    ),
)  # fmt: skip
"""What networks tell of a post."""

RATES = (
    _metric(
        "engagement_beside_reach", _("Engagement of posts with a reach"),
        _("The engagement of those posts of which the network tells the reach, too."),
        Sum("engagement", Present("reach"), empty=True),
        _("the sum of the engagement of the posts that have an engagement and a reach"),
    ),
    _metric(
        "reach_beside_engagement", _("Reach of posts with an engagement"),
        _("The reach of those posts of which the network tells the engagement, too."),
        Sum("reach", Present("engagement"), empty=True),
        _("the sum of the reach of the posts that have an engagement and a reach"),
    ),
    _metric(
        "engagement_rate_by_reach", _("Engagement rate by reach"),
        _("How much people did with the posts, for each who saw them."),
        Ratio(_key("engagement_beside_reach"), _key("reach_beside_engagement")),
        _("engagement ÷ reach, over the posts that have both; empty where a network tells no reach"),
        Unit.PROPORTION,
    ),
    _metric(
        "engagement_beside_impressions", _("Engagement of posts with impressions"),
        _("The engagement of those posts of which the network tells the impressions, too."),
        Sum("engagement", Present("impressions"), empty=True),
        _("the sum of the engagement of the posts that have an engagement and impressions"),
    ),
    _metric(
        "impressions_beside_engagement", _("Impressions of posts with an engagement"),
        _("The impressions of those posts of which the network tells the engagement, too."),
        Sum("impressions", Present("engagement"), empty=True),
        _("the sum of the impressions of the posts that have an engagement and impressions"),
    ),
    _metric(
        "engagement_rate_by_impressions", _("Engagement rate by impressions"),
        _("How much people did with the posts, for each time they were shown."),
        Ratio(_key("engagement_beside_impressions"), _key("impressions_beside_engagement")),
        _("engagement ÷ impressions, over the posts that have both; empty where a network tells no "
          "impressions"),
        Unit.PROPORTION,
    ),
)  # fmt: skip
"""Rates, and the sums that they divide: what has no reach adds nothing above what reach stands below."""

CONTENT_METRICS: tuple[Metric, ...] = (
    _metric(
        "posts", _("Posts"), _("How many posts were published."), Count(),
        _("the number of posts published in the period"), better=None,
    ),
    _metric(
        "posts_paid", _("Paid posts"), _("For how many of them money was spent."),
        Count(Is("paid", value=True)), _("the number of posts for which money was spent"), better=None,
    ),
    *FIGURES,
    *RATES,
    _metric(
        "posts_with_engagement", _("Posts with an engagement"),
        _("How many posts there are of which the engagement is known."), Count(Present("engagement")),
        _("the number of posts published in the period that have an engagement"), better=None,
    ),
    Metric(
        _key("mean_engagement"), POSTS, _("Engagement of a post"),
        _("What a post drew on average."), Mean("engagement"),
        _("the mean of the engagement, over the posts published in the period that have one"), Unit.NUMBER,
        higher_is_better=True, group="content", beside=_key("posts_with_engagement"),
    ),
)  # fmt: skip
