"""Changing: 100,000 conversations of five versions each, beside the same conversations without versions."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from benchmarks.bench import Bench
from benchmarks.measuring import Finding, Way, compared, in_turn
from bilan.manifest import Generation, Snapshot
from bilan.manifest.snapshot import ManifestState
from bilan.query.session import QuerySession
from bilan.query.settling import settle_net
from bilan.registry.declared import Declared, Registry
from bilan.sdk.datasets import Column, ColumnType, Dataset, Keep, Row
from bilan.sdk.messages import Message
from bilan.sdk.metrics import Count, Distinct, Formula, Mean, Metric, Quantile
from bilan.sdk.periods import Span
from bilan.sdk.plugins import Plugin
from bilan.sdk.query import Answer, Question
from bilan.settings import Settings
from bilan.warehouse import Warehouse, instant, microseconds
from bilan.warehouse.net import net_table

KEYS = ("changing", "changing today")
CONVERSATIONS, VERSIONS = 100_000, 5
FIRST, LAST = date(2026, 1, 1), date(2026, 4, 1)
"""Ninety days."""
SOURCE = UUID(int=1)
NAME = Message("Name")
T = ColumnType
CHANGING = Dataset(
    "talks.changing", NAME, NAME,
    (
        Column("started_at", T.INSTANT, NAME), Column("talk", T.TEXT, NAME),
        Column("contact", T.TEXT, NAME), Column("agent", T.TEXT, NAME, dimension=True),
        Column("messages", T.INTEGER, NAME), Column("minutes", T.NUMBER, NAME, nullable=True),
    ),
    identity=("talk",), time="started_at", sort=("started_at",), keep=Keep.LAST,
)  # fmt: skip
FINAL = replace(CHANGING, key="talks.final", keep=Keep.FIRST)
FORMULAS: dict[str, Formula] = {
    "all": Count(), "mean": Mean("minutes"), "people": Distinct(("contact",)),
    "median": Quantile("messages", 0.5),
}  # fmt: skip
REGISTRY = Registry(
    (
        Declared(
            Plugin("talks", "talks", NAME, "benchmarks"),
            datasets=(CHANGING, FINAL),
            metrics=tuple(
                Metric(f"{dataset.key}_{name}", dataset.key, NAME, NAME, formula, NAME)
                for dataset in (CHANGING, FINAL)
                for name, formula in FORMULAS.items()
            ),
        ),
    )
)


def measure(bench: Bench) -> Iterator[Finding]:
    """Every month left in peace, then the last day written to since."""
    url = f"chdb://{bench.folder / 'changing'}"
    warehouse = Warehouse.open(Settings(data_dir=bench.folder, warehouse_url=url))
    try:
        warehouse.ensure(REGISTRY.datasets.values())
        touched = fill(warehouse, bench.random("changing"))
        moment = max(touched.values())
        generations = settled(warehouse, CHANGING, moment)
        today = (LAST - timedelta(days=1)).toordinal()
        for key, seen in zip(KEYS, (touched, {**touched, today: moment + 1}), strict=True):
            state = ManifestState(0, {(CHANGING.key, SOURCE): seen}, generations)
            client = QuerySession(warehouse, REGISTRY, frozenset([SOURCE]), Snapshot(instant(moment), state))
            yield beside(key, client, question(CHANGING), question(FINAL), bench.rounds)
    finally:
        warehouse.close()


def fill(warehouse: Warehouse, chance: random.Random) -> dict[int, int]:
    """Write every version, and the last ones once more alone; when each day was last written to."""
    rows = [conversation(number, chance) for number in range(CONVERSATIONS)]
    touched = dict[int, int]()
    moment = datetime(2026, 4, 1, tzinfo=UTC)
    for version in range(VERSIONS):
        moment += timedelta(minutes=1)
        for row in rows:
            row["messages"] += chance.randrange(1, 6)
            if version in (1, 3) and chance.random() < 0.01:
                row["started_at"] += timedelta(minutes=chance.randrange(-90, 0))
        written = warehouse.append(CHANGING, SOURCE, rows, moment=moment)
        touched |= {day.toordinal(): microseconds(moment) for day in written.days}
    warehouse.append(FINAL, SOURCE, rows, moment=moment)
    warehouse.write("OPTIMIZE TABLE talks__final FINAL")
    return touched


def conversation(number: int, chance: random.Random) -> Row:
    """One in its first version."""
    start = datetime(2026, 1, 1, 2, tzinfo=UTC) + timedelta(minutes=chance.randrange(90 * 24 * 60 - 120))
    return {
        "started_at": start,
        "talk": f"wamid.{number:08x}{chance.getrandbits(64):016x}",
        "contact": f"+33{chance.randrange(40_000):09d}",
        "agent": f"agent {chance.randrange(30)}",
        "messages": 1,
        "minutes": chance.choice([None, round(chance.expovariate(0.1), 2)]),
    }


def settled(
    warehouse: Warehouse, dataset: Dataset, moment: int
) -> dict[tuple[str, str], dict[int, Generation]]:
    """The net rows of each month, as of a moment."""
    made = {month: Generation(number, moment) for number, month in enumerate((202601, 202602, 202603))}
    for month, generation in made.items():
        settle_net(warehouse, dataset, "UTC", month, generation.number, instant(moment))
    return {(net_table(dataset), "UTC"): made}


def beside(key: str, client: QuerySession, changing: Question, final: Question, rounds: int) -> Finding:
    """The same question about both datasets."""
    ways: dict[str, Way] = {
        "product": lambda _round: client(changing),
        "reference": lambda _round: client(final),
    }
    equal = values(client(changing)) == values(client(final))
    return compared(key, in_turn(ways, rounds), equal=equal)


def question(dataset: Dataset) -> Question:
    """Ninety days by day."""
    metrics = tuple(f"{dataset.key}_{name}" for name in FORMULAS)
    return Question(dataset.key, metrics, Span(FIRST, LAST, "Europe/Paris"))


def values(answer: Answer) -> list[list[object]]:
    """The figures of each day, to nine digits."""
    return [
        [round(one, 9) if isinstance(one, float) else one for one in row.values.values()]
        for row in answer.rows
    ]
