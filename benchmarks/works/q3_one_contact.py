"""Q3: everything one contact did in twelve months, with campaign names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from benchmarks.bench import Bench
from benchmarks.measuring import Finding, compared, in_turn
from benchmarks.reference import rows
from benchmarks.served import body

KEYS = ("Q3 columns", "Q3 objects", "Q3 page")
CONTACT = """
SELECT contact_id, email FROM facts JOIN contacts USING (contact_id)
GROUP BY ALL ORDER BY count(*) DESC, 1 LIMIT 1 OFFSET 199
"""
ROWS = """
SELECT ts, type, campaign_id, name, variant FROM facts JOIN campaigns USING (campaign_id)
WHERE contact_id = ? AND ts >= '2024-07-01' AND ts < '2025-07-01' ORDER BY ts, event_id
"""
DOCUMENT = """
query ($contact: String!) {
  contact { activityFacts(
    contact: $contact, period: {first: "2024-07-01", last: "2025-06-30"}, zone: "UTC", first: 10000
  ) { LAYOUT { occurredAt dataset category action subject detail } pageInfo { hasNextPage } } }
}
"""
LAYOUTS = {"columns": "columns", "objects": "nodes"}


def measure(bench: Bench) -> Iterator[Finding]:
    """Both layouts in turn with DuckDB. No page gives the rows of a contact yet."""
    with bench.serving() as served, bench.duckdb() as db:
        ((contact, address),) = rows(db, CONTACT)

        def reference(_number: int) -> list[Any]:
            return db.execute(ROWS, [contact]).fetchall()

        def product(layout: str) -> Any:
            asked = body(DOCUMENT.replace("LAYOUT", layout), {"contact": address})
            answer = served.post(asked)
            assert b'"errors"' not in answer, answer[:500]
            return answer

        exact = sorted((when.isoformat(), name) for when, _type, _id, name, _variant in reference(0))
        for key, layout in LAYOUTS.items():
            taken = in_turn(
                {"product": lambda _number, layout=layout: product(layout), "reference": reference},
                bench.rounds,
            )
            found = json.loads(product(layout))["data"]["contact"]["activityFacts"]
            yield compared(f"Q3 {key}", taken, equal=_told(found[layout]) == exact)
    yield Finding("Q3 page", None, remark="there is no such page")


def _told(facts: Any) -> list[tuple[str, str]]:
    """The moments and the campaigns of a page in either layout."""
    if isinstance(facts, list):
        pairs = [(fact["occurredAt"], fact["subject"]) for fact in facts]
    else:
        pairs = list(zip(facts["occurredAt"], facts["subject"], strict=True))
    return sorted((when.removesuffix("+00:00"), name) for when, name in pairs)
