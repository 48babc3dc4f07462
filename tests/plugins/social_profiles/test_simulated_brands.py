"""Two brands on four networks for the demo: plausible, the same whenever they are drawn, up to now."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from bilan.sdk import ImportFile, Row
from bilan_social_profiles.sample import SAMPLES, exported
from bilan_social_profiles.sample.brands import DAYS, PROFILES
from bilan_social_profiles.sources import FILE
from support.social import Found, read, reader_of

NOW = datetime(2026, 11, 30, 10, tzinfo=UTC)
Drawn = dict[tuple[str, str], tuple[ImportFile, Found]]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    """The file of each profile, and what is read of it."""
    found: Drawn = {}
    for profile in PROFILES:
        (file,) = exported(profile, tmp_path_factory.mktemp("drawn"), NOW)
        told = replace(file, picture=str)
        found[profile.brand.name, profile.network.name] = file, read(reader_of(file), told)
    return found


def rows(found: Found, dataset: str) -> list[Row]:
    return [fact.row for one in found.facts for fact in one.facts if fact.dataset == dataset]


def test_each_profile_is_a_source_of_its_own_that_says_that_it_is_simulated() -> None:
    simulated = [sample for sample in SAMPLES if sample.kind == FILE.key]
    assert len(simulated) == 8
    assert all("(simulated)" in sample.name and "simulated" in str(sample.note) for sample in simulated)


def test_two_brands_have_fourteen_months_on_four_networks(drawn: Drawn) -> None:
    assert {brand for brand, _network in drawn} == {"Maison Ombelle", "Tidewell Tea"}
    assert {network for _brand, network in drawn} == {"facebook", "instagram", "linkedin", "youtube"}
    for (brand, network), (_file, found) in drawn.items():
        assert found.rejects == []
        days = [row["day"] for row in rows(found, "social.profile_days")]
        assert days == [date(2026, 11, 30) - timedelta(days=back) for back in range(DAYS, 0, -1)]
        for dataset in ("social.posts", "social.profile_days", "social.community"):
            assert {(row["profile"], row["network"]) for row in rows(found, dataset)} == {(brand, network)}
            assert len(rows(found, dataset)) > 40
        assert max(row["published_at"] for row in rows(found, "social.posts")) <= NOW
        told = rows(found, "social.community")
        assert all(row["received_at"] <= (row["replied_at"] or NOW) <= NOW for row in told)


def test_a_network_tells_what_it_tells_and_nothing_else(drawn: Drawn) -> None:
    empty = defaultdict[str, set[str]](set)
    for (_brand, network), (_file, found) in drawn.items():
        posts = rows(found, "social.posts")
        empty[network] |= {
            name for name in ("reach", "saves", "clicks") if not any(row[name] for row in posts)
        }
    assert empty == {
        "facebook": {"saves"}, "instagram": {"clicks"}, "linkedin": {"saves"}, "youtube": {"reach", "clicks"},
    }  # fmt: skip


def test_figures_are_plausible(drawn: Drawn) -> None:
    for _file, found in drawn.values():
        for row in rows(found, "social.posts"):
            assert (row["impressions"] or 0) >= (row["reach"] or 0) - (row["impressions_paid"] or 0)
            assert row["paid"] == bool(row["impressions_paid"]) or row["network"] == "youtube" or row["paid"]
            assert row["hashtags"]
            assert row["labels"]
        days = rows(found, "social.profile_days")
        assert 1.1 < days[-1]["followers"] / days[0]["followers"] < 1.6
        for before, row in pairwise(days):
            if row["followers_gained"] is not None and row["followers_lost"] is not None:
                net = row["followers_gained"] - row["followers_lost"]
                assert net == row["followers"] - before["followers"]


def test_the_same_day_is_drawn_alike_a_month_later(tmp_path: Path) -> None:
    profile = PROFILES[1]
    now = {(one.at, one.text, one.kind) for one in profile.posts(NOW)}
    later = {(one.at, one.text, one.kind) for one in profile.posts(NOW + timedelta(days=30))}
    assert {one for one in later if NOW - timedelta(days=300) < one[0] <= NOW} <= now
    assert profile.followers(date(2026, 3, 2)) == profile.followers(date(2026, 3, 2))


def test_posts_have_small_pictures_that_come_along_with_the_file(drawn: Drawn) -> None:
    for file, found in drawn.values():
        shown = {row["picture"] for row in rows(found, "social.posts") if row.get("picture")}
        assert shown <= file.companions.keys()
        assert len(file.companions) <= 20
        for path in file.companions.values():
            with Image.open(path) as picture:
                assert (picture.format, picture.size) == ("JPEG", (480, 480))
            assert path.stat().st_size < 40_000
