"""What templates say in the reader's language and direction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from bilan.sdk.document import ParameterValue
from bilan.sdk.rendering import Formatter
from bilan.sdk.textdomain import _, ngettext
from bilan.sdk.units import Unit


def texts(formatter: Formatter) -> Callable[..., str]:
    """What ``_`` is in a template: the core's sentences for this reader."""

    def translated(sentence: str, /, **args: Any) -> str:
        return formatter.text(_(sentence, **args))

    return translated


def plurals(formatter: Formatter) -> Callable[..., str]:
    """What ``ngettext`` is in a template."""

    def translated(one: str, many: str, /, count: int, **args: Any) -> str:
        return formatter.text(ngettext(one, many, count, **args))

    return translated


def isolated(formatter: Formatter) -> Callable[[str], str]:
    """What ``iso`` is in a template: keeps a text's own direction where the page runs right to left."""
    if formatter.direction == "ltr":
        return lambda text: text
    return lambda text: Markup("<bdi>{}</bdi>").format(text)


def shown_parameter(parameter: ParameterValue, formatter: Formatter) -> str:
    """A parameter's value in words."""
    if parameter.shown:
        return formatter.value([formatter.text(one) for one in parameter.shown], Unit.TEXTS)
    match parameter.value:
        case bool():
            unit = Unit.BOOLEAN
        case int():
            unit = Unit.COUNT
        case _:
            unit = Unit.TEXT
    return formatter.value(parameter.value, unit)
