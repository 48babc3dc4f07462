"""Runs: work that takes a while, cut into steps that can fail and be taken up again."""

from bilan.runs.claims import JOB
from bilan.runs.context import StepContext, StepHandler
from bilan.runs.drawing import Drawing
from bilan.runs.engine import Engine, Timing
from bilan.runs.handlers import BuildStep, RenderStep
from bilan.runs.importing import ImportRuns
from bilan.runs.listing import Wanted
from bilan.runs.service import Runs

__all__ = [
    "JOB",
    "BuildStep",
    "Drawing",
    "Engine",
    "ImportRuns",
    "RenderStep",
    "Runs",
    "StepContext",
    "StepHandler",
    "Timing",
    "Wanted",
]
