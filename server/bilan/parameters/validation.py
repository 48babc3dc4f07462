"""All the parameters of a report kind or a source's settings at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, cast

from bilan.parameters.kinds import EMPTY, READERS
from bilan.parameters.times import write_interval, write_period
from bilan.sdk.errors import Invalid
from bilan.sdk.parameters import Choice, Parameter, ParameterKind
from bilan.sdk.periods import Interval, Period
from bilan.sdk.query import QueryClient
from bilan.sdk.textdomain import _


@dataclass(frozen=True, slots=True)
class CheckedValues:
    """What could be read, and what is wrong with the rest, field by field."""

    values: dict[str, Any]
    errors: tuple[Invalid, ...] = ()


def validate(
    parameters: Sequence[Parameter], raw: Mapping[str, Any], *, client: QueryClient | None
) -> dict[str, Any]:
    """Every parameter's value, by key, or the first mistake as ``Invalid`` with its ``path``.

    ``raw`` holds strings from a form or a command line, or JSON. A key that
    is absent or ``None`` takes the parameter's default; an empty string or
    list means "nothing". An unchecked box sends nothing, so forms must send
    ``off`` for it. ``client`` is what choices that depend on the facts are asked
    with; without it they are taken as they come, to be checked later.
    """
    checked = check(parameters, raw, client=client)
    if checked.errors:
        raise checked.errors[0]
    return checked.values


def check(
    parameters: Sequence[Parameter], raw: Mapping[str, Any], *, client: QueryClient | None
) -> CheckedValues:
    """Like :func:`validate`, but with every mistake, for a form that shows them all."""
    errors = [_unknown(key, parameters) for key in raw if key not in {one.key for one in parameters}]
    values: dict[str, Any] = {}
    for parameter in _in_order(parameters):
        try:
            values[parameter.key] = _value(parameter, raw.get(parameter.key), values, client)
        except Invalid as error:
            errors.append(Invalid(error.message, (parameter.key,)))
    declared = {one.key: values[one.key] for one in parameters if one.key in values}
    return CheckedValues(declared, tuple(errors))


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as JSON can hold them; :func:`validate` reads them back to the same."""
    return {key: _plain(value) for key, value in values.items()}


def _plain(value: Any) -> Any:
    match value:
        case Period():
            return write_period(value)
        case Interval():
            return write_interval(value)
        case tuple():
            return list(cast("tuple[Any, ...]", value))
        case _:
            return value


def _in_order(parameters: Sequence[Parameter]) -> list[Parameter]:
    """Each parameter after those that its choices depend on."""
    waiting, ordered = list(parameters), list[Parameter]()
    while waiting:
        pending = {one.key for one in waiting}
        # Parameters that wait for each other in a circle are taken as they were declared.
        ready = next((one for one in waiting if not pending.intersection(one.depends_on)), waiting[0])
        waiting.remove(ready)
        ordered.append(ready)
    return ordered


def _unknown(key: str, parameters: Sequence[Parameter]) -> Invalid:
    near = get_close_matches(key, [one.key for one in parameters], n=1, cutoff=0)
    if near:
        return Invalid(_("There is no {key} here; the nearest is {near}.", key=key, near=near[0]), (key,))
    return Invalid(_("There is no {key} here; nothing can be filled in.", key=key), (key,))


def _value(parameter: Parameter, raw: Any, values: Mapping[str, Any], client: QueryClient | None) -> Any:
    if raw is None:
        raw = parameter.default
    if raw is None or raw in ("", [], ()):
        if parameter.required:
            raise Invalid(_("{label} must be filled in.", label=parameter.label))
        return EMPTY.get(parameter.kind)
    value = READERS[parameter.kind](raw)
    if parameter.required and value in ("", ()):
        raise Invalid(_("{label} must be filled in.", label=parameter.label))
    if parameter.kind in (ParameterKind.CHOICE, ParameterKind.CHOICES, ParameterKind.ORDER):
        value = _chosen(parameter, value, values, client)
    if parameter.check is not None:
        parameter.check(value)
    return value


def _chosen(parameter: Parameter, value: Any, values: Mapping[str, Any], client: QueryClient | None) -> Any:
    choices = parameter.choices
    if callable(choices):
        if client is None:
            return value
        missing = [key for key in parameter.depends_on if key not in values]
        if missing:
            return value  # what it depends on is wrong itself, and is reported
        choices = choices(client, values)
    if parameter.kind is ParameterKind.CHOICE:
        _offered(value, choices)
        return value
    for one in value:
        _offered(one, choices)
    if parameter.kind is ParameterKind.ORDER:
        return value
    return tuple(choice.value for choice in choices if choice.value in value)


def _offered(value: str, choices: tuple[Choice, ...]) -> None:
    names = [choice.value for choice in choices]
    if value in names:
        return
    if not names:
        raise Invalid(_("{value} is not offered; there is nothing to choose from.", value=value))
    near = get_close_matches(value, names, n=1, cutoff=0)[0]
    raise Invalid(_("{value} is not offered; the nearest is {near}.", value=value, near=near))
