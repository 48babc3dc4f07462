"""Questions to the warehouse: one SQL statement each, and the answer as plain values."""

from bilan.query.ask import Asked, Seen
from bilan.query.query import Query
from bilan.query.recount import Part, Recount, components, matched_by
from bilan.query.sorting import Place, settling
from bilan.query.statement import Statement

__all__ = [
    "Asked",
    "Part",
    "Place",
    "Query",
    "Recount",
    "Seen",
    "Statement",
    "components",
    "matched_by",
    "settling",
]
