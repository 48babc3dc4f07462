"""Ways to narrow a question, as a plugin declares them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from bilan.sdk.conditions import (
    AllOf,
    AnyOf,
    Between,
    Condition,
    Contains,
    HasAll,
    HasAny,
    In,
    Is,
    Not,
    Present,
)
from bilan.sdk.errors import Invalid
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _


class FilterKind(StrEnum):
    """The kind of input a filter takes."""

    CHOICES = "choices"
    """One or more values of a column."""
    TAGS = "tags"
    """Values of a list column, any or all of them."""
    TEXT = "text"
    """A part of a text, without regard to case."""
    FLAG = "flag"
    """A boolean column: only true, only false."""
    RANGE = "range"
    """From a lowest value, below a highest one."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A way to narrow one or more datasets by a column that each of them has.

    ``options`` are fixed choices; without them the choices are the values
    that the dataset holds.
    """

    key: str
    datasets: tuple[str, ...]
    column: str
    kind: FilterKind
    label: Message
    description: Message
    options: tuple[tuple[str, Message], ...] = ()

    @property
    def name(self) -> str:
        """The key without its namespace."""
        return self.key.partition(".")[2]


@dataclass(frozen=True, slots=True)
class FilterValue:
    """What somebody filled in for a filter. Only the fields of its kind are used.

    An empty text among the values stands for having none: no item of the list, no text at all.
    """

    key: str
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    text: str = ""
    flag: bool | None = None
    low: float | None = None
    high: float | None = None
    extra: tuple[Condition, ...] = field(default=())

    def condition(self, declared: Filter) -> Condition:
        """The condition that this value stands for."""
        parts: list[Condition] = list(self.extra)
        match declared.kind:
            case FilterKind.CHOICES:
                if self.all:
                    raise Invalid(
                        _(
                            "{filter} takes any or none of its values, not all of them.",
                            filter=declared.label,
                        ),
                        (declared.name,),
                    )
                parts += [_one_of(In, declared.column, self.any)] if self.any else []
                parts += [Not(_one_of(In, declared.column, self.none))] if self.none else []
            case FilterKind.TAGS:
                parts += [_one_of(HasAny, declared.column, self.any)] if self.any else []
                parts += [HasAll(declared.column, tuple(filter(None, self.all)))] if any(self.all) else []
                parts += [Not(Present(declared.column))] if "" in self.all else []
                parts += [Not(_one_of(HasAny, declared.column, self.none))] if self.none else []
            case FilterKind.TEXT:
                parts += [Contains(declared.column, self.text)] if self.text else []
            case FilterKind.FLAG:
                parts += [Is(declared.column, self.flag)] if self.flag is not None else []
            case FilterKind.RANGE:
                if self.low is not None or self.high is not None:
                    parts.append(Between(declared.column, self.low, self.high))
        return AllOf(tuple(parts))


def _one_of(
    kind: Callable[[str, tuple[str, ...]], Condition], column: str, values: tuple[str, ...]
) -> Condition:
    """One of the values, of which an empty text stands for none at all."""
    if "" not in values:
        return kind(column, values)
    return AnyOf((kind(column, values), Not(Present(column))))
