"""Q3: everything one contact did in twelve months, with campaign names."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.measuring import Finding

KEYS = ("Q3 columns", "Q3 objects", "Q3 page")
CONTACT = "SELECT contact_id FROM facts GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1 OFFSET 199"
ROWS = """SELECT ts, type, campaign_id, name, variant FROM facts JOIN campaigns USING (campaign_id)
WHERE contact_id = {contact} AND ts >= '2024-07-01' AND ts < '2025-07-01' ORDER BY ts, event_id"""


def measure(bench: Bench) -> Iterator[Finding]:
    """Not yet: no public face gives the rows of a contact."""
    with bench.serving() as served:
        fields = served.fields("Email")
    for key in KEYS:
        yield Finding(key, None, remark=f"no rows among {', '.join(sorted(fields))}")
