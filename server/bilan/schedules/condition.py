"""Send only if: what has to be true of a report so that an occurrence of a schedule is sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SendConditionKind(StrEnum):
    """What is asked of the report."""

    NOT_EMPTY = "not_empty"
    """It has a figure that is not 0, or a row."""
    ABOVE = "above"
    """A figure is greater than a threshold."""
    BELOW = "below"
    """A figure is less than a threshold."""
    MOVED = "moved"
    """A figure has moved by more than a share since the last copy."""
    CHANGED = "changed"
    """Anything of it has changed since the last copy."""


@dataclass(frozen=True, slots=True)
class SendCondition:
    """What has to be true of a report.

    ``kpi`` is the key of one of its figures. ``value`` is the threshold, in
    that figure's unit, or the share, where 0.1 is a tenth.
    """

    kind: SendConditionKind
    kpi: str = ""
    value: float = 0.0
