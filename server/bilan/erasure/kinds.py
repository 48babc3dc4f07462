"""The kinds of steps of an erasure."""

from __future__ import annotations

ERASE = "erase"
"""The name of the steps, before the colon."""
FACTS, TRACES, FINISH = f"{ERASE}:facts", f"{ERASE}:traces", f"{ERASE}:finish"
