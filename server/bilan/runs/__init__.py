"""Runs: the jobs of a workspace as people see them, and what the jobs that build reports do."""

from bilan.runs.artifacts import ArtifactRenderer
from bilan.runs.handlers import BuildStep, RenderStep
from bilan.runs.listing import Wanted
from bilan.runs.service import Runs

__all__ = [
    "ArtifactRenderer",
    "BuildStep",
    "RenderStep",
    "Runs",
    "Wanted",
]
