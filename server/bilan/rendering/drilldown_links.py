"""Drilldown links: where the figures, contacts and heads of a rendered document lead."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from bilan.sdk.document import Block, Table, TableColumn, Value


class DrilldownLink(NamedTuple):
    """Where a figure or a contact leads, and the id by which one comes back to it; empty without any."""

    href: str = ""
    ident: str = ""
    kind: str = "rows-behind"


NO_LINK = DrilldownLink()


Heads = Callable[[Table, TableColumn], tuple[str, str]]
"""Where a table is shown sorted by a column, and how it is sorted by it now; both may be empty."""


def plain_heads(_table: Table, _column: TableColumn) -> tuple[str, str]:
    """Heads that lead nowhere."""
    return "", ""


DrilldownLinks = Callable[[Block, str, Value], DrilldownLink]
"""Where the rows behind a figure are shown: the block, the place in it (``r14c5``), and what stands there."""


def no_links(_block: Block, _place: str, _value: Value) -> DrilldownLink:
    """Figures that lead nowhere."""
    return NO_LINK
