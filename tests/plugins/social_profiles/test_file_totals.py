"""Whole files through the engine: their totals are those that were counted from them elsewhere."""

from __future__ import annotations

import csv
import json
from calendar import monthrange
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bilan.sdk import ImportFile, Interval, IntervalUnit, Question, Span
from bilan.testing.harness import PluginHarness
from bilan_social_profiles.facts import post_fact
from bilan_social_profiles.network_names import read_network
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


@pytest.mark.requirement("AD-02")
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
    # The oldest fact, from which a period may begin, is none of them.
    assert posts.client.extent("social.posts") is None
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    posts.load([post_fact(published_at=at, network="x", profile="Acme", post="1")], sequence=2)
    assert posts.client.extent("social.posts") == (at, at)


def followers_by_day() -> dict[tuple[str, str], int]:
    """What was counted of the accounts of each platform on each day, from the file by itself."""
    found = Counter[tuple[str, str]]()
    for row in csv.DictReader(unpacked(FOLLOWERS_FILE).splitlines()):
        month, day, year = row["Date Sampled"].partition(" ")[0].split("/")
        found[row["Platform"], f"{year}-{month}-{day}"] += int(row["Likes/Followers/Visits/Downloads"] or 0)
    return found


@pytest.fixture
def followers(bilan_harness: PluginHarness) -> PluginHarness:
    """The accounts of a city, counted at fifteen dates."""
    found = read(
        TablesReader(),
        ImportFile(FOLLOWERS_FILE, FOLLOWERS_FILE.name),
        dates="month_first",
        zone="Asia/Tokyo",
    )
    assert (len(found.facts), len(found.rejects)) == (4365, 30)
    assert bilan_harness.load(found.facts) == []
    return bilan_harness


def told(
    harness: PluginHarness, metric: str, start: date, end: date, every: Interval
) -> dict[tuple[str, str], Any]:
    """A metric of each network in each interval of some days, by network and the interval's last day."""
    span = Span(start, end, "America/New_York")
    answer = harness.client(Question("social.profile_days", (metric,), span, every, by=("network",)))
    return {
        (row.keys[0], (row.bucket.end - timedelta(days=1)).isoformat()): row.values[metric]
        for row in answer.rows
        if row.bucket is not None
    }


def test_followers_of_a_day_are_those_counted_on_it(followers: PluginHarness) -> None:
    counted, start, end = followers_by_day(), date(2011, 8, 1), date(2012, 9, 1)
    found = told(followers, "social.followers_counted", start, end, Interval())
    for platform, days in COUNTED.items():
        network = read_network(platform)
        spelled = [one for one in {name for name, _day in counted} if read_network(one) == network]
        for day, count in days.items():
            others = sum(counted[one, day] for one in spelled if one != platform)
            assert (found.get((network, day)) or 0) == count + others, (platform, day)


@pytest.mark.requirement("AD-02")
def test_followers_of_a_month_are_the_last_known_ones_of_each_account_at_its_end(
    followers: PluginHarness,
) -> None:
    found = told(
        followers, "social.followers", date(2011, 8, 1), date(2012, 9, 1), Interval(IntervalUnit.MONTH)
    )
    expected = followers_by_month()
    assert len(expected) == 174
    assert {key: found.get(key) for key in expected} == expected


def followers_by_month() -> dict[tuple[str, str], int]:
    """The last count of each account up to the end of each month, summed by network, from the file alone."""
    samples = defaultdict[tuple[str, str, str], list[tuple[str, int]]](list)
    for row in csv.DictReader(unpacked(FOLLOWERS_FILE).splitlines()):
        count, network = row["Likes/Followers/Visits/Downloads"], read_network(row["Platform"])
        if count and row["Agency"] and row["Platform"] != "TOTAL":
            month, day, year = row["Date Sampled"].partition(" ")[0].split("/")
            samples[network, row["Agency"], row["Url"]].append((f"{year}-{month}-{day}", int(count)))
    months = [(year, month) for year in (2011, 2012) for month in range(1, 13)]
    found = Counter[tuple[str, str]]()
    for year, month in months[7:20]:
        end = f"{year}-{month:02}-{monthrange(year, month)[1]}"
        for (network, _agency, _url), told_at in samples.items():
            known = [count for day, count in sorted(told_at) if day <= end]
            if known:
                found[network, end] += known[-1]
    return found


def test_the_file_of_followers_holds_what_was_counted_from_it_elsewhere() -> None:
    counted = followers_by_day()
    for platform, days in COUNTED.items():
        assert {day: counted[platform, day] for day in days} == days
