"""What every reader and every pull says in one way: networks, types of posts, hashtags and engagement."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bilan.sdk import UNDATED
from bilan_social_profiles.facts import item_fact, post_fact, profile_day_fact
from bilan_social_profiles.hashtags import hashtags_in
from bilan_social_profiles.network_names import NETWORK_NAMES, network_name, read_network
from bilan_social_profiles.post_kinds import read_post_kind

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "network"),
    [
        ("Facebook", "facebook"), ("FB", "facebook"), ("Page Facebook", "facebook"),
        ("Twitter", "x"), ("X (formerly Twitter)", "x"), ("twitter.com", "x"), ("x", "x"),
        ("Youtube", "youtube"), ("YouTube", "youtube"), ("Chaîne YouTube", "youtube"),
        ("Linked-In", "linkedin"), ("Tik Tok", "tiktok"), ("bsky", "bluesky"),
        ("Instagram Business", "instagram"),
        ("Google+", "googleplus"), ("Google My Business", "google"), ("VKontakte", "vk"),
        ("  iPhone  App ", "iphone app"), ("nyc.gov", "nyc.gov"),
    ],
)  # fmt: skip
def test_a_network_has_one_word_however_files_spell_it(written: str, network: str) -> None:
    assert read_network(written) == network


def test_what_people_read_leads_back_to_the_same_word() -> None:
    assert {read_network(name): name for name in NETWORK_NAMES.values()} == dict(NETWORK_NAMES)
    assert [network_name(one) for one in ("x", "linkedin", "nyc.gov")] == ["X", "LinkedIn", "nyc.gov"]


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("Photo", "photo"), ("added_photos", "photo"), ("IMAGE", "photo"), ("Status", "text"),
        ("CAROUSEL_ALBUM", "album"), ("multi_image", "album"), ("Enlace", "link"), ("Vidéo", "video"),
        ("Short", "reel"), ("Retweet", "share"), ("Umfrage", "poll"), ("Cover Story", "cover story"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_type_of_post_has_one_word_and_an_unknown_one_its_own(written: str, kind: str) -> None:
    assert read_post_kind(written) == kind


@pytest.mark.parametrize(
    ("text", "hashtags"),
    [
        ("Spring is here! #Spring #SALE, #sale", ["spring", "sale"]),
        ("Merci à tous ! #été2026 #Noël.", ["été2026", "noël"]),
        ("No. #1 of 3, see https://example.org/a#top and &#39;", []),
        ("#sauté (#réussi) #under_score ＃東京", ["sauté", "réussi", "under_score", "東京"]),
        ("a#b ##c", []),
        ("", []),
    ],
)
def test_hashtags_are_words_behind_a_mark(text: str, hashtags: list[str]) -> None:
    assert hashtags_in(text) == hashtags


def test_a_post_has_the_engagement_that_its_source_states_else_its_parts_without_clicks() -> None:
    def engagement(**figures: int | None) -> int | None:
        return post_fact(published_at=AT, network="X", profile="acme", post="1", **figures).row["engagement"]

    assert engagement(reactions=5, comments=2, shares=1, saves=4, clicks=100) == 12
    assert engagement(reactions=5, comments=None, shares=1) == 6
    assert engagement(engagement=30, reactions=5, comments=2) == 30
    assert engagement(engagement=0, reactions=5) == 0
    assert engagement(clicks=100, impressions=9) is None


def test_a_post_without_a_day_says_so_and_stands_outside_of_every_period() -> None:
    row = post_fact(published_at=None, network="fb", profile=" Acme  shop ", post="1", text="#New").row
    assert (row["published_at"], row["undated"]) == (UNDATED, True)
    assert (row["network"], row["profile"], row["hashtags"]) == ("facebook", "Acme shop", ["new"])
    told = post_fact(published_at=AT, network="fb", profile="Acme", post="1", text="#New", hashtags=[]).row
    assert (told["published_at"], told["undated"], told["hashtags"]) == (AT, False, [])


def test_a_day_and_an_item_say_what_follows_from_what_they_tell() -> None:
    day = profile_day_fact(day=date(2026, 3, 2), network="Twitter", profile="acme", followers=10, shares=3)
    assert day.dataset == "social.profile_days"
    assert day.row == {
        "day": date(2026, 3, 2), "network": "x", "profile": "acme", "followers": 10, "shares": 3,
        "engagement": 3,
    }  # fmt: skip

    def seconds(**columns: object) -> object:
        fact = item_fact(received_at=AT, network="x", profile="acme", item="1", **columns)
        return fact.row.get("response_seconds")

    assert seconds(replied_at=datetime(2026, 3, 2, 9, 2, 5, tzinfo=UTC)) == 125
    assert seconds(replied_at=datetime(2026, 3, 2, 9, 2, 5, tzinfo=UTC), response_seconds=60) == 60
    assert seconds(replied_at=datetime(2026, 3, 2, 8, tzinfo=UTC)) is None
    assert seconds() is None
