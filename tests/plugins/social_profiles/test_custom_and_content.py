"""The custom report, of parts that a person picks, and the performance of content, post by post."""

from __future__ import annotations

import csv
from collections.abc import Callable

import pytest

from bilan.rendering.selection import chosen
from bilan.sdk import Document, Invalid, Section
from bilan.testing.harness import PluginHarness
from support.document_blocks import csv_files, section_of, table, tiles

Build = Callable[..., Document]
PARTS = (
    "audience", "audience_tables", "content", "best_posts", "best_hours", "content_tables", "types",
    "hashtags", "labels", "paid", "community", "community_tables", "posts",
)  # fmt: skip


def sections(document: Document) -> list[str]:
    """The keys of the outermost sections."""
    return [one.key for one in document.blocks if isinstance(one, Section)]


@pytest.mark.requirement("AP-13")
def test_a_person_picks_the_parts_of_a_custom_report_and_their_order(report_of_the_month: Build) -> None:
    picked = report_of_the_month("custom", blocks=["best_hours", "audience", "posts"])

    assert sections(report_of_the_month("custom")) == list(PARTS)
    assert sections(chosen(picked, ("best_hours", "audience", "posts"))) == [
        "best_hours",
        "audience",
        "posts",
    ]


@pytest.mark.requirement("AP-13")
def test_each_part_of_a_custom_report_can_tell_of_one_profile_after_the_other(
    report_of_the_month: Build,
) -> None:
    document = report_of_the_month("custom", view="individual")

    inner = [one.key for one in section_of(document, "content").blocks if isinstance(one, Section)]
    assert inner == ["content_facebook_Acme", "content_instagram_acme.cafe", "content_linkedin_Acme"]
    assert tiles(document, "content_facebook_Acme")["posts"] == 3


@pytest.mark.requirement("AP-15", "DC-22")
def test_the_content_report_is_a_csv_file_with_every_post_and_its_figures(
    report_of_the_month: Build, three_profiles: PluginHarness
) -> None:
    files = csv_files(three_profiles, report_of_the_month("content"))
    lines = list(csv.DictReader(files["content_performance.csv"]))

    assert [one["Post"] for one in lines] == ["p3", "p2", "p5", "p1"]  # the newest first
    launch = lines[3]
    names = ("Published", "Network", "Profile", "Type", "Text", "Address", "Paid")
    assert [launch[name] for name in names] == [
        "2026-02-02T09:00:00Z", "facebook", "Acme", "photo", "Text of p1", "https://example.org/p1", "true",
    ]  # fmt: skip
    names = ("Impressions", "Organic impressions", "Paid impressions", "Reach", "Engagement", "Reactions")
    assert [launch[name] for name in names] == ["1000", "600", "400", "800", "80", "50"]
    assert launch["Engagement rate by reach"] == "0.1"
    assert launch["Engagement rate by impressions"] == "0.08"
    assert (launch["Hashtags"], launch["Labels"]) == ("spring; acme", "launch")


@pytest.mark.requirement("AP-15")
def test_what_a_network_does_not_tell_is_empty_and_never_zero(
    report_of_the_month: Build, three_profiles: PluginHarness
) -> None:
    files = csv_files(three_profiles, report_of_the_month("content"))
    unknown = next(one for one in csv.DictReader(files["content_performance.csv"]) if one["Post"] == "p5")

    names = ("Impressions", "Reach", "Engagement", "Engagement rate by reach", "Reactions", "Video views")
    assert [unknown[name] for name in names] == ["", "", "", "", "", ""]


def test_the_best_posts_can_be_ranked_by_another_figure_and_be_fewer(report_of_the_month: Build) -> None:
    found = table(report_of_the_month("content", rank_by="reach", top=1), "best_posts")

    place = [one.key for one in found.columns].index("text")
    assert [row[place] for row in found.rows] == ["Text of p1"]


@pytest.mark.parametrize("top", [0, 13])
def test_a_number_of_cards_that_nobody_can_read_is_refused(three_profiles: PluginHarness, top: int) -> None:
    with pytest.raises(Invalid, match="Between 1 and 12 posts"):
        three_profiles.build("social.content", {"top": top})
