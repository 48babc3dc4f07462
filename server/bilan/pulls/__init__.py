"""Sources that are pulled: when, how far, and what came of it."""

from bilan.pulls.service import Pulls
from bilan.pulls.values import OfferedProfile, Profiles, PullRun, PullStatus

__all__ = ["OfferedProfile", "Profiles", "PullRun", "PullStatus", "Pulls"]
