"""Schedules: when reports are to be made, and which days each of them covers. See docs/decisions/092."""

from bilan.schedules.catch_up import CatchUp, Decision, catch_up
from bilan.schedules.occurrences import Occurrence, Timetable, occurrences, simulate
from bilan.schedules.presets import at_once, monthly, weekly
from bilan.schedules.recurrence import DoubledHour, MissingHour, Pause, Recurrence, Rhythm
from bilan.schedules.wall_time import ClockChange

__all__ = [
    "CatchUp",
    "ClockChange",
    "Decision",
    "DoubledHour",
    "MissingHour",
    "Occurrence",
    "Pause",
    "Recurrence",
    "Rhythm",
    "Timetable",
    "at_once",
    "catch_up",
    "monthly",
    "occurrences",
    "simulate",
    "weekly",
]
