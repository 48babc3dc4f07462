"""Tables of a connector: the last version of each thing counts, and what holds earlier figures is no sum."""

from __future__ import annotations

import csv
import zipfile
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bilan.sdk import ImportFile, Invalid, Row
from bilan_social_profiles.readers.connector.reader import ConnectorReader
from bilan_social_profiles.sample import DATA
from support.social import connector_file, picked, read

READER = ConnectorReader()


def table(name: str) -> list[dict[str, str]]:
    (path,) = DATA.glob(f"*/{name}.csv")
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def last(rows: list[Row], *key: str) -> dict[tuple[Any, ...], Row]:
    """The facts that stand once all are in, by what tells them apart."""
    return {tuple(row[name] for name in key): row for row in rows}


def test_facebook_names_the_moment_at_which_a_day_ends() -> None:
    found = read(READER, connector_file("facebook_pages"))
    assert found.rejects == []
    assert len(found.facts) == 6 + 100 + 25
    days = [row for row in found.rows if "day" in row]
    # The table has 07:00 in UTC, midnight in California, of 5 to 11 April without the 8th.
    columns = ("day", "followers", "followers_gained", "followers_lost", "impressions_paid")
    assert sorted(picked(days, *columns)) == [
        (date(2020, 4, 4), 256, 1, 0, 7617),
        (date(2020, 4, 5), 257, 1, 0, 8327),
        (date(2020, 4, 6), 257, 0, 0, 9544),
        (date(2020, 4, 8), 257, 0, 0, 6847),
        (date(2020, 4, 9), 256, 0, 1, 6305),
        (date(2020, 4, 10), 257, 1, 0, 3988),
    ]  # fmt: skip


def test_what_a_facebook_post_reached_is_its_last_figure_and_no_sum() -> None:
    found = read(READER, connector_file("facebook_pages"))
    posts = last([row for row in found.rows if "post" in row], "post")
    assert len(posts) == len({row["id"] for row in table("facebook_pages_post_history_data")}) == 99
    newest = dict[str, dict[str, str]]()
    for row in sorted(table("facebook_pages_lifetime_post_metrics_total_data"), key=lambda row: row["date"]):
        newest[row["post_id"]] = row
    for key, row in newest.items():
        post = posts[(key,)]
        assert (post["impressions"], post["clicks"]) == (
            int(row["post_impressions"]),
            int(row["post_clicks"]),
        )
        assert post["network"] == "facebook"
        assert post["profile"] == post["profile_id"] == key.partition("_")[0]
    assert sum(bool(post.get("impressions")) for post in posts.values()) == len(newest) == 5
    post = posts["514435155248879_3391309130894786",]
    assert picked([post], "impressions", "reactions", "video_views", "watch_seconds")[0][:3] == (877, 12, 193)


def test_the_pictures_of_an_album_are_one_post_with_the_figures_of_its_type() -> None:
    found = read(READER, connector_file("instagram_business"))
    posts = last([row for row in found.rows if "post" in row], "post")
    columns = ("kind", "impressions", "reach", "reactions", "comments", "saves", "shares", "engagement")
    assert {key: picked([row], *columns)[0] for (key,), row in posts.items()} == {
        "17875951606801054": ("photo", 56, 43, 3, 1, 0, 1, 5),
        # Its two pictures name the album; its figures are those of albums.
        "17866678285999550": ("album", 63, 47, 4, 0, 0, 0, 4),
    }
    (followers,) = [row for row in found.rows if "day" in row]
    assert picked([followers], "day", "profile", "followers") == [
        (date(2021, 10, 27), "fivetrandevelopers", 39)
    ]
    assert len(found.facts) + len(found.rejects) == 100 + 5 + 1
    assert {str(one.reason)[:80] for one in found.rejects} == {
        "In instagram_business_media_insights_data: Its post is not in instagram_business"
    }


def test_linkedin_posts_are_tied_to_their_statistics_by_whatever_names_them() -> None:
    found = read(READER, connector_file("linkedin_pages"))
    posts = last(found.rows, "post")
    shares, newest = table("linkedin_pages_share_statistic_data"), dict[str, dict[str, str]]()
    tied = {
        row["share_statistic_id"]: row["ugc_post_id"]
        for row in table("linkedin_pages_ugc_post_share_statistic_data")
    }
    for row in sorted(shares, key=lambda row: row["_fivetran_synced"]):
        if not row["share_count"].startswith("-"):
            newest[tied.get(row["_fivetran_id"], row["_share_entity_urn"]).rpartition(":")[2]] = row
    assert {key: posts[(key,)]["impressions"] for key in newest} == {
        key: int(row["impression_count"]) for key, row in newest.items()
    }
    assert all(posts[(key,)]["undated"] for key in newest)
    written = table("linkedin_pages_ugc_post_history_data")
    assert sum(not post["undated"] for post in posts.values()) == len({row["id"] for row in written}) == 75
    kinds = Counter(post["kind"] for post in posts.values() if post["kind"])
    assert kinds == {"media": 42, "album": 6, "poll": 2}
    assert {post["profile"] for post in posts.values()} == {"3954657", "10429"}
    assert Counter(str(one.reason).partition(":")[2].strip() for one in found.rejects) == {
        "“-1” is below nought, which no count is.": 4,
        "Its post is in none of the tables; hand them over together.": 112,
    }


