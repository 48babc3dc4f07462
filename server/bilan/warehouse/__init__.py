"""Tables of facts in ClickHouse: embedded (chDB) or a server, behind one face."""

from bilan.warehouse.export import Format
from bilan.warehouse.facts import one_copy_each
from bilan.warehouse.results import Result, Statistics
from bilan.warehouse.rollups import rollup_table
from bilan.warehouse.types import instant, microseconds, quote
from bilan.warehouse.warehouse import Warehouse, Written

__all__ = [
    "Format",
    "Result",
    "Statistics",
    "Warehouse",
    "Written",
    "instant",
    "microseconds",
    "one_copy_each",
    "quote",
    "rollup_table",
]
