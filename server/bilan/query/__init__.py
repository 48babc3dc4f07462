"""Questions to the warehouse: one SQL statement each, and the answer as plain values."""

from bilan.query.query import Query
from bilan.query.recount import Part, Recount, components, matched_by
from bilan.query.session import QuerySession, Seen
from bilan.query.sorting import Place, settling
from bilan.query.statement import Statement

__all__ = [
    "Part",
    "Place",
    "Query",
    "QuerySession",
    "Recount",
    "Seen",
    "Statement",
    "components",
    "matched_by",
    "settling",
]
