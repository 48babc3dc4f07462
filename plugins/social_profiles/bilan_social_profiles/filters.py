"""Ways to narrow posts, days of profiles and what people write to them."""

from __future__ import annotations

from bilan.sdk import Filter, FilterKind
from bilan_social_profiles.textdomain import _
from bilan_social_profiles.vocabulary import COMMUNITY, NAMESPACE, POSTS, PROFILE_DAYS

K = FilterKind
ALL = (POSTS, PROFILE_DAYS, COMMUNITY)
ONLY_POSTS = (POSTS,)

FILTERS: tuple[Filter, ...] = (
    Filter(
        f"{NAMESPACE}.network", ALL, "network", K.CHOICES,
        _("Network"), _("Facebook, Instagram, LinkedIn and so on."),
    ),
    Filter(
        f"{NAMESPACE}.profile", ALL, "profile", K.CHOICES,
        _("Profile"), _("The profiles, by the names that people know them by."),
    ),
    Filter(
        f"{NAMESPACE}.post_type", ONLY_POSTS, "kind", K.CHOICES,
        _("Type of post"), _("Photo, video, link and so on."),
    ),
    Filter(
        f"{NAMESPACE}.labels", (POSTS, COMMUNITY), "labels", K.TAGS,
        _("Labels"), _("Any or all of the labels that the team filed it under."),
    ),
    Filter(
        f"{NAMESPACE}.hashtags", ONLY_POSTS, "hashtags", K.TAGS,
        _("Hashtags"), _("Posts with any or all of these hashtags, in lower case and without the mark."),
    ),
    Filter(
        f"{NAMESPACE}.author", ONLY_POSTS, "author", K.CHOICES,
        _("Author"), _("Who of the team wrote the post."),
    ),
    Filter(
        f"{NAMESPACE}.paid", ONLY_POSTS, "paid", K.FLAG,
        _("Paid"), _("Whether money was spent on the post."),
    ),
    Filter(
        f"{NAMESPACE}.text", ONLY_POSTS, "text", K.TEXT,
        _("Text"), _("A part of the post's text."),
    ),
    Filter(
        f"{NAMESPACE}.undated", ONLY_POSTS, "undated", K.FLAG,
        _("Without a day"), _("Whether the post's file states no day at all."),
    ),
    Filter(
        f"{NAMESPACE}.item_kind", (COMMUNITY,), "kind", K.CHOICES,
        _("Kind of item"), _("Message, comment, review or mention."),
    ),
)  # fmt: skip
