"""Relative time on pages: how long ago, the exact moment at hand, and under the day of the reader's zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

import bilan_ui
from bilan.i18n import LocaleFormatter, Translator
from bilan_ui.relative_time import RelativeTime
from fixtures.pages import Markup

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def relative_time(language: str = "en", zone: str = "UTC") -> RelativeTime:
    return RelativeTime(LocaleFormatter(Translator.of([bilan_ui.register_plugin()]), language, zone), NOON)


@pytest.mark.parametrize(
    ("ago", "english", "french"),
    [
        (timedelta(seconds=20), "20 seconds ago", "il y a 20 secondes"),
        (timedelta(minutes=59), "59 minutes ago", "il y a 59 minutes"),
        (timedelta(hours=2), "2 hours ago", "il y a 2 heures"),
        (timedelta(days=3), "3 days ago", "il y a 3 jours"),
        (timedelta(seconds=-5), "1 second ago", "il y a 1 seconde"),  # clocks of two machines differ
    ],
)
def test_a_moment_is_as_long_ago_as_people_say(ago: timedelta, english: str, french: str) -> None:
    for language, said in (("en", english), ("fr", french)):
        assert Markup(relative_time(language).ago(NOON - ago)).one("time").said.replace("\xa0", " ") == said


def test_the_exact_moment_is_at_hand_in_the_readers_zone() -> None:
    time = Markup(relative_time(zone="Europe/Paris").ago(NOON - timedelta(hours=2))).one("time")
    assert time.attributes["datetime"] == "2026-03-10T10:00:00+00:00"
    assert "11:00" in time.attributes["title"]
    assert "CET" in time.attributes["title"]


def test_what_has_not_happened_is_a_dash() -> None:
    assert relative_time().ago(None) == "–"


def test_things_stand_under_the_days_of_the_readers_zone() -> None:
    times = [NOON, NOON - timedelta(hours=12, minutes=30), NOON - timedelta(days=1), NOON - timedelta(days=2)]
    utc = relative_time().by_day(times, lambda one: one)
    assert [(day, len(found)) for day, found in utc] == [
        ("Today, Tuesday, March 10, 2026", 1), ("Yesterday, Monday, March 9, 2026", 2),
        ("Sunday, March 8, 2026", 1),
    ]  # fmt: skip
    # Half past eleven in the evening of London is past midnight in Paris.
    paris = relative_time("fr", "Europe/Paris").by_day(times[:2], lambda one: one)
    assert [(day, len(found)) for day, found in paris] == [("Aujourd’hui, mardi 10 mars 2026", 2)]
