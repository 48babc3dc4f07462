"""Numbers, dates and texts for one reader. Narrow and plain no-break spaces are written out."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.i18n import DateFormat, LocaleFormatter, TimeFormat, Translator
from bilan.sdk.messages import messages
from bilan.sdk.units import Unit

_, ngettext = messages("bilan")

TRANSLATOR = Translator({})
NARROW = "\u202f"
HARD = "\u00a0"
MINUS = "\u2212"


def formatter(language: str = "en", zone: str = "UTC", **preferences: object) -> LocaleFormatter:
    return LocaleFormatter(TRANSLATOR, language, zone, **preferences)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "unit", "english", "french"),
    [
        (1234567, Unit.COUNT, "1,234,567", f"1{NARROW}234{NARROW}567"),
        (-1200, Unit.COUNT, "-1,200", f"-1{NARROW}200"),
        (3.14159, Unit.NUMBER, "3.14", "3,14"),
        (2.0, Unit.NUMBER, "2", "2"),
        (0.4567, Unit.PROPORTION, "45.7%", f"45,7{HARD}%"),
        (0.00123, Unit.PROPORTION, "0.12%", f"0,12{HARD}%"),
        (0, Unit.PROPORTION, "0.0%", f"0,0{HARD}%"),
        (1.0, Unit.PROPORTION, "100.0%", f"100,0{HARD}%"),
        (42, Unit.SECONDS, "42 sec", f"42{NARROW}s"),
        (0.84, Unit.SECONDS, "0.8 sec", f"0,8{NARROW}s"),
        (200, Unit.SECONDS, "3 min 20 sec", f"3{HARD}min 20{NARROW}s"),
        (3599.7, Unit.SECONDS, "1 hr", f"1{NARROW}h"),
        (90061, Unit.SECONDS, "1 day 1 hr", f"1{NARROW}j 1{NARROW}h"),
        (1_536_000, Unit.BYTES, "1.5 MB", f"1,5{NARROW}Mo"),
        ("2026-07-04", Unit.DATE, "Jul 4, 2026", "4 juil. 2026"),
        (1, Unit.WEEKDAY, "Monday", "lundi"),
        ("7", Unit.WEEKDAY, "Sunday", "dimanche"),
        (8, Unit.WEEKDAY, "8", "8"),
        (0, Unit.HOUR, f"12{HARD}AM", f"00{HARD}h"),
        ("13", Unit.HOUR, f"1{HARD}PM", f"13{HARD}h"),
        (24, Unit.HOUR, "24", "24"),
        (["spring", "sale"], Unit.TEXTS, "spring, sale", "spring, sale"),
        ("=1+1", Unit.TEXT, "=1+1", "=1+1"),
        ("unknown", Unit.COUNT, "unknown", "unknown"),
    ],
)
def test_every_unit_is_written_as_the_language_writes_it(
    value: object, unit: Unit, english: str, french: str
) -> None:
    assert formatter("en").value(value, unit) == english
    assert formatter("fr").value(value, unit) == french


@pytest.mark.parametrize("unit", list(Unit))
@pytest.mark.parametrize("empty", [None, "", [], math.nan, math.inf])
def test_an_empty_value_is_a_dash_in_every_unit(unit: Unit, empty: object) -> None:
    assert formatter().value(empty, unit) == "–"


@pytest.mark.requirement("DC-23")
def test_an_instant_is_shown_in_the_display_zone_and_names_it() -> None:
    moment = "2026-07-04T22:30:00+00:00"
    assert formatter("fr", "Europe/Paris").value(moment, Unit.INSTANT) == "5 juil. 2026, 00:30 CEST"
    assert formatter("en", "America/New_York").value(moment, Unit.INSTANT) == (
        f"Jul 4, 2026, 6:30{NARROW}PM EDT"
    )
    assert formatter("en-GB", "America/Sao_Paulo").value(moment, Unit.INSTANT) == ("4 Jul 2026, 19:30 UTC-03")


@pytest.mark.requirement("DC-23")
def test_the_display_zone_never_moves_a_day() -> None:
    assert formatter("en", "Pacific/Kiritimati").value("2026-07-04", Unit.DATE) == "Jul 4, 2026"


def test_a_readers_own_date_and_time_formats_win_over_the_languages() -> None:
    iso = formatter("fr", "UTC", date_format=DateFormat.ISO, time_format=TimeFormat.HOURS_24)
    assert iso.value("2026-07-04T18:05:00Z", Unit.INSTANT) == "2026-07-04, 18:05 UTC"
    assert iso.period("2026-07-01", "2026-07-31") == "2026-07-01 – 2026-07-31"
    american = formatter("en-GB", date_format=DateFormat.MONTH_FIRST, time_format=TimeFormat.HOURS_12)
    assert american.value("2026-07-04T18:05:00Z", Unit.INSTANT) == f"07/04/2026, 6:05{NARROW}pm UTC"


def test_a_period_says_what_its_days_share_only_once() -> None:
    assert formatter("fr").period("2026-07-01", "2026-07-31") == "1–31 juil. 2026"
    assert formatter("fr").period("2026-07-04", "2026-07-04") == "4 juil. 2026"


def test_axis_labels_say_only_what_tells_them_apart() -> None:
    fr = formatter("fr")
    assert fr.labels(["2026-07-01", "2026-07-02"], Unit.DATE) == ["1 juil.", "2 juil."]
    assert fr.labels(["2026-07-01", "2026-08-01"], Unit.DATE) == ["juil. 2026", "août 2026"]
    assert fr.labels(["2025-12-31", "2026-01-01"], Unit.DATE) == ["31 déc. 2025", "1 janv. 2026"]
    assert fr.labels([0, 12_500, 2_000_000], Unit.COUNT) == ["0", f"12,5{HARD}k", f"2{HARD}M"]
    assert fr.labels([0, 0.05], Unit.PROPORTION) == [f"0{HARD}%", f"5{HARD}%"]
    assert fr.labels(["2026-07-01T10:00:00Z", "2026-07-01T11:00:00Z"], Unit.INSTANT) == ["10:00", "11:00"]


def test_a_change_carries_its_sign_and_shares_change_by_points() -> None:
    en = formatter("en")
    assert en.change(112, 100, Unit.COUNT) == "+12.0%"
    assert en.change(25, 100, Unit.COUNT) == f"{MINUS}75.0%"
    assert en.change(500, 100, Unit.COUNT) == "+400%"
    assert en.change(0.42, 0.40, Unit.PROPORTION) == f"+2.0{HARD}pt"
    assert en.change(7, 7, Unit.COUNT) == "±0.0%"
    assert en.change(7, 0, Unit.COUNT) is None


def test_numbers_and_named_units_in_a_sentence_are_written_for_the_reader() -> None:
    sentence = _(
        "{name} had {count} opens, {rate:proportion} of all, until {last:date}",
        name="{0.__class__}", count=12345, rate=0.25, last="2026-07-04",
    )  # fmt: skip
    assert formatter("fr").text(sentence) == (
        f"{{0.__class__}} had 12{NARROW}345 opens, 25,0{HARD}% of all, until 4 juil. 2026"
    )


def test_a_sentence_inside_a_sentence_is_translated_too() -> None:
    outer = _("About {what}", what=ngettext("{count} row", "{count} rows", count=1))
    assert formatter().text(outer) == "About 1 row"


def test_arabic_reads_from_right_to_left() -> None:
    assert formatter("ar").direction == "rtl"
    assert formatter("ar").value(["أ", "ب"], Unit.TEXTS) == "أ، ب"
    assert formatter("fr").direction == "ltr"


def test_a_date_in_a_sentence_that_runs_from_the_right_keeps_its_own_order() -> None:
    until = _("until {last:date} in {zone}", last="2026-07-04", zone="UTC")
    assert (
        formatter("ar").text(until)
        == f"until \u2068{formatter('ar').value('2026-07-04', Unit.DATE)}\u2069 in UTC"
    )
    assert formatter("en").text(until) == "until Jul 4, 2026 in UTC"


@given(st.integers(min_value=-(10**15), max_value=10**15), st.sampled_from(["en", "fr", "de", "es", "ja"]))
def test_a_count_keeps_every_digit(value: int, language: str) -> None:
    written = formatter(language).value(value, Unit.COUNT)
    assert int("".join(c for c in written if c.isdigit())) == abs(value)


@given(st.floats(min_value=0, max_value=1e9, allow_nan=False))
def test_a_duration_is_right_to_within_half_of_its_smallest_unit(seconds: float) -> None:
    parts = formatter("en").value(seconds, Unit.SECONDS).split()
    sizes = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    total = sum(
        float(number.replace(",", "")) * sizes[unit[0]]
        for number, unit in zip(parts[::2], parts[1::2], strict=True)
    )
    half = 1800 if seconds >= 86399 else 30 if seconds >= 3599 else 0.5
    assert abs(total - seconds) <= half
