"""Where facts come from: the sources that people added, their settings and addresses."""

from bilan.sources.sources import Sources
from bilan.sources.values import Source

__all__ = ["Source", "Sources"]
