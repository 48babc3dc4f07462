"""Questions to the warehouse: one SQL statement each, and the answer as plain values."""

from bilan.query.ask import Asked, Seen
from bilan.query.behind import Behind, Part, counted_by, parts_of
from bilan.query.query import Query
from bilan.query.sorting import Place, settling
from bilan.query.statement import Statement

__all__ = [
    "Asked",
    "Behind",
    "Part",
    "Place",
    "Query",
    "Seen",
    "Statement",
    "counted_by",
    "parts_of",
    "settling",
]
