"""Merging contacts by hand, and undoing what people or sources merged. See docs/decisions/120."""

from bilan.merges.service import ContactMerges
from bilan.merges.values import Merge, MergeKind, Merges

__all__ = ["ContactMerges", "Merge", "MergeKind", "Merges"]
