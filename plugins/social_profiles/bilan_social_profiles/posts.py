"""The dataset of posts: each with the figures that its network told last."""

from __future__ import annotations

from bilan.sdk import Column, ColumnType, Dataset, Keep, Message
from bilan_social_profiles.textdomain import _
from bilan_social_profiles.vocabulary import POSTS

T = ColumnType


def count(name: str, label: Message, description: Message | None = None) -> Column:
    """A figure of a network: a whole number, empty where the network does not tell it."""
    return Column(name, T.INTEGER, label, description, nullable=True)


POST_FIGURES = (
    count("impressions", _("Impressions"), _("How often it was shown.")),
    count("reach", _("Reach"), _("How many people saw it.")),
    count(
        "engagement", _("Engagement"),
        _("As the source states it; else reactions, comments, shares and saves together, without clicks."),
    ),
    count("reactions", _("Reactions"), _("Likes and other reactions.")),
    count("comments", _("Comments"), _("Comments and replies.")),
    count("shares", _("Shares"), _("Shares, reposts and quotes.")),
    count("saves", _("Saves"), _("Saves, bookmarks and additions to a playlist.")),
    count("clicks", _("Clicks"), _("Clicks on it, of whatever kind.")),
    count("video_views", _("Video views"), _("How often its video was played.")),
)  # fmt: skip
FURTHER_POST_FIGURES = (
    count("impressions_organic", _("Organic impressions")),
    count("impressions_paid", _("Paid impressions")),
    count("reach_organic", _("Organic reach")),
    count("reach_paid", _("Paid reach")),
    count("video_views_organic", _("Organic video views")),
    count("video_views_paid", _("Paid video views")),
    count("link_clicks", _("Link clicks"), _("Clicks on its link, which are among its clicks.")),
    count("quotes", _("Quotes"), _("Posts that quote it, which are among its shares.")),
    count("engaged_users", _("Engaged people"), _("How many people clicked or reacted.")),
    count("followers_gained", _("Followers gained"), _("Who followed the profile because of it.")),
    count("followers_when_posted", _("Followers when posted"), _("As the file states them.")),
    Column(
        "watch_seconds", T.NUMBER, _("Time watched"), _("In seconds, by everybody together."), nullable=True
    ),
)

POST_DATASET = Dataset(
    key=POSTS,
    label=_("Posts"),
    description=_("Posts of profiles, each with the figures that its network told last."),
    columns=(
        Column("published_at", T.INSTANT, _("Published")),
        Column("network", T.TEXT, _("Network"), dimension=True),
        Column("profile", T.TEXT, _("Profile"), _("The name that people know it by."), dimension=True),
        Column("post", T.TEXT, _("Post"), _("The network's own id of it, else what tells it apart.")),
        Column("kind", T.TEXT, _("Type"), _("Such as “photo”, “video”, “link” or “text”."), dimension=True),
        Column("text", T.TEXT, _("Text")),
        Column("url", T.TEXT, _("Address"), _("Where it can be seen.")),
        *POST_FIGURES,
        Column("labels", T.TEXTS, _("Labels"), _("What its team filed it under."), dimension=True),
        Column("author", T.TEXT, _("Author"), _("Who of the team wrote it."), dimension=True),
        Column("hashtags", T.TEXTS, _("Hashtags"), _("In lower case, without the mark."), dimension=True),
        Column("picture", T.TEXT, _("Picture"), picture=True),
        Column(
            "paid", T.BOOLEAN, _("Paid"), _("Whether money was spent on it."), dimension=True, nullable=True
        ),
        *FURTHER_POST_FIGURES,
        Column(
            "posted_month", T.INTEGER, _("Month, as stated"), _("Of a post whose file states no day."),
            dimension=True, nullable=True,
        ),
        Column(
            "posted_weekday", T.INTEGER, _("Weekday, as stated"),
            _("Of a post whose file states no day, in the file's own count of 1 to 7."),
            dimension=True, nullable=True,
        ),
        Column(
            "posted_hour", T.INTEGER, _("Hour, as stated"), _("Of a post whose file states no day."),
            dimension=True, nullable=True,
        ),
        Column("undated", T.BOOLEAN, _("Without a day"), _("Whether its file states no day at all.")),
        Column("profile_id", T.TEXT, _("Id of the profile"), _("The network's own.")),
    ),
    identity=("network", "profile", "post"),
    time="published_at",
    sort=("published_at",),
    keep=Keep.LAST,
)  # fmt: skip
