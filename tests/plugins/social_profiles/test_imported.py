"""Files of social profiles by the commands, as people import them: how many rows are new, there, rejected."""

from __future__ import annotations

import csv
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from bilan_social_profiles.posts import POST_DATASET
from bilan_social_profiles.profile_days import PROFILE_DAY_DATASET
from bilan_social_profiles.sample import DATA as SAMPLES
from fixtures.commands import Commands
from support.social import DATA, FOLLOWERS_FILE, POSTS_FILE

NAMED = (
    "published_at", "network", "profile", "post", "kind", "text", "url", "impressions", "reach", "engagement",
    "reactions", "comments", "shares", "saves", "clicks", "video_views", "labels", "author",
)  # fmt: skip


def added(command: Commands, kind: str, *settings: str) -> str:
    """A new source of the plugin; its name."""
    name = f"{kind} {command.word}"
    pairs = [part for pair in settings for part in ("--setting", pair)]
    command("sources", "add", "--plugin", "social_profiles", "--kind", kind, "--name", name, *pairs)
    return name


def counts(said: str) -> str:
    """The line of an import that counts its rows."""
    return next(line for line in said.splitlines() if line.endswith(" rejected."))


def exported(command: Commands, dataset: str, source: str, out: Path) -> list[dict[str, Any]]:
    command("export", dataset, "--source", source, "--out", str(out))
    return [json.loads(line) for line in out.read_text().splitlines()]


@pytest.mark.requirement("DC-26")
def test_posts_without_a_date_are_imported_once_and_keep_the_totals(alone: Commands, tmp_path: Path) -> None:
    source = added(alone, "file", "network=facebook", "profile=Cosmetics")
    for found in ("500 new, 0 already there", "0 new, 500 already there"):
        said = alone("import", "--source", source, str(POSTS_FILE))
        assert "Into social.posts:" in said
        assert counts(said) == f"500 rows: {found}, 0 rejected."
    told = json.loads((DATA / "facebook_expected_totals.json").read_text())
    rows = exported(alone, "social.posts", source, tmp_path / "posts.jsonl")
    assert len(rows) == told["posts"]
    photos = [row for row in rows if row["kind"] == "photo"]
    assert sum(row["reach"] or 0 for row in photos) == told["by_type"]["Photo"]["reach"]
    assert sum(row["engagement"] for row in photos) == told["by_type"]["Photo"]["interactions"]


@pytest.mark.requirement("DC-26", "DC-27")
def test_followers_are_imported_and_the_rows_that_sum_them_up_are_not(alone: Commands) -> None:
    source = added(alone, "file", "dates=month_first")
    said = alone("import", "--source", source, str(FOLLOWERS_FILE))
    assert "Into social.profile_days:" in said
    assert counts(said) == "4,395 rows: 4,365 new, 0 already there, 30 rejected."
    assert "This row sums up others, which are read by themselves." in said
    assert counts(alone("import", "--source", source, str(FOLLOWERS_FILE))) == (
        "4,395 rows: 0 new, 4,365 already there, 30 rejected."
    )


def test_versions_of_a_connectors_table_count_as_there(alone: Commands, tmp_path: Path) -> None:
    path = tmp_path / "tables.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted((SAMPLES / "facebook_pages_connector").glob("*.csv")):
            archive.write(file, file.name)
    source = added(alone, "connector")
    # 6 days and 99 posts, of which 131 rows speak.
    assert counts(alone("import", "--source", source, str(path))) == (
        "131 rows: 105 new, 26 already there, 0 rejected."
    )
    assert counts(alone("import", "--source", source, str(path))) == (
        "131 rows: 0 new, 131 already there, 0 rejected."
    )
    assert len(exported(alone, "social.posts", source, tmp_path / "posts.jsonl")) == 99


@pytest.mark.requirement("AP-15")
def test_a_post_is_exported_by_the_names_that_content_performance_has(
    alone: Commands, tmp_path: Path
) -> None:
    source = added(alone, "file")
    path, out = tmp_path / "posts.csv", tmp_path / "out.csv"
    path.write_text("Date,Network,Profile,Text,Likes,Labels\n2026-03-02 09:30,X,Acme,Hi #Hi,3,a|b\n")
    said = alone("import", "--source", source, str(path))
    assert counts(said) == "1 row: 1 new, 0 already there, 0 rejected."
    alone("export", "social.posts", "--source", source, "--format", "csv", "--out", str(out))
    with out.open(newline="", encoding="utf-8-sig") as file:
        header, row = csv.reader(file)
    assert tuple(name for name in header if name in set(NAMED)) == NAMED
    assert tuple(column.name for column in POST_DATASET.columns)[: len(NAMED)] == NAMED
    days = ("day", "network", "profile", "followers", "followers_gained", "followers_lost")
    assert tuple(column.name for column in PROFILE_DAY_DATASET.columns)[:9] == (
        *days, "impressions", "reach", "engagement",
    )  # fmt: skip
    told = dict(zip(header, row, strict=True))
    assert (told["network"], told["reactions"], told["reach"], told["text"]) == ("x", "3", "", "Hi #Hi")
