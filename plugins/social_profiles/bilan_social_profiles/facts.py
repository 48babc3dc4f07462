"""Facts of social profiles: what every reader and every pull has to say of them, said in one way.

A fact stands for the whole row of its identity and takes the place of an
earlier one: what is known of a post or of a profile's day belongs into one fact. See docs/decisions/099.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from bilan.sdk import UNDATED, Fact
from bilan_social_profiles.hashtags import hashtags_in
from bilan_social_profiles.network_names import read_network
from bilan_social_profiles.vocabulary import COMMUNITY, POSTS, PROFILE_DAYS

ENGAGEMENT = ("reactions", "comments", "shares", "saves")
"""What engagement is made of where its source does not state it."""


def post_fact(
    *, published_at: datetime | None, network: str, profile: str, post: str, **columns: Any
) -> Fact:
    """A post of a profile as it is now known, by the columns of ``social.posts``; others stay empty.

    Without a day the post stands outside of every period. Hashtags are those
    of the text, and engagement the sum of its parts, where they are not given.
    """
    row = {
        "published_at": published_at or UNDATED,
        "undated": published_at is None,
        **_profile(network, profile),
        "post": post,
        **columns,
        "engagement": _engagement(columns),
    }
    if columns.get("hashtags") is None:
        row["hashtags"] = hashtags_in(columns.get("text") or "")
    return Fact(POSTS, row)


def profile_day_fact(*, day: date, network: str, profile: str, **columns: Any) -> Fact:
    """What is known of a profile's day, by the columns of ``social.profile_days``; others stay empty."""
    figures = {"day": day, **_profile(network, profile), **columns, "engagement": _engagement(columns)}
    return Fact(PROFILE_DAYS, figures)


def item_fact(*, received_at: datetime, network: str, profile: str, item: str, **columns: Any) -> Fact:
    """A message, comment, review or mention, by the columns of ``social.community``; others stay empty.

    The response time is that from receipt to reply, where it is not given.
    """
    row = {"received_at": received_at, **_profile(network, profile), "item": item, **columns}
    replied_at = columns.get("replied_at")
    if columns.get("response_seconds") is None and replied_at is not None and replied_at >= received_at:
        row["response_seconds"] = round((replied_at - received_at).total_seconds())
    return Fact(COMMUNITY, row)


def _profile(network: str, profile: str) -> dict[str, str]:
    return {"network": read_network(network), "profile": " ".join(profile.split())}


def _engagement(columns: Mapping[str, Any]) -> int | None:
    if columns.get("engagement") is not None:
        return columns["engagement"]
    known = [columns[name] for name in ENGAGEMENT if columns.get(name) is not None]
    return sum(known) if known else None
