"""The fixed questions, as GraphQL for the product and as SQL for DuckDB.

Unique opens and clicks of the product are pairs of campaign and recipient.
``counts(PAIR)`` asks DuckDB for them where figures are compared; the ratios
are to ``counts(CONTACT)``, which takes about as long and is what others asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from benchmarks.reference import ONCE

CONTACT = "contact_id"
PAIR = "campaign_id::BIGINT * 1000000 + contact_id"
FIGURES = ("sends", "delivered", "opens", "uniqueOpens", "clicks", "uniqueClicks", "bounces", "unsubscribes")
KINDS = {
    "sends": "sent", "delivered": "delivered", "opens": "open", "uniqueOpens": "open", "clicks": "click",
    "uniqueClicks": "click", "bounces": "bounce", "unsubscribes": "unsubscribe",
}  # fmt: skip
TAGS = ("promo", "webinar")
FIRST, DAYS = date(2025, 3, 1), 90
YEARS = ("2024-01-01", "2025-12-31")
OTHER_ZONE, OFFSET = "Asia/Kathmandu", 345
"""A zone that no report uses, and its minutes before UTC; it changes no clocks."""

DOCUMENT = """
query (
  $period: PeriodInput, $interval: IntervalInput, $filters: EmailEventsFilters, $zone: String, $limit: Int!
) {
  email { events(period: $period, interval: $interval, filters: $filters, zone: $zone, limit: $limit) {
    rows { bucket { start } FIGURES } } }
}
""".replace("FIGURES", " ".join(FIGURES))
RANKING = """
query ($limit: Int!) {
  email { events(by: [CAMPAIGN, CAMPAIGN_NAME], order: [{key: OPEN_RATE}], limit: $limit) {
    rows { campaign campaignName openRate FIGURES } } }
}
""".replace("FIGURES", " ".join(FIGURES))


@dataclass(frozen=True, slots=True)
class Question:
    """A question in both languages."""

    document: str
    variables: dict[str, Any]
    sql: str
    exact: str
    """The SQL in the product's meaning of unique."""


def counts(key: str) -> str:
    """The eight figures; those that are unique count different values of the key."""
    what = {name: f"DISTINCT {key}" if name.startswith("unique") else "*" for name in KINDS}
    return ", ".join(
        f"count({what[name]}) FILTER (WHERE {happened(kind)}) AS {name}" for name, kind in KINDS.items()
    )


def happened(kind: str) -> str:
    """Which events tell of it, as SQL: of what can happen only once the first."""
    return f"type = '{kind}'" + " AND NOT repeat" * (kind in ONCE)


def by_day(
    number: int = 0, tags: tuple[str, ...] = TAGS, first: date = FIRST, days: int = DAYS, zone: str = "UTC"
) -> Question:
    """Q1: days by day of the campaigns with any of the tags. The number makes it another question."""
    last = first + timedelta(days=days - 1)
    variables = {
        "period": {"first": first.isoformat(), "last": last.isoformat()},
        "interval": {"unit": "DAY"},
        "filters": {"tags": {"any": list(tags)}},
        "zone": zone,
        "limit": _limit(number),
    }
    chosen = ", ".join(f"'{tag}'" for tag in tags)
    where = f"campaign_id IN (SELECT campaign_id FROM campaign_tags WHERE tag IN ({chosen}))"
    return Question(DOCUMENT, variables, *_timed("day", first, last, where, zone))


def by_month(number: int = 0, zone: str = "UTC") -> Question:
    """Q2: two years by month, everything."""
    first, last = (date.fromisoformat(day) for day in YEARS)
    variables = {
        "period": {"first": YEARS[0], "last": YEARS[1]},
        "interval": {"unit": "MONTH"},
        "filters": None,
        "zone": zone,
        "limit": _limit(number),
    }
    return Question(DOCUMENT, variables, *_timed("month", first, last, "true", zone))


def by_campaign(number: int = 0) -> Question:
    """Q4: the fifty campaigns with the highest open rate, all time; a few more make it another question."""
    limit = 50 + max(number, 0)

    def sql(key: str) -> str:
        return f"""SELECT campaign_id, name, uniqueOpens / delivered AS openRate, {", ".join(FIGURES)}
            FROM (SELECT campaign_id, {counts(key)} FROM facts GROUP BY 1) JOIN campaigns USING (campaign_id)
            WHERE delivered > 0 ORDER BY openRate DESC, campaign_id LIMIT {limit}"""

    return Question(RANKING, {"limit": limit}, sql(CONTACT), sql(PAIR))


def _limit(number: int) -> int:
    """More than there are rows, and another one each time: no remembered answer is asked for again."""
    return 1000 + (number + 100) % 9000


def _timed(unit: str, first: date, last: date, where: str, zone: str) -> tuple[str, str]:
    offset = OFFSET if zone == OTHER_ZONE else 0
    local = f"ts + INTERVAL {offset} MINUTE" if offset else "ts"
    start, end = f"TIMESTAMP '{first}'", f"TIMESTAMP '{last + timedelta(days=1)}'"
    within = f"ts >= {start} - INTERVAL {offset} MINUTE AND ts < {end} - INTERVAL {offset} MINUTE"
    asked, exact = (
        f"SELECT date_trunc('{unit}', {local})::DATE, {counts(key)} FROM facts"
        f" WHERE {within} AND {where} GROUP BY 1 ORDER BY 1"
        for key in (CONTACT, PAIR)
    )
    return asked, exact


def figures(answer: Any) -> list[tuple[Any, ...]]:
    """The rows of the product's answer as DuckDB gives them; buckets without any event are left out."""
    rows: list[tuple[Any, ...]] = []
    for row in answer["email"]["events"]["rows"]:
        values = tuple(row[name] for name in FIGURES)
        if "campaign" in row:
            rows.append((int(row["campaign"]), row["campaignName"], row["openRate"], *values))
        elif any(values):
            rows.append((date.fromisoformat(row["bucket"]["start"]), *values))
    return rows
