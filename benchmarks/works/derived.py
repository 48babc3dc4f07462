"""Derived: a week of 100,000 conversations of five versions each, beside their last versions alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from benchmarks.bench import Bench
from benchmarks.measuring import Finding
from benchmarks.works.changing import CONVERSATIONS, FIRST, LAST, NAME, SOURCE, VERSIONS, beside, settled
from bilan.manifest import Snapshot
from bilan.manifest.snapshot import ManifestState
from bilan.query.session import QuerySession
from bilan.registry.declared import Declared, Registry
from bilan.sdk.datasets import Dataset, Keep, Row
from bilan.sdk.periods import Interval, IntervalUnit, Span
from bilan.sdk.plugins import Plugin
from bilan.sdk.query import Question
from bilan.settings import Settings
from bilan.warehouse import Warehouse, instant, microseconds
from bilan.warehouse.arrow import table_of
from bilan_whatsapp_inbox.datasets import CONVERSATION_DATASET as DERIVED
from bilan_whatsapp_inbox.metrics import METRICS

KEYS = ("derived", "derived today")
FINAL = replace(
    DERIVED,
    key="whatsapp.final",
    keep=Keep.FIRST,
    derived=None,
    columns=tuple(replace(column, due=False, until="") for column in DERIVED.columns),
)
FIGURES = tuple(metric for metric in METRICS if metric.dataset == DERIVED.key)
COPIES = tuple(replace(one, key=f"{one.key}_final", dataset=FINAL.key) for one in FIGURES)
REGISTRY = Registry(
    (
        Declared(
            Plugin("whatsapp", "whatsapp", NAME, "benchmarks"),
            datasets=(DERIVED, FINAL),
            metrics=(*FIGURES, *COPIES),
        ),
    )
)


def measure(bench: Bench) -> Iterator[Finding]:
    """Every month left in peace, then the last day of the week written to since."""
    url = f"chdb://{bench.folder / 'derived'}"
    warehouse = Warehouse.open(Settings(data_dir=bench.folder, warehouse_url=url))
    try:
        warehouse.ensure(REGISTRY.datasets.values())
        touched = fill(warehouse, bench.random("derived"))
        moment = max(touched.values())
        generations = settled(warehouse, DERIVED, moment)
        today = (LAST - timedelta(days=1)).toordinal()
        for key, seen in zip(KEYS, (touched, {**touched, today: moment + 1}), strict=True):
            state = ManifestState(0, {(DERIVED.key, SOURCE): seen}, generations)
            client = QuerySession(warehouse, REGISTRY, frozenset([SOURCE]), Snapshot(instant(moment), state))
            yield beside(key, client, question(DERIVED), question(FINAL), bench.rounds)
    finally:
        warehouse.close()


def fill(warehouse: Warehouse, chance: random.Random) -> dict[int, int]:
    """Write every version as a derivation does, and the last ones once more alone; when each day was."""
    rows = [conversation(number, chance) for number in range(CONVERSATIONS)]
    touched, before = dict[int, int](), table_of(DERIVED, ())
    # So late that every silence is over: both datasets show the same.
    moment = datetime(2026, 4, 5, tzinfo=UTC)
    for _version in range(VERSIONS):
        moment += timedelta(minutes=1)
        for row in rows:
            grow(row, chance)
        after = table_of(DERIVED, rows)
        written = warehouse.append(DERIVED, SOURCE, after, moment=moment, before=before)
        touched |= {day.toordinal(): microseconds(moment) for day in written.days}
        before = after
    warehouse.append(FINAL, SOURCE, rows, moment=moment)
    warehouse.write("OPTIMIZE TABLE whatsapp__final FINAL")
    return touched


def conversation(number: int, chance: random.Random) -> Row:
    """One with its first message."""
    minutes = chance.randrange((LAST - FIRST).days * 24 * 60)
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    contact = f"33{chance.randrange(40_000):09d}"
    return {
        **{column.name: "" for column in DERIVED.columns if column.type.value == "text"},
        "started_at": start, "first_reply_at": None, "closed_at": start + timedelta(days=1),
        "contact_phone": contact, "contact_tags": [], "conversation_tags": [f"tag {chance.randrange(12)}"],
        "agents": [f"agent {chance.randrange(30)}@example.org"], "status": "closed", "direction": "inbound",
        "conversation_source": chance.choice(("inbound", "inbox", "flow")), "messages_in": 0,
        "messages_out": 0, "first_response_seconds": None, "first_response_business_seconds": None,
        "duration_seconds": 86_400, "rating": chance.choice((None, 4.0, 5.0)),
        "conversation_id": f"wamid.{number:08x}{chance.getrandbits(64):016x}", "thread": contact,
    }  # fmt: skip


def grow(row: Row, chance: random.Random) -> None:
    """One message more."""
    later = timedelta(minutes=chance.randrange(1, 90))
    row["closed_at"] += later
    row["duration_seconds"] += int(later.total_seconds())
    if chance.random() < 0.5:
        row["messages_in"] += 1
    else:
        row["messages_out"] += 1
        if row["first_reply_at"] is None:
            seconds = chance.randrange(30, 7200)
            row["first_reply_at"] = row["started_at"] + timedelta(seconds=seconds)
            row |= {"first_response_seconds": seconds, "first_response_business_seconds": seconds}


def question(dataset: Dataset) -> Question:
    """The summary's figures of the last week, by day."""
    metrics = FIGURES if dataset is DERIVED else COPIES
    span = Span(LAST - timedelta(days=7), LAST, "Europe/Paris")
    return Question(dataset.key, tuple(one.key for one in metrics), span, Interval(IntervalUnit.DAY))
