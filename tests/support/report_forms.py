"""What the builder's form sends: what a test leaves alone in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WEEKLY: Mapping[str, Any] = {"name": "Weekly", "period.preset": "last_7_days", "tags.given": "1"}
"""A report over the last seven days, of every tag."""

COMPARED: Mapping[str, Any] = {**WEEKLY, "interval.unit": "none", "compare": "previous_period"}
"""The same over the whole of its days, compared with the seven days before."""
