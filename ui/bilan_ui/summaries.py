"""What was filled in, said in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bilan.parameters.times import period_text
from bilan.parameters.validation import check
from bilan.reports.described import interval_in_words
from bilan.sdk.messages import Message
from bilan.sdk.parameters import Choice, Parameter
from bilan.sdk.periods import Interval, Period
from bilan_ui.textdomain import _


def summary(parameters: Iterable[Parameter], raw: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The name and the words of each parameter that holds something."""
    declared = tuple(parameters)
    values = check(declared, {one.key: raw.get(one.key) for one in declared}, client=None).values
    said = [{"label": one.label, "words": _words(one, values.get(one.key))} for one in declared]
    return [one for one in said if one["words"]]


def _words(parameter: Parameter, value: Any) -> list[Message | str]:
    match value:
        case None | "" | False | ():
            return []
        case True:
            return [_("yes")]
        case Period():
            return [period_text(value)]
        case Interval():
            return [interval_in_words(value)]
        case tuple() | list():
            return [_called(parameter, str(one)) for one in value]
        case _:
            return [_called(parameter, str(value))]


def _called(parameter: Parameter, value: str) -> Message | str:
    return value if callable(parameter.choices) else _label(parameter.choices, value)


def _label(choices: Iterable[Choice], value: str) -> Message | str:
    return next((one.label for one in choices if one.value == value), value)
