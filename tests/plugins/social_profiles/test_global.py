"""The global report: audience, content and community, in total, by network and by profile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from bilan.reports.blocks import every
from bilan.sdk import Document, Fact, Gallery, Invalid, Kpis, Section, tables_of
from bilan.testing.harness import PluginHarness
from bilan_social_profiles.vocabulary import POSTS, PROFILE_DAYS
from support.document_blocks import block_keys, chart, followed, notes_of, section_of, table, tiles
from support.social_month import HOUR

Build = Callable[..., Document]
pytestmark = pytest.mark.requirement("AD-02")


def rows_of_tiles(document: Document) -> list[Kpis]:
    """All tiles, row by row."""
    return [one for one in every(document.blocks) if isinstance(one, Kpis)]


@pytest.mark.requirement("AP-12")
def test_it_shows_audience_content_and_community(report_of_the_month: Build) -> None:
    document = report_of_the_month("global")

    assert [one.key for one in document.blocks if isinstance(one, Section)] == [
        "audience", "content", "breakdowns", "community", "posts",
    ]  # fmt: skip


def test_followers_are_the_last_known_ones_of_each_profile_and_never_summed_over_days(
    report_of_the_month: Build,
) -> None:
    document = report_of_the_month("global")
    found = tiles(document, "audience") | tiles(document, "audience_more")

    assert found["followers"] == 1050 + 480 + 90
    assert found["followers_change"] == 50 - 20  # LinkedIn was not known before
    assert found["followers_gained"] == 25 + 40 + 10
    assert found["followers_lost"] == 5 + 10 + 30
    assert found["profile_impressions"] == 400 + 600
    assert found["profile_reach"] == 300 + 450 + 200


def test_the_audience_is_told_by_network_and_by_profile(report_of_the_month: Build) -> None:
    document = report_of_the_month("global")

    by_network = {row[0]: row[1:3] for row in table(document, "audience_by_network").rows}
    assert by_network == {"facebook": [1050, 50], "instagram": [480, -20], "linkedin": [90, None]}

    by_profile = {tuple(row[:2]): row[2] for row in table(document, "audience_by_profile").rows}
    assert by_profile == {
        ("facebook", "Acme"): 1050,
        ("instagram", "acme.cafe"): 480,
        ("linkedin", "Acme"): 90,
    }


@pytest.mark.requirement("AP-12")
def test_engagement_is_divided_by_the_followers_of_those_who_tell_it(report_of_the_month: Build) -> None:
    made = table(report_of_the_month("global"), "audience_by_network")
    place = [one.key for one in made.columns].index("social.engagement_rate_by_followers")

    rates = {row[0]: row[place] for row in made.rows}
    assert rates["linkedin"] is None  # it tells no engagement by day
    assert made.totals is not None
    assert made.totals[place] == pytest.approx(140 / (1050 + 480))


def test_each_profile_has_a_line_of_followers(report_of_the_month: Build) -> None:
    found = chart(report_of_the_month("global"), "followers")

    assert found.categories == ["2026-02-01", "2026-02-15"]
    assert {one.key: one.values for one in found.series} == {
        "facebook/Acme": [1020, 1050],
        "instagram/acme.cafe": [500, 480],
        "linkedin/Acme": [None, 90],
    }


def test_lines_have_all_their_days_however_many_these_are(bilan_harness: PluginHarness) -> None:
    days = [date(2025, 1, 1) + timedelta(days=number) for number in range(365)]
    profiles = [("facebook", "A"), ("instagram", "B"), ("x", "C")]
    rows = [
        {"network": network, "profile": name, "day": day, "followers": 100 * place + number}
        for place, (network, name) in enumerate(profiles)
        for number, day in enumerate(days)
    ]
    bilan_harness.load([Fact(PROFILE_DAYS, row) for row in rows])

    found = chart(bilan_harness.build("social.global", {"period": "2025-01-01..2025-12-31"}), "followers")

    assert [one.values for one in found.series] == [
        [100 * place + number for number in range(365)] for place in (2, 1, 0)
    ]
    # Days of many years are too many to be drawn, and are drawn by the month.
    long = chart(bilan_harness.build("social.global", {"period": "2020-01-01..2025-12-31"}), "followers")
    assert len(long.categories) == 6 * 12
    assert long.series[0].values[-1] == 200 + 364


def test_posts_are_those_published_in_the_period_as_its_zone_cuts_days(report_of_the_month: Build) -> None:
    document = report_of_the_month("global")
    found = tiles(document, "content") | tiles(document, "content_more")

    assert found["posts"] == 4
    assert found["impressions"] == 1000 + 500
    assert found["reach"] == 800 + 400 + 600
    assert found["engagement"] == 80 + 20 + 90


def test_a_day_without_posts_drew_nothing_and_one_of_which_nothing_is_told_is_empty(
    bilan_harness: PluginHarness,
) -> None:
    posts = [(2, 80, 800), (4, None, None), (4, 20, 400)]
    rows = [
        {
            "network": "x", "profile": "A", "post": f"{number}", "kind": "text", "engagement": engagement,
            "reach": reach, "published_at": datetime(2026, 2, day, 9, tzinfo=UTC),
        }
        for number, (day, engagement, reach) in enumerate([*posts, (5, None, None)])
    ]  # fmt: skip
    bilan_harness.load([Fact(POSTS, row) for row in rows])

    document = bilan_harness.build(
        "social.global", {"period": "2026-02-01..2026-02-05", "zone": "UTC", "interval": "day"}
    )

    assert chart(document, "published").series[0].values == [0, 1, 0, 2, 1]
    assert chart(document, "engagement").series[0].values == [0, 80, 0, 20, None]
    assert [one for one in followed(bilan_harness, document) if not one.agrees] == []


@pytest.mark.requirement("AD-15")
def test_a_goal_is_shown_as_the_part_of_it_that_was_reached(report_of_the_month: Build) -> None:
    document = report_of_the_month("global", goal_followers=3240, goal_engagement=100)

    # Unformatted: people read 50 % and 190 %.
    notes = {kpi.key: kpi.note for one in rows_of_tiles(document) for kpi in one.tiles if kpi.note}
    assert {key: str(note) for key, note in notes.items()} == {
        "social.followers": "0.5 of the goal of 3240",
        "social.engagement": "1.9 of the goal of 100",
    }


@pytest.mark.parametrize("goal", [0, -5])
def test_a_goal_that_nobody_can_work_towards_is_refused(three_profiles: PluginHarness, goal: int) -> None:
    with pytest.raises(Invalid, match="A goal is a number above zero"):
        three_profiles.build("social.global", {"goal_followers": goal})


def test_one_profile_after_the_other_says_that_goals_are_of_all_together(report_of_the_month: Build) -> None:
    sentence = "Goals are those of all profiles together; where one comes after the other, none is shown."

    assert sentence in notes_of(report_of_the_month("global", view="individual", goal_followers=10))
    assert sentence not in notes_of(report_of_the_month("global", goal_followers=10))


def test_engagement_rates_leave_out_posts_without_what_they_divide_by(report_of_the_month: Build) -> None:
    document = report_of_the_month("global")
    found = tiles(document, "content") | tiles(document, "content_more")

    assert found["engagement_rate_by_reach"] == pytest.approx(190 / 1800)
    assert found["engagement_rate_by_impressions"] == pytest.approx(100 / 1500)


def test_the_best_posts_are_cards_with_the_most_engaging_first(report_of_the_month: Build) -> None:
    content = section_of(report_of_the_month("global"), "content")
    gallery = next(one for one in content.blocks if isinstance(one, Gallery))

    texts = [row[[c.key for c in gallery.table.columns].index("text")] for row in gallery.table.rows]
    assert texts == ["Text of p3", "Text of p1", "Text of p2"]


def test_the_best_hours_are_named_and_drawn_as_a_heat_map(report_of_the_month: Build) -> None:
    found = chart(report_of_the_month("global"), "best_hours")

    assert str(found.headline) == "Posts did best on 1 at 10."
    monday = next(one for one in found.series if one.key == "1")
    assert monday.values[10] == 85  # of 80 and 90; the post of which nothing is known is left out


def test_an_hour_at_which_one_post_was_published_is_not_named_the_best(bilan_harness: PluginHarness) -> None:
    hours = [(2, 9, 10), (9, 9, 20), (3, 18, 900), (4, 7, 5), (11, 7, 6)]
    rows = [
        {
            "network": "x", "profile": "A", "post": f"{day}", "kind": "text", "engagement": engagement,
            "published_at": datetime(2026, 2, day, hour, tzinfo=UTC),
        }
        for day, hour, engagement in hours
    ]  # fmt: skip
    bilan_harness.load([Fact(POSTS, row) for row in rows])

    document = bilan_harness.build("social.global", {"period": "2026-02-01..2026-02-28", "zone": "UTC"})

    # Mondays at nine and Wednesdays at seven; a Tuesday's one success says nothing of Tuesdays.
    assert str(chart(document, "best_hours").headline) == "Posts did best on 1 at 9 and 3 at 7."


def test_networks_are_asked_for_as_people_write_them(report_of_the_month: Build) -> None:
    made = table(report_of_the_month("global", networks=["Facebook page", "LinkedIn"]), "audience_by_network")

    assert [row[0] for row in made.rows] == ["facebook", "linkedin"]


def test_posts_are_broken_down_by_type_hashtag_and_label(report_of_the_month: Build) -> None:
    document = report_of_the_month("global")

    def engagement(key: str) -> dict[object, object]:
        found = table(document, key)
        place = [one.key for one in found.columns].index("social.engagement")
        return {row[0]: row[place] for row in found.rows}

    assert engagement("by_kind") == {"photo": 80, "link": 20, "reel": 90, "text": None}
    assert engagement("by_hashtags") == {"spring": 170, "acme": 100, "": None}
    assert engagement("by_labels") == {"launch": 170, "video": 90, "": 20}


def test_paid_stands_apart_from_organic(report_of_the_month: Build) -> None:
    found = tiles(report_of_the_month("global"), "paid_and_organic")

    assert (found["impressions_organic"], found["impressions_paid"]) == (1100, 400)


def test_the_community_is_counted_with_its_replies(report_of_the_month: Build) -> None:
    found = tiles(report_of_the_month("global"), "community")

    assert (found["received"], found["replied"], found["reply_rate"]) == (4, 2, 0.5)
    assert found["response_time"] == 1.5 * HOUR
    assert (found["reviewed"], found["hidden"], found["rating"]) == (3, 1, 4.0)


@pytest.mark.requirement("AD-01")
def test_figures_stand_beside_those_of_the_period_before(report_of_the_month: Build) -> None:
    content = section_of(report_of_the_month("global"), "content")
    before = {kpi.key: kpi.previous for block in content.blocks for kpi in getattr(block, "tiles", ())}
    audience = section_of(report_of_the_month("global"), "audience")
    earlier = {kpi.key: kpi.previous for block in audience.blocks for kpi in getattr(block, "tiles", ())}

    assert before["social.posts"] == 1
    assert before["social.engagement"] == 40
    assert earlier["social.followers"] == 1500


@pytest.mark.requirement("AD-06")
def test_every_figure_leads_to_the_rows_that_it_is_made_of(
    report_of_the_month: Build, three_profiles: PluginHarness
) -> None:
    led = followed(three_profiles, report_of_the_month("global"))

    blocks = {one.block for one in led}
    assert {"audience", "content", "community", "by_kind", "best_posts"} <= blocks
    assert [one for one in led if not one.agrees] == []


@pytest.mark.requirement("DC-23")
def test_the_report_says_that_days_of_profiles_are_their_networks(report_of_the_month: Build) -> None:
    assert any("network" in one or "source" in one for one in notes_of(report_of_the_month("global")))


@pytest.mark.requirement("DC-23")
def test_a_figure_that_a_network_does_not_tell_is_noted(report_of_the_month: Build) -> None:
    notes = notes_of(report_of_the_month("global"))

    assert [one for one in notes if one.startswith("Instagram does not tell: Impressions of the profiles")]
    assert not [one for one in notes if one.startswith("Facebook does not tell: Followers")]


def test_posts_without_a_day_are_counted_in_a_note(report_of_the_month: Build) -> None:
    notes = notes_of(report_of_the_month("global"))

    assert "One post is left out: its source does not say when it was published." in notes


@pytest.mark.parametrize(
    ("view", "tables"),
    [
        ("network", ["audience_by_network", "content_by_network", "community_by_network"]),
        ("profile", ["audience_by_profile", "content_by_profile", "community_by_profile"]),
    ],
)
def test_figures_can_be_told_by_network_or_by_profile_alone(
    report_of_the_month: Build, view: str, tables: list[str]
) -> None:
    keys = block_keys(report_of_the_month("global", view=view))

    found = [one for one in keys if one.endswith(("_by_network", "_by_profile"))]
    assert found == tables


def test_one_profile_can_come_after_the_other(report_of_the_month: Build) -> None:
    document = report_of_the_month("global", view="individual")

    assert [one.key for one in document.blocks if isinstance(one, Section)] == [
        "facebook_Acme", "instagram_acme.cafe", "linkedin_Acme", "posts",
    ]  # fmt: skip
    assert tiles(document, "audience_facebook_Acme")["followers"] == 1050
    assert tiles(document, "content_instagram_acme.cafe")["engagement"] == 90
    keys = block_keys(document)
    assert len(keys) == len(set(keys))


def test_profiles_whose_names_differ_by_marks_alone_have_files_of_their_own(
    bilan_harness: PluginHarness,
) -> None:
    rows = [
        {"network": "x", "profile": name, "day": date(2026, 2, 3), "followers": 1}
        for name in ("A & B", "A/B")
    ]
    bilan_harness.load([Fact(PROFILE_DAYS, row) for row in rows])

    document = bilan_harness.build(
        "social.global", {"period": "2026-02-01..2026-02-28", "view": "individual"}
    )

    assert [one.key for one in document.blocks if isinstance(one, Section)] == ["x_A-B", "x_A-B-2", "posts"]


def test_networks_and_profiles_narrow_everything(report_of_the_month: Build) -> None:
    document = report_of_the_month("global", networks=["facebook"])

    assert tiles(document, "audience")["followers"] == 1050
    assert tiles(document, "content")["posts"] == 3
    assert tiles(document, "community")["received"] == 3


def test_labels_narrow_posts_alone(report_of_the_month: Build) -> None:
    document = report_of_the_month("global", labels=["video"])

    assert tiles(document, "content")["posts"] == 1
    assert tiles(document, "audience")["followers"] == 1620


@pytest.mark.requirement("GO-15")
def test_every_tile_and_column_names_the_definition_behind_it(report_of_the_month: Build) -> None:
    document = report_of_the_month("global")

    printed = {definition.key for definition in document.definitions}
    assert {one.metric for row in rows_of_tiles(document) for one in row.tiles if one.metric} <= printed
    assert {
        column.metric for one in tables_of(document.blocks) for column in one.columns if column.metric
    } <= printed
    assert {"social.followers", "social.engagement_rate_by_followers", "social.engagement"} <= printed


@pytest.mark.requirement("DC-03")
def test_who_wrote_what_is_a_matter_of_single_persons(three_profiles: PluginHarness) -> None:
    community = three_profiles.registry.datasets["social.community"]

    assert {column.name for column in community.columns if column.personal} == {"author", "text"}
