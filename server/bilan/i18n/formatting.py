"""Numbers, dates and texts, written for one reader."""

from __future__ import annotations

import math
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.lists import format_list

from bilan.i18n import days, numbers
from bilan.i18n.direction import isolated
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _
from bilan.sdk.units import FIGURES, Unit

if TYPE_CHECKING:
    from bilan.i18n.translation import Translator

DASH = "–"
"""What stands for an empty value."""
KEPT = 8192
"""How many written values each kind keeps; Babel takes 11 to 19 microseconds for a new one."""


class DateFormat(StrEnum):
    """How somebody likes days to be written."""

    LOCALE = "locale"
    ISO = "iso"
    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


class TimeFormat(StrEnum):
    """How somebody likes times of day to be written."""

    LOCALE = "locale"
    HOURS_24 = "24h"
    HOURS_12 = "12h"


@dataclass(frozen=True, slots=True)
class DisplayFormats:
    """How days and times of day are written, where that is not as the language does."""

    date: DateFormat = DateFormat.LOCALE
    time: TimeFormat = TimeFormat.LOCALE


USUAL_FORMATS = DisplayFormats()


class LocaleFormatter:
    """Writes values for one reader, as :class:`bilan.sdk.rendering.Formatter` says.

    ``zone`` is the display zone: it moves instants, never the days that were
    cut when the report was built. What cannot be read as the unit it is said
    to have is shown as it is.
    """

    def __init__(
        self,
        translator: Translator,
        language: str = "en",
        zone: str = "UTC",
        *,
        date_format: DateFormat = DateFormat.LOCALE,
        time_format: TimeFormat = TimeFormat.LOCALE,
    ) -> None:
        self._translator = translator
        self._language = language
        self._zone = ZoneInfo(zone)
        self._locale = Locale.parse(language, sep="-")
        self._date_format = date_format
        self._time_format = time_format
        self._sentences = _Sentences(self)
        self._yes, self._no = self.text(_("Yes")), self.text(_("No"))
        self._comma = str(self._locale.list_patterns["standard"]["middle"]).format("", "")
        if self._language == "ar":
            self._comma = "، "
        self._writers = self._kept_writers()

    @property
    def language(self) -> str:
        return self._language

    @property
    def direction(self) -> str:
        return str(self._locale.text_direction)

    @property
    def zone(self) -> str:
        return self._zone.key

    def text(self, text: Message | str | None) -> str:
        if isinstance(text, Message):
            sentence = self._translator.sentence(text, self._language)
            return self._sentences.vformat(sentence, (), text.args) if "{" in sentence else sentence
        return text or ""

    def value(self, value: Any, unit: Any) -> str:
        if _empty(value):
            return DASH
        if isinstance(value, Message):
            return self.text(value)
        if isinstance(value, list | tuple):
            return self._comma.join(str(one) for one in value)
        return self._writers[unit](value)

    def labels(self, values: Sequence[Any], unit: Any) -> list[str]:
        unit = Unit(unit)
        if unit in FIGURES:
            return numbers.ticks([float(value) for value in values], unit, self._locale)
        if unit is Unit.DATE and (read := [_day(value) for value in values]) and all(read):
            return days.labels([day for day in read if day], self._locale, self._pattern)
        if unit is Unit.INSTANT and (times := [_moment(value) for value in values]) and all(times):
            return days.hours(
                [time.astimezone(self._zone) for time in times if time], self._locale, self._clock
            )
        if unit is Unit.WEEKDAY:
            return [days.weekday_name(value, self._locale, "abbreviated") for value in values]
        return [self.value(value, unit) for value in values]

    def change(self, value: float, previous: float, unit: Any) -> str | None:
        if Unit(unit) is Unit.PROPORTION:
            points = numbers.signed((value - previous) * 100, self._locale)
            written = self.text(_("{points} pt", points=points))
            return written.replace(" ", "\N{NO-BREAK SPACE}")
        if previous == 0:
            return None
        return numbers.signed_percent((value - previous) / abs(previous), self._locale)

    def period(self, first: str, last: str) -> str:
        start, end = _day(first), _day(last)
        if start is None or end is None:
            return f"{first} – {last}"
        return days.period(start, end, self._locale, self._pattern)

    def ago(self, value: datetime, now: datetime) -> str:
        """How long ago a moment was: ``2 minutes ago``."""
        return days.ago(value, now, self._locale)

    def weekday(self, value: datetime) -> str:
        """The day of a moment in the reader's zone, as people call it: ``Wednesday, November 25, 2026``."""
        return days.weekday(value.astimezone(self._zone).date(), self._locale)

    def month(self, value: date) -> str:
        """A month with its year: ``November 2026``."""
        return days.month(value, self._locale)

    def clock(self, value: time | datetime) -> str:
        """A time of day, or that of a moment in the reader's zone: ``8:00 AM``."""
        shown = value.astimezone(self._zone).time() if isinstance(value, datetime) else value
        return days.clock(shown, self._locale, self._clock)

    def listed(self, texts: Sequence[str]) -> str:
        """Texts as a sentence names them: ``Monday, Tuesday, and Friday``."""
        return format_list(list(texts), locale=self._locale)

    @property
    def _pattern(self) -> str | None:
        return {
            DateFormat.LOCALE: None,
            DateFormat.ISO: "yyyy-MM-dd",
            DateFormat.DAY_FIRST: "dd/MM/yyyy",
            DateFormat.MONTH_FIRST: "MM/dd/yyyy",
        }[self._date_format]

    @property
    def _clock(self) -> str:
        return {
            TimeFormat.LOCALE: str(self._locale.time_formats["short"].pattern),
            TimeFormat.HOURS_24: "HH:mm",
            TimeFormat.HOURS_12: "h:mm\N{NARROW NO-BREAK SPACE}a",
        }[self._time_format]

    def _kept_writers(self) -> Mapping[Unit, Callable[[Any], str]]:
        locale, pattern, clock = self._locale, self._pattern, self._clock

        def number(write: Callable[[float, Locale], str]) -> Callable[[Any], str]:
            @lru_cache(KEPT)
            def written(value: float) -> str:
                return write(value, locale)

            return lambda value: written(value) if isinstance(value, int | float) else str(value)

        @lru_cache(KEPT)
        def day(value: str | date) -> str:
            read = _day(value)
            return days.day(read, locale, pattern) if read else str(value)

        @lru_cache(KEPT)
        def moment(value: str | datetime) -> str:
            read = _moment(value)
            return days.moment(read.astimezone(self._zone), locale, pattern, clock) if read else str(value)

        def flag(value: object) -> str:
            return (self._yes if value else self._no) if isinstance(value, bool | int) else str(value)

        return {
            Unit.TEXT: str,
            Unit.TEXTS: str,
            Unit.COUNT: number(numbers.count),
            Unit.NUMBER: number(numbers.number),
            Unit.PROPORTION: number(numbers.proportion),
            Unit.SECONDS: number(numbers.duration),
            Unit.BYTES: number(numbers.size),
            Unit.INSTANT: moment,
            Unit.DATE: day,
            Unit.BOOLEAN: flag,
            Unit.WEEKDAY: lambda value: days.weekday_name(value, locale, "wide"),
            Unit.HOUR: lambda value: days.hour(value, locale, clock),
        }


class _Sentences(string.Formatter):
    """Fills a sentence's placeholders: numbers written for the locale, messages translated."""

    def __init__(self, formatter: LocaleFormatter) -> None:
        self._formatter = formatter

    def get_field(self, field_name: str, args: Any, kwargs: Mapping[str, Any]) -> tuple[Any, str]:  # noqa: ARG002
        # Names alone: a translation has no business reaching into what it is given.
        return kwargs[field_name], field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec:
            written = self._formatter.value(value, format_spec)
            # The parts of a date would change places with the words around it.
            apart = self._formatter.direction == "rtl" and format_spec in (Unit.DATE, Unit.INSTANT)
            return isolated(written) if apart else written
        if isinstance(value, bool) or not isinstance(value, int | float):
            return self._formatter.value(value, Unit.TEXT)
        return self._formatter.value(value, Unit.NUMBER)


def _empty(value: Any) -> bool:
    return value is None or value in ("", []) or (isinstance(value, float) and not math.isfinite(value))


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _moment(value: object) -> datetime | None:
    if not isinstance(value, datetime):
        try:
            value = datetime.fromisoformat(str(value))
        except ValueError:
            return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)
