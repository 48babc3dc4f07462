"""Comparisons: a report that offers one makes it, so that no cover speaks of one that was not made."""

from __future__ import annotations

from collections.abc import Iterator

from bilan.registry.declared import Declared
from bilan.reports.blocks import every
from bilan.sdk.document import Block, Chart, Kpis, Table
from bilan.sdk.errors import Invalid
from bilan.sdk.periods import Compare
from bilan.sdk.reports import ReportKind
from bilan.testing.harness import PluginHarness
from bilan.testing.report_rules import required

PERIOD = "last_90_days"


def check_comparisons(harness: PluginHarness, one: Declared) -> Iterator[str]:
    """A report that is asked to compare its figures does, wherever it shows any."""
    for kind in one.reports:
        if "compare" not in kind.common:
            continue
        blocks = list(_compared(harness, kind))
        if any(isinstance(block, Kpis | Chart) for block in blocks) and not any(map(_is_compared, blocks)):
            yield f"{kind.key} offers a comparison and makes none: leave “compare” out of its “common”"


def _compared(harness: PluginHarness, kind: ReportKind) -> Iterator[Block]:
    values = {**required(harness, kind), "period": PERIOD, "compare": Compare.PREVIOUS.value}
    try:
        yield from every(harness.build(kind.key, values).blocks)
    except Invalid:
        return  # refused in a sentence, for instance where there is nothing to choose from


def _is_compared(block: Block) -> bool:
    match block:
        case Kpis():
            return any(tile.compared for tile in block.tiles)
        case Chart():
            return bool(block.previous)
        case Table():
            return block.origin is not None and block.origin.compared is not None
        case _:
            return False
