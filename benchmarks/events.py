"""Events to ask about, made by the engine itself: ten million take a minute or two."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

from bilan.warehouse import Warehouse, microseconds

YEAR = 2025
MONTHS = [datetime(YEAR, month, 1, tzinfo=UTC) for month in range(1, 13)] + [
    datetime(YEAR + 1, 1, 1, tzinfo=UTC)
]

# Everything follows from the event's number, so that two runs hold the same facts.
MAKE = """
INSERT INTO email__events
    (occurred_at, kind, send, channel, campaign, campaign_name, tags, recipient, domain, country, fact_id,
     source, ingested_at, _version)
WITH
    cityHash64(number, 1) % 100 AS chance,
    cityHash64(number, 2) % 300 AS place,
    cityHash64(number, 3) % 400000 AS person
SELECT
    fromUnixTimestamp64Micro(toInt64({start:Int64} + cityHash64(number, 4) % {length:UInt64}), 'UTC'),
    multiIf(chance < 35, 'sent', chance < 68, 'delivered', chance < 88, 'opened', chance < 95, 'clicked',
            chance < 97, 'bounced', chance < 99, 'unsubscribed', 'complained'),
    chance < 35,
    'email',
    'campaign-' || toString(place),
    'Campaign ' || toString(place),
    arrayMap(_x -> 'tag ' || toString((place * 7 + _x * 13) % 40), range(1 + place % 3)),
    'person' || toString(person) || '@example.org',
    'example.org',
    ['fr', 'de', 'es', 'it'][1 + person % 4],
    hex(sipHash128(number)),
    {source:UUID},
    fromUnixTimestamp64Micro(toInt64({start:Int64} + {length:UInt64}), 'UTC'),
    9223372036854775807
FROM numbers({first:UInt64}, {count:UInt64})
"""


def make(warehouse: Warehouse, source: UUID, events: int) -> None:
    """So many events of one source, spread evenly over the year."""
    each = events // 12
    with warehouse._writers.handle() as client:
        for month, (start, end) in enumerate(pairwise(MONTHS)):
            parameters = {
                "start": microseconds(start),
                "length": microseconds(end) - microseconds(start),
                "first": month * each,
                "count": each,
                "source": source,
            }
            client.command(MAKE, parameters)
