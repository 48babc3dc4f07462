"""Where the figures and heads of a drawing lead."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from bilan.sdk.document import Block, Table, TableColumn, Value


class Way(NamedTuple):
    """Where a figure leads, and the id by which one comes back to it; both empty where it leads nowhere."""

    href: str = ""
    ident: str = ""


NOWHERE = Way()


Heads = Callable[[Table, TableColumn], tuple[str, str]]
"""Where a table is shown sorted by a column, and how it is sorted by it now; both may be empty."""


def plain_heads(_table: Table, _column: TableColumn) -> tuple[str, str]:
    """Heads that lead nowhere."""
    return "", ""


Ways = Callable[[Block, str, Value], Way]
"""Where the rows behind a figure are shown: the block, the place in it (``r14c5``), and what stands there."""


def plain_ways(_block: Block, _place: str, _value: Value) -> Way:
    """Figures that lead nowhere."""
    return NOWHERE
