"""One reader for each kind of parameter: from what was typed or sent to a value.

A reader raises ``Invalid`` with a sentence; the caller knows the field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from bilan.parameters.times import parse_interval, parse_period, parse_zone
from bilan.sdk.contact_addresses import read_contact
from bilan.sdk.errors import Invalid
from bilan.sdk.parameters import ParameterKind
from bilan.sdk.textdomain import _

TRUE = frozenset({"true", "on", "yes", "1"})
FALSE = frozenset({"false", "off", "no", "0"})
LONGEST = 10_000
"""The most characters that one text may have."""


def text(raw: Any) -> str:
    """Text without space around it."""
    if not isinstance(raw, str):
        raise Invalid(_("Here a text is expected."))
    if len(raw) > LONGEST:
        raise Invalid(_("The text is longer than {most} characters.", most=LONGEST))
    return raw.strip()


def secret(raw: Any) -> str:
    """Text as it is: a space may belong to it."""
    if not isinstance(raw, str) or len(raw) > LONGEST:
        raise Invalid(_("Here a text of at most {most} characters is expected.", most=LONGEST))
    return raw


def number(raw: Any) -> int:
    """A whole number, also written as text or as ``5.0``."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise Invalid(_("Here a whole number is expected."))
    try:
        value = int(raw)
    except (ValueError, OverflowError):
        raise Invalid(_("{text} is no whole number.", text=str(raw))) from None
    if value != raw and not isinstance(raw, str):
        raise Invalid(_("{text} is no whole number.", text=str(raw)))
    return value


def flag(raw: Any) -> bool:
    """Yes or no."""
    if isinstance(raw, bool):
        return raw
    word = str(raw).strip().lower()
    if word in TRUE | FALSE:
        return word in TRUE
    raise Invalid(_("{text} is neither on nor off.", text=str(raw)))


def texts(raw: Any) -> tuple[str, ...]:
    """Each text once, in the order given; one string may hold several, separated by commas."""
    if isinstance(raw, str):
        raw = raw.split(",")
    if isinstance(raw, Mapping) or not isinstance(raw, Iterable):
        raise Invalid(_("Here a list of texts is expected."))
    found = [text(one) for one in cast("Iterable[Any]", raw)]
    return tuple(dict.fromkeys(one for one in found if one))


READERS: Mapping[ParameterKind, Callable[[Any], Any]] = {
    ParameterKind.TEXT: text,
    ParameterKind.SECRET: secret,
    ParameterKind.NUMBER: number,
    ParameterKind.FLAG: flag,
    ParameterKind.CHOICE: text,
    ParameterKind.CHOICES: texts,
    ParameterKind.ORDER: texts,
    ParameterKind.TAGS: texts,
    ParameterKind.PERIOD: parse_period,
    ParameterKind.INTERVAL: parse_interval,
    ParameterKind.ZONE: parse_zone,
    ParameterKind.CONTACT: read_contact,
}

EMPTY: Mapping[ParameterKind, Any] = {
    ParameterKind.TEXT: "",
    ParameterKind.CONTACT: "",
    ParameterKind.SECRET: "",
    ParameterKind.FLAG: False,
    ParameterKind.CHOICES: (),
    ParameterKind.ORDER: (),
    ParameterKind.TAGS: (),
}
"""What stands for "nothing filled in"; ``None`` for the other kinds."""
