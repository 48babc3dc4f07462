"""The global report as a CSV archive and as slides."""

from __future__ import annotations

import csv
from collections.abc import Callable

import pytest

from bilan.sdk import Document
from bilan.testing.harness import PluginHarness
from support.document_blocks import csv_files
from support.slides import read

Build = Callable[..., Document]


@pytest.mark.requirement("AP-14", "DC-22")
def test_its_csv_is_a_file_for_each_table(report_of_the_month: Build, three_profiles: PluginHarness) -> None:
    files = csv_files(three_profiles, report_of_the_month("global"))

    assert set(files) == {
        "audience_by_network.csv", "audience_by_profile.csv", "best_posts.csv", "best_hours.csv",
        "content_by_network.csv", "content_by_profile.csv", "by_kind.csv", "by_hashtags.csv", "by_labels.csv",
        "by_paid.csv", "community_by_kind.csv", "community_by_network.csv", "community_by_profile.csv",
        "content_performance.csv",
    }  # fmt: skip
    audience = csv.DictReader(files["audience_by_profile.csv"])
    assert [(one["Network"], one["Profile"], one["Followers"], one["Change"]) for one in audience] == [
        ("facebook", "Acme", "1050", "50"),
        ("instagram", "acme.cafe", "480", "-20"),
        ("linkedin", "Acme", "90", ""),
    ]


@pytest.mark.requirement("AP-16", "DC-22")
def test_its_slides_show_the_figures_the_best_posts_and_the_best_hours(
    report_of_the_month: Build, three_profiles: PluginHarness
) -> None:
    slides = read(three_profiles.render(report_of_the_month("global"), "pptx"))

    def slide(text: str) -> str:
        whole = ("\n".join([one.title, *one.texts]) for one in slides)
        return next(one for one in whole if text in one)

    assert "1,620 followers, 30 more than before the period." in slide("Followers by profile")
    best = slide("Best posts by engagement")
    assert best.index("Engagement\t90") < best.index("Engagement\t80") < best.index("Engagement\t20")
    assert "Posts did best on Monday at 10\xa0AM." in slide("Engagement of a post by weekday and hour")
    assert "4 messages and comments were received" in slide("Received and replied to")
