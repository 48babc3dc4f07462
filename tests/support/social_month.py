"""A month of three profiles, counted by hand: February 2026, as days are cut in Paris."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from bilan.sdk import UNDATED, Fact, Row
from bilan_social_profiles.vocabulary import COMMUNITY, POSTS, PROFILE_DAYS

MONTH = {
    "period": "2026-02-01..2026-02-28", "compare": "previous_period", "zone": "Europe/Paris",
    "interval": "2 weeks",
}  # fmt: skip
"""The report is made on 2 March at nine o'clock."""
FACEBOOK, INSTAGRAM, LINKEDIN = ("facebook", "Acme"), ("instagram", "acme.cafe"), ("linkedin", "Acme")
HOUR = 3600
Profile = tuple[str, str]


def _day(profile: Profile, day: date, followers: int | None, **figures: Any) -> Fact:
    network, name = profile
    row: Row = {"network": network, "profile": name, "day": day, "followers": followers, **figures}
    return Fact(PROFILE_DAYS, row)


def _post(profile: Profile, post: str, published_at: datetime, kind: str, **values: Any) -> Fact:
    network, name = profile
    row: Row = {
        "network": network, "profile": name, "post": post, "published_at": published_at, "kind": kind,
        "text": f"Text of {post}", "url": f"https://example.org/{post}", **values,
    }  # fmt: skip
    return Fact(POSTS, row)


def _item(profile: Profile, item: str, received_at: datetime, kind: str, **values: Any) -> Fact:
    network, name = profile
    row: Row = {
        "network": network, "profile": name, "item": item, "received_at": received_at, "kind": kind, **values
    }  # fmt: skip
    return Fact(COMMUNITY, row)


def facts() -> list[Fact]:
    """What the networks told of the month, and of the one before."""
    return [
        # Facebook wins 50 followers, Instagram loses 20 and was last seen on the 15th, LinkedIn is new.
        _day(FACEBOOK, date(2026, 1, 31), 1000),
        _day(
            FACEBOOK,
            date(2026, 2, 10),
            1020,
            followers_gained=25,
            followers_lost=5,
            impressions=400,
            reach=300,
            engagement=30,
        ),
        _day(
            FACEBOOK,
            date(2026, 2, 28),
            1050,
            followers_gained=40,
            followers_lost=10,
            impressions=600,
            reach=450,
            engagement=60,
        ),
        _day(INSTAGRAM, date(2026, 1, 20), 500),
        _day(
            INSTAGRAM,
            date(2026, 2, 15),
            480,
            followers_gained=10,
            followers_lost=30,
            reach=200,
            engagement=50,
        ),
        _day(LINKEDIN, date(2026, 2, 20), 90),
        # Two posts on Mondays at ten drew 80 and 90, one on a Wednesday at six in the evening 20.
        _post(
            FACEBOOK,
            "p0",
            datetime(2026, 1, 15, 9, tzinfo=UTC),
            "photo",
            impressions=600,
            reach=500,
            engagement=40,
        ),
        _post(
            FACEBOOK,
            "p1",
            datetime(2026, 2, 2, 9, tzinfo=UTC),
            "photo",
            impressions=1000,
            reach=800,
            engagement=80,
            reactions=50,
            comments=20,
            shares=10,
            clicks=5,
            paid=True,
            impressions_organic=600,
            impressions_paid=400,
            labels=["launch"],
            hashtags=["spring", "acme"],
        ),
        _post(
            FACEBOOK,
            "p2",
            datetime(2026, 2, 4, 17, tzinfo=UTC),
            "link",
            impressions=500,
            reach=400,
            engagement=20,
            reactions=15,
            comments=3,
            shares=2,
            paid=False,
            impressions_organic=500,
            impressions_paid=0,
            hashtags=["acme"],
        ),
        _post(
            INSTAGRAM,
            "p3",
            datetime(2026, 2, 9, 9, 10, tzinfo=UTC),
            "reel",
            reach=600,
            engagement=90,
            reactions=70,
            comments=10,
            shares=4,
            saves=6,
            video_views=1500,
            labels=["launch", "video"],
            hashtags=["spring"],
        ),
        # The network tells nothing of this one.
        _post(FACEBOOK, "p5", datetime(2026, 2, 2, 9, 20, tzinfo=UTC), "text"),
        # Nobody knows when it was published.
        _post(FACEBOOK, "p6", UNDATED, "text", undated=True),
        # In Paris it is March.
        _post(
            LINKEDIN, "p4", datetime(2026, 2, 28, 23, 30, tzinfo=UTC), "document", engagement=1000, reach=9000
        ),
        # People wrote four times; two got a reply, after an hour and after two.
        _item(
            FACEBOOK,
            "c1",
            datetime(2026, 2, 3, 10, tzinfo=UTC),
            "message",
            replied_at=datetime(2026, 2, 3, 11, tzinfo=UTC),
            reviewed_at=datetime(2026, 2, 3, 11, tzinfo=UTC),
            response_seconds=3600,
        ),
        _item(FACEBOOK, "c2", datetime(2026, 2, 5, 10, tzinfo=UTC), "comment", hidden=True),
        _item(
            INSTAGRAM,
            "c3",
            datetime(2026, 2, 6, 10, tzinfo=UTC),
            "comment",
            replied_at=datetime(2026, 2, 6, 12, tzinfo=UTC),
            reviewed_at=datetime(2026, 2, 6, 12, tzinfo=UTC),
            response_seconds=7200,
        ),
        _item(
            FACEBOOK,
            "c4",
            datetime(2026, 2, 7, 10, tzinfo=UTC),
            "review",
            rating=4.0,
            reviewed_at=datetime(2026, 2, 8, 10, tzinfo=UTC),
        ),
    ]
