"""What a page of the rows behind a figure is asked for by, and what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MATCHED_BY = "matched_by"
"""The key of the column that says what a row counts as, where a figure counts different things."""


@dataclass(frozen=True, slots=True)
class Window:
    """How many rows, and the cursor of the row that they come after, or else before."""

    limit: int
    after: str = ""
    before: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of rows, the number of the first, and whether there are more on either side."""

    rows: tuple[list[Any], ...] = ()
    first: int = 1
    start: str = ""
    end: str = ""
    previous: bool = False
    more: bool = False
