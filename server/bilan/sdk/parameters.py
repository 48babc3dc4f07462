"""Parameters, declared once: form, GraphQL input, command line and validation come from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bilan.sdk.messages import Message
from bilan.sdk.query import QueryClient


class ParameterKind(StrEnum):
    """What a parameter holds, and so which input it gets."""

    TEXT = "text"
    SECRET = "secret"  # noqa: S105 - a kind of input, not a secret
    """Text that is stored encrypted and never shown again."""
    NUMBER = "number"
    """A whole number."""
    FLAG = "flag"
    CHOICE = "choice"
    """One of the choices."""
    CHOICES = "choices"
    """Any number of the choices, in the order of the choices."""
    ORDER = "order"
    """Any number of the choices, in the order in which they are given."""
    TAGS = "tags"
    """Any number of free short texts; choices are suggestions."""
    PERIOD = "period"
    """A :class:`bilan.sdk.periods.Period`; written ``last_7_days`` or ``2026-01-01..2026-01-31``."""
    INTERVAL = "interval"
    """A :class:`bilan.sdk.periods.Interval`.

    Written ``day``, ``7 days``, ``2 weeks``, ``month``, ``quarter`` or ``none``.
    """
    ZONE = "zone"
    """The IANA name of a time zone."""
    CONTACT = "contact"
    """A contact as datasets name it.

    An e-mail address is read in lower case, a phone number as its digits with the country's code, and what a
    tool calls a contact by, such as ``C10``, as it is.
    """


@dataclass(frozen=True, slots=True)
class Choice:
    """A value to choose. ``group`` puts choices under a common heading.

    ``whole`` marks the one that stands for all of its group, also for what is
    offered there later: "select all" of that group alone.
    """

    value: str
    label: Message | str
    group: Message | str | None = None
    whole: bool = False


Values = Mapping[str, Any]
Choices = Callable[[QueryClient, Values], tuple[Choice, ...]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing to fill in.

    ``choices`` are fixed, or a function of what is already filled in (it is
    asked again whenever a parameter named in ``depends_on`` changes, and once
    more when the report runs: a choice that is no longer offered is refused
    by name). ``check`` raises ``Invalid`` with a sentence where a value that was
    read cannot be used; nothing that is empty is given to it.
    """

    key: str
    label: Message
    kind: ParameterKind
    default: Any = None
    help: Message | None = None
    required: bool = False
    choices: tuple[Choice, ...] | Choices = ()
    depends_on: tuple[str, ...] = ()
    advanced: bool = False
    """Kept under "more options" in the form."""
    check: Callable[[Any], object] | None = None
