"""Forms drawn from declared parameters, and what a browser sends back of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from starlette.datastructures import FormData

from bilan.sdk.errors import BilanError
from bilan.sdk.messages import Message, messages
from bilan.sdk.parameters import Choice, Parameter, ParameterKind
from bilan.sdk.periods import Interval, IntervalUnit, Period, Preset

_, n_ = messages("ui")

CONTROL = {
    ParameterKind.TEXT: "text",
    ParameterKind.SECRET: "password",
    ParameterKind.NUMBER: "number",
    ParameterKind.FLAG: "flag",
    ParameterKind.CHOICE: "select",
    ParameterKind.CHOICES: "checks",
    ParameterKind.TAGS: "tags",
    ParameterKind.PERIOD: "period",
    ParameterKind.INTERVAL: "interval",
    ParameterKind.ZONE: "zone",
}
FEW = 5
"""So many choices are shown as radio buttons; more become a list."""

PRESETS = (
    Choice(Preset.YESTERDAY, _("Yesterday")),
    Choice(Preset.LAST_7_DAYS, _("Last 7 days")),
    Choice(Preset.LAST_30_DAYS, _("Last 30 days")),
    Choice(Preset.LAST_90_DAYS, _("Last 90 days")),
    Choice(Preset.PREVIOUS_WEEK, _("Previous week")),
    Choice(Preset.THIS_MONTH, _("This month")),
    Choice(Preset.PREVIOUS_MONTH, _("Previous month")),
    Choice(Preset.THIS_QUARTER, _("This quarter")),
    Choice(Preset.PREVIOUS_QUARTER, _("Previous quarter")),
    Choice(Preset.SINCE_OLDEST, _("Since the oldest message")),
)
UNITS = (
    Choice(IntervalUnit.DAY, _("days")),
    Choice(IntervalUnit.WEEK, _("weeks")),
    Choice(IntervalUnit.MONTH, _("month")),
    Choice(IntervalUnit.QUARTER, _("quarter")),
    Choice(IntervalUnit.NONE, _("no breakdown by time")),
)


@dataclass(frozen=True)
class Field:
    """One thing to fill in, ready to be drawn."""

    name: str
    label: Message | str
    control: str
    value: Any = ""
    help: Message | None = None
    error: Message | None = None
    required: bool = False
    options: tuple[Choice, ...] = ()
    advanced: bool = False

    @property
    def id(self) -> str:
        """The element's id."""
        return f"f-{self.name.replace('.', '-')}"

    @property
    def chosen(self) -> frozenset[str]:
        """The values that are ticked."""
        values = self.value if isinstance(self.value, list | tuple) else [self.value]
        return frozenset(str(value) for value in values)

    @property
    def groups(self) -> list[tuple[Message | str | None, list[Choice]]]:
        """The options under their headings, in order."""
        return [
            (group, list(options)) for group, options in groupby(self.options, lambda choice: choice.group)
        ]


@dataclass(frozen=True)
class Mistake:
    """An error of a form, with the element to jump to."""

    field: str | None
    message: Message


def fields(
    parameters: Iterable[Parameter],
    raw: Mapping[str, Any],
    offered: Mapping[str, Sequence[Choice]],
    errors: Sequence[BilanError] = (),
) -> list[Field]:
    """A field for each parameter, filled with what was given or else the default.

    ``offered`` are the choices by parameter; an error shows next to the field
    that its path names.
    """
    wrong = {error.path[0]: error.message for error in errors if error.path}
    return [_field(one, raw, offered.get(one.key, ()), wrong.get(one.key)) for one in parameters]


def mistakes(*errors: BilanError | None) -> list[Mistake]:
    """The errors to list above a form."""
    found = (error for error in errors if error is not None)
    return [Mistake(f"f-{error.path[0]}" if error.path else None, error.message) for error in found]


def _field(
    parameter: Parameter, raw: Mapping[str, Any], offered: Sequence[Choice], wrong: Message | None
) -> Field:
    control = CONTROL[parameter.kind]
    if control == "select" and parameter.required and len(offered) <= FEW:
        control = "radios"
    given = raw.get(parameter.key, parameter.default)
    options = tuple(offered)
    value: Any = "" if given is None else given
    match control:
        case "period":
            value, options = _period(given), PRESETS
        case "interval":
            value, options = _interval(given), UNITS
        case "tags":
            value = ", ".join(given) if isinstance(given, list | tuple) else value
        case "password":
            value = ""
        case "flag":
            value = given in (True, "true", "on", "1", "yes")
        case _:
            pass
    return Field(
        parameter.key, parameter.label, control, value, parameter.help, wrong,
        parameter.required, options, parameter.advanced,
    )  # fmt: skip


def _period(given: Any) -> dict[str, str]:
    if isinstance(given, Period):
        return {
            "preset": given.preset or "",
            "first": given.first.isoformat() if given.first else "",
            "last": given.last.isoformat() if given.last else "",
        }
    first, dots, last = str(given or "").partition("..")
    return (
        {"preset": "", "first": first, "last": last} if dots else {"preset": first, "first": "", "last": ""}
    )


def _interval(given: Any) -> dict[str, Any]:
    if isinstance(given, Interval):
        return {"count": given.count, "unit": given.unit.value}
    words = str(given or "day").split()
    count = words[0] if words[0].isdigit() else "1"
    return {"count": count, "unit": words[-1].removesuffix("s")}


def raw_values(parameters: Iterable[Parameter], form: FormData) -> dict[str, Any]:
    """What the browser sent, in the form that validation takes from anywhere.

    A parameter that the form did not hold is left out and takes its default.
    """
    found: dict[str, Any] = {}
    for parameter in parameters:
        value = _raw(parameter, form)
        if value is not None:
            found[parameter.key] = value
    return found


def _raw(parameter: Parameter, form: FormData) -> Any:
    key = parameter.key
    match CONTROL[parameter.kind]:
        case "period":
            preset = form.get(f"{key}.preset")
            if preset is None:
                return None
            return preset or f"{form.get(f'{key}.first', '')}..{form.get(f'{key}.last', '')}"
        case "interval":
            unit = form.get(f"{key}.unit")
            if unit is None:
                return None
            counted = unit in (IntervalUnit.DAY, IntervalUnit.WEEK)
            return f"{form.get(f'{key}.count') or 1} {unit}s" if counted else unit
        case "checks":
            return [str(value) for value in form.getlist(key)] if f"{key}.given" in form else None
        case "flag":
            return key in form if f"{key}.given" in form else None
        case "tags":
            given = form.get(key)
            return None if given is None else [tag.strip() for tag in str(given).split(",") if tag.strip()]
        case "password":
            return form.get(key) or None
        case _:
            given = form.get(key)
            return None if given in (None, "") else given
