"""Questions at random: a few metrics, two dimensions, a filter, a comparison; in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from benchmarks.data import CAMPAIGNS, DOMAINS, TAGS
from benchmarks.questions import CONTACT, PAIR, happened
from benchmarks.questions import KINDS as COUNTED

METRICS: Mapping[str, str] = {
    **{name: happened(kind) for name, kind in COUNTED.items()},
    "spamReports": happened("spam"),
    "recipients": "type IN ('sent', 'delivered', 'bounce')",
    "distinctContacts": "true",
}
PAIRS = ("uniqueOpens", "uniqueClicks", "recipients")
DIMENSIONS: Mapping[str, str] = {
    "CAMPAIGN": "campaign_id::VARCHAR",
    "VARIANT": "variant::VARCHAR",
    "DOMAIN": "domain",
    "TAGS": "tag",
    "KIND": "type",
}
KINDS: Mapping[str, str] = {
    "sent": "sent", "delivered": "delivered", "open": "opened", "click": "clicked", "bounce": "bounced",
    "unsubscribe": "unsubscribed", "spam": "complained",
}  # fmt: skip
LIMIT = 1000
DOCUMENT = """
query (
  $period: PeriodInput!, $by: [EmailEventsDimension!]!, $filters: EmailEventsFilters!, $compare: Compare!,
  $order: [EmailEventsOrder!]!, $limit: Int!
) {
  email { events(period: $period, by: $by, filters: $filters, compare: $compare, order: $order, limit: $limit,
                 zone: "UTC") { rows { KEYS FIGURES previous { FIGURES } } } }
}
"""
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class RandomQuestion:
    """What is asked. Rows are the largest by the first metric."""

    metrics: tuple[str, ...]
    dimensions: tuple[str, str]
    filter: tuple[str, tuple[str, ...]]
    first: date
    last: date
    compare: str

    @classmethod
    def of(cls, random: Random) -> RandomQuestion:
        """One of very many."""
        dimensions = random.sample(sorted(DIMENSIONS), 2)
        first = date(2025, random.randint(1, 6), random.randint(2, 27))
        days = random.randint(20, 180)
        return cls(
            tuple(random.sample(sorted(METRICS), random.randint(2, 5))),
            (dimensions[0], dimensions[1]),
            _filter(random),
            first,
            first + timedelta(days=days - 1),
            random.choice(("PREVIOUS", "YEAR")),
        )

    @property
    def before(self) -> tuple[date, date]:
        """The days compared with. The period begins within a month, so the one before has as many days."""
        if self.compare == "YEAR":
            return self.first.replace(year=2024), self.last.replace(year=2024)
        return self.first - (self.last - self.first) - timedelta(days=1), self.first - timedelta(days=1)

    def asked(self, number: int = 0) -> tuple[str, dict[str, Any]]:
        """The GraphQL document and its variables; each number makes another question with the same rows."""
        keys = " ".join(name.lower() for name in self.dimensions)
        document = DOCUMENT.replace("KEYS", keys).replace("FIGURES", " ".join(self.metrics))
        name, values = self.filter
        order = "".join(f"_{c}" if c.isupper() else c.upper() for c in self.metrics[0])
        return document, {
            "period": {"first": self.first.isoformat(), "last": self.last.isoformat()},
            "by": list(self.dimensions),
            "filters": {name: {"any": list(values)}},
            "compare": self.compare,
            "order": [{"key": order}],
            "limit": LIMIT + max(number, 0),
        }

    def sql(self, number: int = 0, *, exact: bool = False) -> str:
        """The SQL; in the product's meaning of unique and without a limit where the figures are compared."""
        here, there = (_within(*days) for days in ((self.first, self.last), self.before))
        keys = [DIMENSIONS[name] for name in self.dimensions]
        columns = [self._figure(name, period, exact) for period in (here, there) for name in self.metrics]
        tail = "" if exact else f" ORDER BY 3 DESC, 1, 2 LIMIT {LIMIT + max(number, 0)}"
        return (
            f"SELECT {', '.join([*keys, *columns])} FROM {self._tables()} WHERE ({here} OR {there})"
            f" AND {self._condition()} GROUP BY 1, 2 HAVING count(*) FILTER ({here}) > 0{tail}"
        )

    def rows(self, answer: Any) -> list[Row]:
        """The product's rows as DuckDB has them."""
        return [
            (
                *(row[name.lower()] for name in self.dimensions),
                *(row[name] for name in self.metrics),
                *(row["previous"][name] for name in self.metrics),
            )
            for row in answer["email"]["events"]["rows"]
        ]

    def equal(self, product: Sequence[Row], reference: Sequence[Row]) -> bool:
        """Whether the product has the largest rows of the reference, with its figures; ties in any order."""
        kinds = [number for number, name in enumerate(self.dimensions) if name == "KIND"]
        known = {
            tuple(KINDS[value] if number in kinds else value for number, value in enumerate(row[:2])): row[2:]
            for row in reference
        }
        largest = sorted((row[2] for row in reference), reverse=True)[:LIMIT]
        return [row[2] for row in product] == largest and all(
            known.get(row[:2]) == tuple(row[2:]) for row in product
        )

    def _figure(self, name: str, period: str, exact: bool) -> str:
        what = "*"
        if name in PAIRS or name == "distinctContacts":
            what = f"DISTINCT {PAIR if exact and name in PAIRS else CONTACT}"
        return f"count({what}) FILTER ({METRICS[name]} AND {period})"

    def _tables(self) -> str:
        used = {*self.dimensions, self.filter[0].upper()}
        contacts = " JOIN contacts USING (contact_id)" if "DOMAIN" in used else ""
        return f"facts{contacts}" + " JOIN campaign_tags USING (campaign_id)" * ("TAGS" in self.dimensions)

    def _condition(self) -> str:
        name, values = self.filter
        column = {"campaign": "campaign_id", "kind": "type"}.get(name, name)
        words = {word: kind for kind, word in KINDS.items()} if name == "kind" else {}
        chosen = ", ".join(f"'{words.get(value, value)}'" for value in values)
        if name == "tags":
            return f"campaign_id IN (SELECT campaign_id FROM campaign_tags WHERE tag IN ({chosen}))"
        return f"{column} IN ({chosen})"


def _within(first: date, last: date) -> str:
    return f"(ts >= TIMESTAMP '{first}' AND ts < TIMESTAMP '{last + timedelta(days=1)}')"


def _filter(random: Random) -> tuple[str, tuple[str, ...]]:
    choices: dict[str, list[str]] = {
        "tags": sorted(random.sample(TAGS, 3)),
        "campaign": [str(number + 1) for number in random.sample(range(CAMPAIGNS), 40)],
        "variant": [str(number) for number in random.sample(range(4), 2)],
        "domain": [f"example{number}.test" for number in random.sample(range(DOMAINS), 10)],
        "kind": random.sample(sorted(KINDS.values()), 4),
    }
    name = random.choice(sorted(choices))
    return name, tuple(choices[name])
