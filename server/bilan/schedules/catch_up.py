"""Catch-up: what becomes of the occurrences that came due while nothing was running."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bilan.schedules.occurrences import Occurrence
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _

ON_TIME = timedelta(minutes=15)
"""An occurrence that is begun within this time was not missed: a server may be restarted."""


class CatchUp(StrEnum):
    """Which of several missed occurrences are made up for."""

    LATEST = "latest"
    """The last of them."""
    ALL = "all"
    """Each of them, with the days that it was to cover."""
    SKIP = "skip"
    """None of them."""


@dataclass(frozen=True, slots=True)
class Decision:
    """An occurrence that is due, and why it is left out; without a reason it takes place."""

    occurrence: Occurrence
    left_out: Message | None = None


def catch_up(policy: CatchUp, due: Sequence[Occurrence], now: datetime) -> tuple[Decision, ...]:
    """What becomes of each of the occurrences that are due by now, in order."""
    return tuple(
        Decision(one, _left_out(policy, one, now, last=position == len(due)))
        for position, one in enumerate(due, 1)
    )


def _left_out(policy: CatchUp, one: Occurrence, now: datetime, *, last: bool) -> Message | None:
    match policy:
        case CatchUp.LATEST if not last:
            return _("It was missed, and so was a later one, which takes its place.")
        case CatchUp.SKIP if now - one.instant > ON_TIME:
            return _("It was missed, and what is missed is not made up for.")
        case _:
            return None
