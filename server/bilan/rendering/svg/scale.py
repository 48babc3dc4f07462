"""Round steps for an axis."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from bilan.sdk.units import Unit

STEPS = 5
"""About how many steps an axis has."""
_TIMES = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_NOTHING = 1e-7
_WHOLE = frozenset({Unit.COUNT, Unit.BYTES})


@dataclass(frozen=True)
class Scale:
    """An axis from ``low`` to ``high`` in steps. Holds zero: a length must stand for its figure."""

    low: float
    high: float
    step: float

    @cached_property
    def ticks(self) -> list[float]:
        """The values at which the axis is labelled."""
        first, last = round(self.low / self.step), round(self.high / self.step)
        return [round(place * self.step, 10) for place in range(first, last + 1)]

    def share(self, value: float) -> float:
        """Where a value lies, 0 being the low end and 1 the high one."""
        return (value - self.low) / (self.high - self.low)


def scale_for(values: Iterable[float | None], unit: Unit) -> Scale:
    """A scale of round steps that holds all values and zero."""
    known = [value for value in values if value is not None]
    low, high = min(0.0, *known, 0.0), max(0.0, *known, 0.0)
    if high - low < _NOTHING:
        low, high = 0.0, 1.0
    step = _step((high - low) / STEPS, unit)
    return Scale(math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step, step)


def _step(least: float, unit: Unit) -> float:
    if unit is Unit.SECONDS and 0.5 < least <= _TIMES[-1]:
        return next(time for time in _TIMES if time >= least)
    if unit is Unit.SECONDS and least > _TIMES[-1]:
        return 86400 * _round_number(least / 86400)
    return max(_round_number(least), 1.0 if unit in _WHOLE else 0.0)


def _round_number(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * digit for digit in (1, 2, 2.5, 5, 10) if power * digit >= least * (1 - 1e-9))
