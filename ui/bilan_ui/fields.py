"""One thing to fill in, ready to be rendered: its control, what stands in it and what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from bilan.parameters import times
from bilan.sdk.messages import Message
from bilan.sdk.parameters import Choice, Parameter, ParameterKind
from bilan.sdk.periods import Interval, IntervalUnit, Period
from bilan_ui.textdomain import _

CONTROL = {
    ParameterKind.TEXT: "text",
    ParameterKind.SECRET: "password",
    ParameterKind.NUMBER: "number",
    ParameterKind.FLAG: "flag",
    ParameterKind.CHOICE: "select",
    ParameterKind.CHOICES: "checks",
    ParameterKind.ORDER: "order",
    ParameterKind.TAGS: "tags",
    ParameterKind.PERIOD: "period",
    ParameterKind.INTERVAL: "interval",
    ParameterKind.ZONE: "zone",
    ParameterKind.CONTACT: "text",
}
FEW = 5
"""So many choices are shown as radio buttons; more become a list."""
MANY = 24
"""More choices than this are put into a box of their own, which scrolls."""

PRESETS = tuple(Choice(preset, label) for preset, label in times.PRESETS.items())
UNITS = (
    Choice(IntervalUnit.DAY, _("days")),
    Choice(IntervalUnit.WEEK, _("weeks")),
    Choice(IntervalUnit.MONTH, _("months")),
    Choice(IntervalUnit.QUARTER, _("quarters")),
    Choice(IntervalUnit.NONE, _("no breakdown by time")),
)


def id_of(name: str) -> str:
    """The id of the element of this name; no dots, which mean something in a stylesheet."""
    return f"f-{name.replace('.', '-')}"


@dataclass(frozen=True)
class Field:
    """One thing to fill in. ``optional`` lets a list be left without a choice."""

    name: str
    label: Message | str
    control: str
    value: Any = ""
    help: Message | None = None
    error: Message | None = None
    required: bool = False
    options: tuple[Choice, ...] = ()
    advanced: bool = False
    optional: bool = False
    plain_order: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The element's id."""
        return id_of(self.name)

    @property
    def chosen(self) -> frozenset[str]:
        """The values that are ticked."""
        values = self.value if isinstance(self.value, list | tuple) else [self.value]
        return frozenset(str(value) for value in values)

    @property
    def typed(self) -> str:
        """The tags that nothing suggests, as they were typed."""
        offered = {option.value for option in self.options}
        return ", ".join(str(tag) for tag in self.value if str(tag) not in offered)

    @property
    def offered(self) -> str:
        """The values that can be put in order, in the order of the report itself."""
        return ",".join(self.plain_order)

    @property
    def many(self) -> bool:
        """Whether there are so many options that they need a box of their own."""
        grouped = any(option.group for option in self.options)
        return len(self.options) > (3 * MANY if grouped else MANY)

    @property
    def ticked(self) -> int:
        """How many options are ticked."""
        return sum(option.value in self.chosen for option in self.options)

    @property
    def groups(self) -> list[tuple[Message | str | None, list[Choice]]]:
        """The options under their headings, in order; of many, the ticked ones come first."""
        options: Sequence[Choice] = self.options
        if self.many and self.ticked:
            first = [replace(one, group=_("Chosen")) for one in options if one.value in self.chosen]
            rest = [replace(one, group=one.group or _("Others")) for one in options]
            options = [*first, *(one for one in rest if one.value not in self.chosen)]
        return [(group, list(found)) for group, found in groupby(options, lambda choice: choice.group)]


def field_of(parameter: Parameter, given: Any, offered: Sequence[Choice], wrong: Message | None) -> Field:
    """The field of a parameter, with what was ``given`` for it, and what is ``wrong`` about that."""
    control, options = CONTROL[parameter.kind], _told_apart(offered)
    value: Any = "" if given is None else given
    optional = not parameter.required and parameter.default in (None, "")
    match control:
        case "select" if not optional and len(options) <= FEW:
            control = "radios"
        case "period":
            value, options = _period(given), PRESETS
        case "interval":
            value, options = _interval(given), UNITS
        case "tags":
            value = _listed(given)
        case "checks":
            value = _listed(given)
            options += () if parameter.depends_on else _gone(value, options)
        case "order":
            value = _listed(given) or [one.value for one in options]
            options = _arranged(value, options)
        case "password":
            value = ""
        case "flag":
            value = given in (True, "true", "on", "1", "yes")
        case _:
            pass
    return Field(
        parameter.key, parameter.label, control, value, parameter.help, wrong,
        parameter.required, options, parameter.advanced, optional, tuple(one.value for one in offered),
    )  # fmt: skip


def _told_apart(offered: Sequence[Choice]) -> tuple[Choice, ...]:
    """The options; those of a group that are called the same show their value too."""
    count = Counter(map(_called, offered))
    return tuple(
        replace(one, label=_("{name} ({key})", name=one.label, key=one.value))
        if count[_called(one)] > 1
        else one
        for one in offered
    )


def _called(one: Choice) -> tuple[str, str]:
    return str(one.group or ""), str(one.label)


def _arranged(values: list[str], offered: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """The chosen ones in their order, then the others in that of the report."""
    places = {value: place for place, value in enumerate(values)}
    return tuple(sorted(offered, key=lambda one: places.get(one.value, len(places))))


def _gone(values: list[str], offered: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """What was chosen once and is offered no more: still shown, so that nothing changes unseen."""
    known = {one.value for one in offered}
    gone = (value for value in values if value not in known)
    return tuple(Choice(value, _("{name} (no longer offered)", name=value)) for value in gone)


def _listed(given: Any) -> list[str]:
    if isinstance(given, list | tuple):
        return [str(one) for one in given]
    return [one.strip() for one in str(given or "").split(",") if one.strip()]


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
    *count, unit = str(given or "day").split() or ["day"]
    return {"count": " ".join(count) or "1", "unit": unit.removesuffix("s")}
