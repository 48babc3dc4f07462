"""Inputs that every dataset shares."""

from __future__ import annotations

from datetime import date

import strawberry

from bilan.graphql.enums import IntervalUnit, Preset
from bilan.sdk.filters import Filter, FilterKind, FilterValue
from bilan.sdk.periods import Interval, Period


@strawberry.input(
    name="PeriodInput",
    description="A named period, or a first and a last day, both included. Not both forms at once.",
)
class PeriodInput:
    preset: Preset | None = strawberry.field(default=None, description="A named period.")
    first: date | None = strawberry.field(default=None, description="The first day.")
    last: date | None = strawberry.field(default=None, description="The last day, included.")

    def value(self) -> Period:
        """The period meant. Raises ``Invalid`` for a form that means none."""
        return Period(self.preset, self.first, self.last)


@strawberry.input(
    name="IntervalInput",
    description="Days and weeks may be counted in steps; they start on the period's first day.",
)
class IntervalInput:
    unit: IntervalUnit = strawberry.field(default=IntervalUnit.DAY, description="The unit.")
    count: int = strawberry.field(default=1, description="How many units make one interval.")

    def value(self) -> Interval:
        """The interval meant. Raises ``Invalid`` for steps that cannot be."""
        return Interval(self.unit, self.count)


@strawberry.input(
    name="ChoiceFilter",
    description="Narrows to, or leaves out, values of a column; an empty text stands for having none.",
)
class ChoiceFilter:
    any: list[str] | None = strawberry.field(default=None, description="One of these.")
    none: list[str] | None = strawberry.field(default=None, description="None of these.")

    def value(self, key: str) -> FilterValue:
        """The filter filled in."""
        return FilterValue(key, any=tuple(self.any or ()), none=tuple(self.none or ()))


@strawberry.input(
    name="TagFilter", description="Narrows by the items of a list; an empty text stands for having none."
)
class TagFilter:
    any: list[str] | None = strawberry.field(default=None, description="At least one of these.")
    all: list[str] | None = strawberry.field(default=None, description="Every one of these.")
    none: list[str] | None = strawberry.field(default=None, description="None of these.")

    def value(self, key: str) -> FilterValue:
        """The filter filled in."""
        return FilterValue(
            key, any=tuple(self.any or ()), all=tuple(self.all or ()), none=tuple(self.none or ())
        )


@strawberry.input(name="TextFilter", description="Narrows by a part of a text.")
class TextFilter:
    contains: str = strawberry.field(description="The text holds this, without regard to case.")

    def value(self, key: str) -> FilterValue:
        """The filter filled in."""
        return FilterValue(key, text=self.contains)


@strawberry.input(name="RangeFilter", description="Narrows by a number.")
class RangeFilter:
    low: float | None = strawberry.field(default=None, description="At least this.")
    below: float | None = strawberry.field(default=None, description="Less than this.")

    def value(self, key: str) -> FilterValue:
        """The filter filled in."""
        return FilterValue(key, low=self.low, high=self.below)


INPUT_OF: dict[FilterKind, type] = {
    FilterKind.CHOICES: ChoiceFilter,
    FilterKind.TAGS: TagFilter,
    FilterKind.TEXT: TextFilter,
    FilterKind.FLAG: bool,
    FilterKind.RANGE: RangeFilter,
}


def filter_value(
    declared: Filter, given: ChoiceFilter | TagFilter | TextFilter | RangeFilter | bool
) -> FilterValue:
    """What somebody filled in, as the core's value."""
    if isinstance(given, bool):
        return FilterValue(declared.key, flag=given)
    return given.value(declared.key)
