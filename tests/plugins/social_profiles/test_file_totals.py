"""Whole files through the engine: their totals are those that were counted from them elsewhere."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date
from typing import Any

import pytest

from bilan.sdk import ImportFile, Question, Span
from bilan.testing.harness import PluginHarness
from bilan_social_profiles.readers.tables import TablesReader
from support.social import DATA, FOLLOWERS_FILE, POSTS_FILE, read, unpacked

EXPECTED = json.loads((DATA / "facebook_expected_totals.json").read_text())
COUNTED = json.loads((DATA / "nyc_expected_totals.json").read_text())["by_platform_and_date"]
TYPES = {"Link": "link", "Photo": "photo", "Status": "text", "Video": "video"}
FIGURES = ("social.posts", "social.reach", "social.impressions", "social.engagement")


@pytest.fixture
def posts(bilan_harness: PluginHarness) -> PluginHarness:
    """The 500 posts of a page, whose file gives no date."""
    found = read(
        TablesReader(), ImportFile(POSTS_FILE, POSTS_FILE.name), network="facebook", profile="Cosmetics"
    )
    assert (len(found.facts), found.rejects) == (EXPECTED["posts"], [])
    assert bilan_harness.load(found.facts) == []
    return bilan_harness


def by(harness: PluginHarness, column: str, *metrics: str) -> dict[str, tuple[Any, ...]]:
    """Figures by the values of a column."""
    answer = harness.client(Question("social.posts", metrics, by=(column,)))
    return {row.keys[0]: tuple(row.values[key] for key in metrics) for row in answer.rows}


def test_posts_without_a_date_are_counted_by_their_type(posts: PluginHarness) -> None:
    assert by(posts, "kind", *FIGURES) == {
        TYPES[kind]: (told["posts"], told["reach"], told["impressions"], told["interactions"])
        for kind, told in EXPECTED["by_type"].items()
    }


def test_posts_without_a_date_are_counted_by_the_month_weekday_and_hour_that_they_state(
    posts: PluginHarness,
) -> None:
    assert by(posts, "posted_month", "social.posts", "social.engagement") == {
        month: (told["posts"], told["interactions"]) for month, told in EXPECTED["by_month"].items()
    }
    with POSTS_FILE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for column, heading in (("posted_weekday", "Post Weekday"), ("posted_hour", "Post Hour")):
        assert by(posts, column, "social.posts") == {
            value: (count,) for value, count in Counter(row[heading] for row in rows).items()
        }


def test_posts_without_a_date_are_in_no_period_and_say_so(posts: PluginHarness) -> None:
    assert by(posts, "undated", "social.posts") == {"true": (500,)}
    assert by(posts, "paid", "social.posts") == {"": (1,), "false": (360,), "true": (139,)}
    year = Span(date(1991, 1, 1), date(2026, 12, 31), "UTC")
    totals = posts.client(Question("social.posts", FIGURES, year)).totals
    assert totals == dict(zip(FIGURES, (0, None, None, None), strict=True))


def followers_by_day() -> dict[tuple[str, str], int]:
    """What was counted of the accounts of each platform on each day, from the file by itself."""
    found = Counter[tuple[str, str]]()
    for row in csv.DictReader(unpacked(FOLLOWERS_FILE).splitlines()):
        month, day, year = row["Date Sampled"].partition(" ")[0].split("/")
        found[row["Platform"], f"{year}-{month}-{day}"] += int(row["Likes/Followers/Visits/Downloads"] or 0)
    return found


def test_the_file_of_followers_holds_what_was_counted_from_it_elsewhere() -> None:
    counted = followers_by_day()
    for platform, days in COUNTED.items():
        assert {day: counted[platform, day] for day in days} == days