def test_rows_of_youtube_are_summed_to_days_and_videos() -> None:
    found = read(READER, connector_file("youtube"))
    rows = table("youtube_channel_basic_data")
    views, gained = defaultdict[str, int](int), defaultdict[str, int](int)
    of_video = defaultdict[str, int](int)
    for row in rows:
        views[row["date"]] += int(row["views"])
        gained[row["date"]] += int(row["subscribers_gained"]) - int(row["subscribers_lost"])
        of_video[row["video_id"]] += int(row["views"])
    days = last([row for row in found.rows if "day" in row], "day")
    assert {key.isoformat(): row["views"] for (key,), row in days.items()} == views
    assert {
        key.isoformat(): row["followers_gained"] - row["followers_lost"] for (key,), row in days.items()
    } == gained
    assert {row["profile"] for row in days.values()} == {"Fivetran"}
    posts = last([row for row in found.rows if "post" in row], "post")
    lifetime = {row["id"]: int(row["statistics_view_count"]) for row in table("youtube_video_data")}
    summed = {video: count for video, count in of_video.items() if video}
    assert {key: row["video_views"] for (key,), row in posts.items()} == {**summed, **lifetime}
    assert posts["t91FEgxdojg",]["published_at"] == datetime(2020, 10, 27, 22, 48, 14, tzinfo=UTC)
    assert len(found.rejects) == len(table("youtube_channel_demographics_data"))


def test_a_row_that_came_twice_counts_as_it_was_copied_last(tmp_path: Path) -> None:
    header = (
        "_fivetran_id,date,_fivetran_synced,channel_id,country_code,subscribed_status,video_id,views,likes,"
        "comments,shares,subscribers_gained,subscribers_lost,watch_time_minutes,videos_added_to_playlists\n"
    )
    row = "{},2026-03-0{},2026-03-05 0{}:00:00 UTC,UC1,{},subscribed,v1,{},1,0,,0,0,2.5,0\n"
    path = tmp_path / "youtube_channel_basic_data.csv"
    path.write_text(
        header
        + row.format("a", 1, 2, "FR", 10)
        + row.format("b", 1, 1, "FR", 7)
        + row.format("c", 1, 1, "DE", 5)
        + row.format("d", 2, 1, "DE", 3)
    )
    found = read(READER, ImportFile(path, path.name), profile="Acme")
    assert len(found.facts) == 4
    days = last([row for row in found.rows if "day" in row], "day")
    assert {key: row["views"] for (key,), row in days.items()} == {
        date(2026, 3, 1): 15, date(2026, 3, 2): 3,
    }  # fmt: skip
    post = [row for row in found.rows if "post" in row][-1]
    assert picked([post], "profile", "video_views", "reactions", "shares", "watch_seconds") == [
        ("Acme", 18, 3, None, 450.0)
    ]


def test_all_networks_come_together_in_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "tables.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in DATA.glob("*_connector/*.csv"):
            archive.write(file, f"export/{file.name}")
    file = ImportFile(path, path.name)
    assert READER.recognises(file) == 1
    found = read(READER, file)
    assert {row["network"] for row in found.rows} == {"facebook", "instagram", "linkedin", "youtube"}
    assert READER.recognises(ImportFile(DATA / "README.md", "README.md")) == 0


def test_one_name_does_not_stand_for_several_profiles() -> None:
    with pytest.raises(Invalid, match=r"hold several profiles .* cannot all be called Acme"):
        read(READER, connector_file("facebook_pages"), profile="Acme")
    with pytest.raises(Invalid, match="3954657, 10429"):
        read(READER, connector_file("linkedin_pages"), profile="Acme")


def standing(file: ImportFile) -> dict[tuple[Any, ...], Row]:
    """The facts that stand once a file is in."""
    return {
        (fact.dataset, fact.row["profile"], fact.row.get("post") or fact.row["day"]): fact.row
        for one in read(READER, file).facts
        for fact in one.facts
    }


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    """Whatever order a connector writes its versions in, the same facts stand at last."""
    file = connector_file("facebook_pages")
    expected = standing(file)
    random = Random(7)
    for turn in range(5):
        shuffled = dict[str, Path]()
        for path in (file.path, *file.companions.values()):
            header, *lines = path.read_text(encoding="utf-8").splitlines()
            random.shuffle(lines)
            shuffled[path.name] = tmp_path / f"{turn}" / path.name
            shuffled[path.name].parent.mkdir(exist_ok=True)
            shuffled[path.name].write_text("\n".join([header, *lines]), encoding="utf-8")
        again = ImportFile(shuffled[file.name], file.name, shuffled)
        assert standing(again) == expected
