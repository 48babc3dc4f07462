"""Languages, zones and weekdays, as people and workspaces prefer them."""

from __future__ import annotations

from babel import Locale, UnknownLocaleError

from bilan.catalog.text import clean_name
from bilan.parameters.times import parse_zone
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _


def language(text: str) -> str:
    """A language as the Unicode data spells it, such as ``fr`` or ``pt_BR``. Raises ``Invalid``."""
    try:
        return str(Locale.parse(text.strip().replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        raise Invalid(
            _("{text} is no language; write one like en, fr or pt_BR.", text=text), ("language",)
        ) from None


def weekday(number: int) -> int:
    """A weekday counted from Monday = 0. Raises ``Invalid``."""
    if not 0 <= number <= 6:
        raise Invalid(_("Weekdays count from 0, Monday, to 6, Sunday."), ("first_weekday",))
    return number


def language_or_none(text: str | None) -> str | None:
    """A language of one's own, or the workspace's."""
    return language(text) if text else None


def zone_or_none(text: str | None) -> str | None:
    """A zone of one's own, or the workspace's."""
    return parse_zone(text) if text else None


def named(text: str) -> str:
    """A name that can be shown. Raises ``Invalid``."""
    text = clean_name(text)
    if not text or len(text) > 200:
        raise Invalid(_("A name has from 1 to 200 characters."), ("name",))
    return text
