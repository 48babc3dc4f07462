"""Q3: everything one contact did in twelve months, with campaign names."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.measuring import Finding, Spread, in_turn, seconds
from benchmarks.reference import rows

KEYS = ("Q3 columns", "Q3 objects", "Q3 page")
CONTACT = "SELECT contact_id FROM facts GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1 OFFSET 199"
ROWS = """
SELECT ts, type, campaign_id, name, variant FROM facts JOIN campaigns USING (campaign_id)
WHERE contact_id = ? AND ts >= '2024-07-01' AND ts < '2025-07-01' ORDER BY ts, event_id
"""


def measure(bench: Bench) -> Iterator[Finding]:
    """The reference alone: neither GraphQL nor a page gives the rows of a contact yet."""
    with bench.duckdb() as db:
        ((contact,),) = rows(db, CONTACT)

        def reference(_number: int) -> None:
            db.execute(ROWS, [contact]).fetchall()

        said = seconds(Spread.of(in_turn({"reference": reference}, bench.rounds)["reference"]))
    yield from (Finding(key, None, reference=said, remark="cannot be asked for yet") for key in KEYS)
