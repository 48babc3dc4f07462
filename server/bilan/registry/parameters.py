"""Parameters of reports, sources and formats: keys, choices and defaults that can be filled in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from bilan.registry.declared import Declared
from bilan.registry.mistakes import mistake, unique
from bilan.sdk.messages import Message
from bilan.sdk.parameters import Parameter, ParameterKind
from bilan.sdk.periods import Interval, Period, Preset
from bilan.sdk.rendering import Renderer
from bilan.sdk.textdomain import _

K = ParameterKind
COMMON = frozenset({"title", "period", "compare", "blocks", "zone", "first_weekday", "kept"})
"""The keys of the parameters that the core adds to each kind of report."""
OF_SOURCES = frozenset({"verify", "pulled"})
"""The settings that the core adds to a source with a webhook, and to one that is pulled."""
SINGLE: dict[ParameterKind, tuple[type, ...]] = {
    K.TEXT: (str,), K.SECRET: (str,), K.NUMBER: (int,), K.FLAG: (bool,), K.CHOICE: (str,),
    K.PERIOD: (Period, Preset, str), K.INTERVAL: (Interval, str), K.ZONE: (str,), K.CONTACT: (str,),
}  # fmt: skip
"""The types of a default; the other kinds hold several texts."""


def check_parameters(declared: Declared) -> None:
    """Raise ``Misdeclared`` for the first parameter that could not be filled in."""
    name = declared.plugin.name
    for owner, parameters, reserved in _groups(declared):
        keys = [parameter.key for parameter in parameters]
        unique(name, (f"{owner}.{key}" for key in keys))
        for parameter in parameters:
            if reason := _unusable(owner, parameter, keys, reserved):
                raise mistake(name, reason)


def _groups(declared: Declared) -> Iterator[tuple[str, tuple[Parameter, ...], frozenset[str]]]:
    yield from ((kind.key, kind.parameters, COMMON) for kind in declared.reports)
    yield from ((kind.key, kind.settings, OF_SOURCES) for kind in declared.sources)
    formats = (one for one in declared.renderers if isinstance(one, Renderer))
    yield from ((one.format, one.options, frozenset[str]()) for one in formats)


def _unusable(
    owner: str, parameter: Parameter, keys: Iterable[str], reserved: frozenset[str]
) -> Message | None:
    key = parameter.key
    if not key.isidentifier():
        return _("the parameter {key} of {owner} must be named by one word", key=key, owner=owner)
    if key in reserved:
        return _("the parameter {key} of {owner} is one that the core adds itself", key=key, owner=owner)
    for other in sorted(set(parameter.depends_on) - set(keys)):
        return _(
            "the parameter {key} of {owner} depends on {other}, which does not exist",
            key=key, owner=owner, other=other,
        )  # fmt: skip
    return _wrong_choices(owner, parameter) or _wrong_default(owner, parameter)


def _wrong_choices(owner: str, parameter: Parameter) -> Message | None:
    if callable(parameter.choices):
        return None
    values = [choice.value for choice in parameter.choices]
    if len(set(values)) < len(values):
        return _("the parameter {key} of {owner} offers a choice twice", key=parameter.key, owner=owner)
    if parameter.kind in (K.CHOICE, K.CHOICES, K.ORDER) and not values:
        return _("the parameter {key} of {owner} offers no choice", key=parameter.key, owner=owner)
    return None


def _wrong_default(owner: str, parameter: Parameter) -> Message | None:
    default = parameter.default
    if default is None or default in ("", ()):
        return None
    if not _holds(parameter.kind, default):
        return _(
            "the default {default} of the parameter {key} of {owner} is no value of the kind {kind}",
            default=repr(default), key=parameter.key, owner=owner, kind=parameter.kind.value,
        )  # fmt: skip
    if callable(parameter.choices) or parameter.kind not in (K.CHOICE, K.CHOICES, K.ORDER):
        return None
    offered = {choice.value for choice in parameter.choices}
    for value in (default,) if parameter.kind is K.CHOICE else default:
        if value not in offered:
            return _(
                "the default {default} of the parameter {key} of {owner} is not among its choices",
                default=repr(value), key=parameter.key, owner=owner,
            )  # fmt: skip
    return None


def _holds(kind: ParameterKind, default: Any) -> bool:
    if kind in SINGLE:
        return isinstance(default, SINGLE[kind]) and isinstance(default, bool) == (kind is K.FLAG)
    return isinstance(default, tuple | list) and all(isinstance(value, str) for value in default)
