"""What is said to stand out, over rows written by hand, in English and in French."""

from __future__ import annotations

import pytest

from bilan_email_campaigns.reports.rankings import (
    Rated,
    beside_average,
    best_click_rate,
    half_of_opens,
    largest_domain,
    most_clicked,
    most_clicks,
)
from support.wording import written


def test_the_campaign_with_the_best_click_rate_is_named() -> None:
    said = best_click_rate([Rated("Spring", 0.12, 600), Rated("Sale", 0.139, 590), Rated("Draft", None, 0)])

    assert written(said) == "“Sale” had the best click rate, 13.9%."
    assert written(said, "fr") == "« Sale » a obtenu le meilleur taux de clic, 13,9 %."


@pytest.mark.parametrize(
    "campaigns",
    [
        [],
        [Rated("Alone", 0.2, 600)],
        [Rated("Alone", 0.2, 600), Rated("Draft", None, 0)],
        [Rated("One", 0.2, 600), Rated("Other", 0.2, 300)],
        # One in four of four e-mails is no finding, and what comes after it is not the best.
        [Rated("Tiny", 0.25, 4), Rated("Spring", 0.2, 600)],
        # Stated totals are not cut to the period.
        [Rated("Stated", 0.25, 600, reported=True), Rated("Spring", 0.2, 600)],
        # More clicks than deliveries: these were in an earlier period.
        [Rated("Late", 1.5, 40), Rated("Spring", 0.2, 600)],
    ],
)
def test_no_campaign_is_named_where_none_is_best_for_certain(campaigns: list[Rated]) -> None:
    assert best_click_rate(campaigns) is None


def test_a_counted_campaign_may_be_better_than_a_stated_one() -> None:
    said = best_click_rate([Rated("Stated", 0.1, 600, reported=True), Rated("Spring", 0.2, 600)])

    assert written(said) == "“Spring” had the best click rate, 20.0%."


@pytest.mark.parametrize(
    ("ranked", "english", "french"),
    [
        (
            [("Sale", 1083), ("Spring", 71)],
            "“Sale” had the most unique clicks: 1,083.",
            "« Sale » a reçu le plus de clics uniques : 1 083.",
        ),
        (
            [("Sale", 1), ("Spring", 0)],
            "“Sale” had the only unique click.",
            "« Sale » a reçu le seul clic unique.",
        ),
        ([("Sale", 5), ("Spring", 5)], None, None),
        ([("Sale", 0), ("Spring", 0)], None, None),
        ([("Sale", 5)], None, None),
        ([], None, None),
    ],
)
def test_the_campaign_with_most_unique_clicks_is_named(
    ranked: list[tuple[str, int]], english: str | None, french: str | None
) -> None:
    said = most_clicks(ranked)

    assert (written(said), written(said, "fr")) == (english, french)


@pytest.mark.parametrize(
    ("opens", "english", "french"),
    [
        (
            [50, 49, *[0] * 22],
            "At least half of the first day’s 99 opens came in the hour of the first send.",
            "Au moins la moitié des 99 ouvertures du premier jour ont eu lieu dans l’heure du premier envoi.",
        ),
        (
            [10, 10, 10, 10, *[1] * 20],
            "At least half of the first day’s 60 opens came in the first 3 hours.",
            "Au moins la moitié des 60 ouvertures du premier jour ont eu lieu dans les 3 premières heures.",
        ),
        # As late as by chance.
        ([*[2] * 24], "At least half of the first day’s 48 opens came in the first 12 hours.", "-"),
        ([1, *[2] * 23], None, None),
        ([29, *[0] * 23], None, None),
        ([0] * 24, None, None),
    ],
)
def test_how_soon_half_of_the_opens_came_is_said_where_it_was_soon(
    opens: list[int], english: str | None, french: str | None
) -> None:
    said = half_of_opens(opens)

    assert written(said) == english
    assert french == "-" or written(said, "fr") == french


def test_the_part_of_the_most_clicked_link_is_said() -> None:
    said = most_clicked([("https://shop/a", 39), ("https://shop/b", 36)], 96)

    assert written(said) == "The most clicked link drew 40.6% of the 96 clicks."
    assert written(said, "fr") == "Le lien le plus cliqué a attiré 40,6 % des 96 clics."
    assert most_clicked([("https://shop/a", 39), ("https://shop/b", 39)], 96) is None
    assert most_clicked([("https://shop/a", 39)], 39) is None


def test_the_largest_domain_is_said() -> None:
    said = largest_domain([("b.org", 3), ("a.org", 1)], 5)

    assert written(said) == "60.0% of the recipients are at b.org."
    assert written(said, "fr") == "60,0 % des destinataires sont chez b.org."
    assert largest_domain([("b.org", 3), ("a.org", 3)], 6) is None
    assert largest_domain([("b.org", 3)], 3) is None


@pytest.mark.parametrize(
    ("rate", "average", "english", "french"),
    [
        (
            0.436, 0.442,
            "The open rate of 43.6% is 0.6 points below the 44.2% of all campaigns.",
            (
                "Le taux d’ouverture, 43,6 %, est inférieur de 0,6 point "
                "à celui de toutes les campagnes, 44,2 %."
            ),
        ),
        (
            0.452, 0.442,
            "The open rate of 45.2% is 1 point above the 44.2% of all campaigns.",
            "Le taux d’ouverture, 45,2 %, dépasse de 1 point celui de toutes les campagnes, 44,2 %.",
        ),
        (0.4421, 0.442, None, None),
        (None, 0.442, None, None),
        (0.442, None, None, None),
        (1.2, 0.442, None, None),
    ],
)  # fmt: skip
def test_the_open_rate_is_held_against_that_of_all_campaigns(
    rate: float | None, average: float | None, english: str | None, french: str | None
) -> None:
    said = beside_average(rate, 592, average)

    assert (written(said), written(said, "fr")) == (english, french)
    assert beside_average(rate, 29, average) is None
