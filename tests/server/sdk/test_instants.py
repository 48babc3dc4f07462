"""Moments in every form that programs and people give them, written at random and read back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_datetime
from hypothesis import assume, given
from hypothesis import strategies as st

from bilan.sdk import DateOrder, Invalid, Unreadable, date_order, read_instant

PARIS = ZoneInfo("Europe/Paris")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - as Excel counts
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)).map(  # noqa: DTZ001 - a clock on a wall
    # Written, nobody can tell the second of two hours that a clock showed twice.
    lambda at: at.replace(microsecond=0, fold=0)
)
OFFSETS = st.integers(-12 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
Write = Callable[[datetime], str]


def strftime(form: str) -> Write:
    return lambda at: at.strftime(form)


def in_words(form: str, locale: str) -> Write:
    return lambda at: format_datetime(at, form, locale=locale)


LOCAL: dict[str, Write] = {
    "ISO": lambda at: at.isoformat(),
    "ISO with a space": lambda at: at.isoformat(" "),
    "slashes, year first": strftime("%Y/%m/%d %H:%M:%S"),
    "compact": strftime("%Y%m%d%H%M%S"),
    "compact with T": strftime("%Y%m%dT%H%M%S"),
    "weekday and US figures": strftime("%a %m/%d/%Y %I:%M:%S %p"),
    "weekday and European figures": strftime("%A, %d/%m/%Y %H:%M:%S"),
    "month named with dashes": strftime("%d-%b-%Y %H:%M:%S"),
    "month named in capitals": lambda at: at.strftime("%d-%b-%Y %H:%M:%S").upper(),
    "month named first": strftime("%B %d, %Y %I:%M:%S %p"),
    "month named, small halves with points": lambda at: (
        at.strftime("%b %d, %Y, %I:%M:%S ") + ("a.m." if at.hour < 12 else "p.m.")
    ),
    "clock of C": strftime("%a %b %d %H:%M:%S %Y"),
    "time first": strftime("%H:%M:%S %d %B %Y"),
    "French": in_words("EEEE d MMMM y 'à' HH:mm:ss", "fr"),
    "French, short": in_words("EEE d MMM y HH'h'mm", "fr"),
    "German": in_words("EEEE, d. MMMM y 'um' HH:mm:ss 'Uhr'", "de"),
    "German, short": in_words("EEE d. MMM y, HH:mm:ss", "de"),
    "Spanish": in_words("EEEE, d 'de' MMMM 'de' y, H:mm:ss", "es"),
    "Spanish, short": in_words("d MMM y, h:mm:ss a", "es"),
    "English of CLDR, narrow spaces": in_words("MMM d, y, h:mm:ss\u202fa", "en_US"),
    "full-width figures": lambda at: at.isoformat(" ").translate(
        {ord(str(digit)): 0xFF10 + digit for digit in range(10)}
    ),
}
ORDERS = {
    "weekday and US figures": DateOrder.MONTH_FIRST,
    "weekday and European figures": DateOrder.DAY_FIRST,
}
"""A weekday tells the order of figures in most weeks, not in all."""
ZONED: dict[str, Write] = {
    "ISO": lambda at: at.isoformat(),
    "without a colon": strftime("%Y-%m-%d %H:%M:%S %z"),
    "e-mail": strftime("%a, %d %b %Y %H:%M:%S %z"),
    "e-mail with a comment": strftime("%a, %d %b %Y %H:%M:%S %z (somewhere)"),
    "web server": strftime("%d/%b/%Y:%H:%M:%S %z"),
    "browser": strftime("%a %b %d %Y %H:%M:%S GMT%z (Central European Standard Time)"),
    "Twitter": strftime("%a %b %d %H:%M:%S %z %Y"),
    "Go": strftime("%Y-%m-%d %H:%M:%S.000000000 %z CET m=+0.5"),
}


@pytest.mark.requirement("DC-27")
@pytest.mark.parametrize("form", LOCAL)
@given(at=MOMENTS)
def test_a_local_moment_is_read_back_from_any_form(form: str, at: datetime) -> None:
    written = LOCAL[form](at)
    if form == "French, short":
        at = at.replace(second=0)
    assert read_instant(written, PARIS, order=ORDERS.get(form)) == at.replace(tzinfo=PARIS).astimezone(UTC)


@pytest.mark.requirement("DC-27")
@pytest.mark.parametrize("form", ZONED)
@given(at=MOMENTS, offset=OFFSETS)
def test_a_written_offset_is_honoured_in_any_form(form: str, at: datetime, offset: timezone) -> None:
    placed = at.replace(tzinfo=offset)
    assert read_instant(ZONED[form](placed), PARIS) == placed.astimezone(UTC)


@given(at=MOMENTS, zone=st.sampled_from(["Europe/Paris", "America/St_Johns", "Asia/Kathmandu", "Etc/GMT+5"]))
def test_a_named_zone_is_honoured_alone_and_behind_its_offset(at: datetime, zone: str) -> None:
    placed = at.replace(tzinfo=ZoneInfo(zone))
    assume(placed.astimezone(UTC).astimezone(ZoneInfo(zone)) == placed)
    expected = placed.astimezone(UTC)
    assume(expected.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == at)
    assert read_instant(f"{at.isoformat()} {zone}", UTC) == expected
    assert read_instant(f"{at.isoformat()}[{zone}]", UTC) == expected
    assert read_instant(f"{placed.isoformat()}[{zone}]", UTC) == expected


@given(at=MOMENTS)
def test_a_day_number_of_excel_is_a_moment_to_the_second(at: datetime) -> None:
    days = (at - EXCEL_EPOCH) / timedelta(days=1)
    expected = at.replace(tzinfo=PARIS).astimezone(UTC)
    assert read_instant(days, PARIS) == expected
    assert read_instant(f"{days:.7f}", PARIS) == expected
    assert read_instant(f"{days:.10f}".replace(".", ","), PARIS) == expected


@given(at=MOMENTS, unit=st.sampled_from([1, 10**3, 10**6, 10**9]))
def test_a_count_since_1970_is_read_in_its_unit(at: datetime, unit: int) -> None:
    placed = at.replace(tzinfo=UTC)
    seconds = (placed - EPOCH) // timedelta(seconds=1)
    assert read_instant(seconds * unit, PARIS) == read_instant(str(seconds * unit), PARIS) == placed


@given(
    written=st.sampled_from(sorted(LOCAL)),
    at=MOMENTS,
    rest=st.sampled_from(
        ["?", " x", " 08", " 12:", " pm pm", " or so", "/", " +99", " [", " (", "Z Z", " CETA"]
    ),
)
def test_a_text_that_is_not_used_up_is_no_moment(written: str, at: datetime, rest: str) -> None:
    with pytest.raises(Unreadable):
        read_instant(LOCAL[written](at) + rest, PARIS)


@given(at=st.datetimes(datetime(2000, 1, 1), datetime(2020, 12, 31)))  # noqa: DTZ001
def test_a_date_of_figures_is_read_alone_only_where_it_has_one_meaning(at: datetime) -> None:
    written, day = f"{at:%d/%m/%Y}", datetime(at.year, at.month, at.day, tzinfo=UTC)
    assert read_instant(written, UTC, order=DateOrder.DAY_FIRST) == day
    assert read_instant(f"{at:%m/%d/%Y}", UTC, order=DateOrder.MONTH_FIRST) == day
    assert read_instant(f"{at:%y/%m/%d}", UTC, order=DateOrder.YEAR_FIRST) == day
    if at.day > 12 or at.day == at.month:
        assert read_instant(written, UTC) == day
    else:
        with pytest.raises(Unreadable, match="has several readings"):
            read_instant(written, UTC)


@pytest.mark.requirement("DC-27")
@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["01/05/2026", "01/31/2026", "02/01/2026"], DateOrder.MONTH_FIRST),
        (["01/05/2026", "31/01/2026 08:00"], DateOrder.DAY_FIRST),
        (["05.01.2026", "06.01.2026"], DateOrder.DAY_FIRST),
        (["05.01.2026", "01.31.2026"], DateOrder.MONTH_FIRST),
        (["25/01/26", "26/01/27", "26/01/28"], DateOrder.YEAR_FIRST),
        (["05-01-26", "31-01-26"], DateOrder.DAY_FIRST),
        (["Tue 01/06/2026", "01/05/2026"], DateOrder.MONTH_FIRST),
        (["soon", "", None, 3, "99/99/2026", "2026-01-05 08.30.15", "31/01/2026"], DateOrder.DAY_FIRST),
        (["08:30 01/05/2026", "08:30 01/31/2026"], DateOrder.MONTH_FIRST),
    ],
)
@pytest.mark.parametrize("wanted", [None, *DateOrder])
def test_the_whole_column_decides_the_order_of_its_dates_whatever_is_wanted(
    values: list[object], order: DateOrder, wanted: DateOrder | None
) -> None:
    if values[0] == "05.01.2026" and len({str(one)[3:5] for one in values}) == 1:
        wanted = None
    assert date_order(values, wanted, "Date") is order


@pytest.mark.requirement("DC-27")
def test_a_column_that_leaves_its_order_open_is_asked_about() -> None:
    with pytest.raises(Invalid, match=r"01/05/2026.*day_first, month_first.*--dates") as refused:
        date_order(["01/05/2026", "02/01/2026"], None, "Date")
    assert refused.value.path == ("mapping", "Date")
    assert date_order(["01/05/2026"], DateOrder.MONTH_FIRST, "Date") is DateOrder.MONTH_FIRST
    with pytest.raises(Invalid, match="day_first, month_first, year_first"):
        date_order(["05/01/26", "06/01/26"], None, "Date")


def test_a_column_that_mixes_orders_is_refused_whatever_is_wanted() -> None:
    with pytest.raises(Invalid, match=r"different orders, such as 01/31/2026, 31/01/2026"):
        date_order(["31/01/2026", "01/05/2026", "01/31/2026"], DateOrder.DAY_FIRST, "Date")


def test_an_abbreviation_that_stands_for_several_zones_is_the_sources_own_if_it_has_it() -> None:
    assert read_instant("2026-01-05 08:00 CST", ZoneInfo("Asia/Shanghai")) == datetime(2026, 1, 5, tzinfo=UTC)
    assert read_instant("2026-01-05 08:00 CST", ZoneInfo("America/Chicago")) == datetime(
        2026, 1, 5, 14, tzinfo=UTC
    )
