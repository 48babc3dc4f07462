"""The manifest: which facts of the warehouse are visible, and from what they are read.

Moments order what is written; touched days and generations say which days of a
rollup still hold.
"""

from bilan.manifest.moments import Moments, Turn
from bilan.manifest.reading import Manifest
from bilan.manifest.snapshot import DayRange, Generation, Snapshot

__all__ = ["DayRange", "Generation", "Manifest", "Moments", "Snapshot", "Turn"]
