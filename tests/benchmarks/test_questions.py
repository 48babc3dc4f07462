"""The questions in both languages: those at random against plain Python, the documents against the schema."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from benchmarks.loaded import ROOT
from benchmarks.random_questions import METRICS, RandomQuestion
from benchmarks.works import drilldown, i2_webhooks
from graphql import build_schema, parse, validate

from benchmarks import data, questions, random_questions, reference, reports

Event = dict[str, Any]
KINDS = {
    "sends": {"sent"}, "delivered": {"delivered"}, "opens": {"open"}, "clicks": {"click"},
    "bounces": {"bounce"}, "unsubscribes": {"unsubscribe"}, "spamReports": {"spam"},
    "uniqueOpens": {"open"}, "uniqueClicks": {"click"},
    "recipients": {"sent", "delivered", "bounce"}, "distinctContacts": set(data.KINDS),
}  # fmt: skip
ONCE = {"delivered", "unsubscribes", "spamReports"}
KEYS: dict[str, Callable[[Event], Iterable[str]]] = {
    "CAMPAIGN": lambda event: [str(event["campaign_id"])],
    "VARIANT": lambda event: [str(event["variant"])],
    "DOMAIN": lambda event: [event["email"].partition("@")[2]],
    "TAGS": lambda event: event["tags"].split("|"),
    "KIND": lambda event: [event["type"]],
}


@cache
def events(folder: Path) -> list[Event]:
    """The events as dictionaries, each with whether it is the first of its kind in its message."""
    with reference.connect(folder) as db:
        found = db.sql(f"FROM '{folder}/events.parquet' JOIN contacts USING (email)")
        rows = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
    seen = set[tuple[Any, ...]]()
    for event in sorted(rows, key=lambda event: (event["ts"], str(event["event_id"]))):
        message = (event["campaign_id"], event["email"], event["type"])
        event["first"] = message not in seen
        seen.add(message)
    return rows


def matches(question: RandomQuestion, event: Event) -> bool:
    """Whether the filter lets an event through."""
    name, values = question.filter
    if name == "kind":
        return random_questions.KINDS[event["type"]] in values
    return not set(values).isdisjoint(KEYS[name.upper()](event))


def figure(name: str, found: list[Event]) -> int:
    """A metric over events."""
    counted = [
        event for event in found if event["type"] in KINDS[name] and (event["first"] or name not in ONCE)
    ]
    if name in ("uniqueOpens", "uniqueClicks", "recipients"):
        return len({(event["campaign_id"], event["email"]) for event in counted})
    return len({event["email"] for event in counted}) if name == "distinctContacts" else len(counted)


def by_hand(question: RandomQuestion, folder: Path) -> list[tuple[Any, ...]]:
    """The rows of a question, counted event by event."""
    groups: dict[tuple[str, str], tuple[list[Event], list[Event]]] = defaultdict(lambda: ([], []))
    periods = ((question.first, question.last), question.before)
    one, other = (KEYS[name] for name in question.dimensions)
    for event in events(folder):
        if not matches(question, event):
            continue
        for number, (first, last) in enumerate(periods):
            if first <= event["ts"].date() <= last:
                for key in ((a, b) for a in one(event) for b in other(event)):
                    groups[key][number].append(event)
    return [
        (*key, *(figure(name, found) for found in pair for name in question.metrics))
        for key, pair in groups.items()
        if pair[0]
    ]


@pytest.mark.parametrize("seed", range(6))
def test_a_question_at_random_asks_the_reference_for_what_its_words_say(seed: int, folder: Path) -> None:
    question = RandomQuestion.of(Random(seed))

    with reference.connect(folder) as db:
        found = reference.rows(db, question.sql(exact=True))

    assert sorted(found) == sorted(by_hand(question, folder))


def test_the_period_before_ends_the_day_before_and_is_as_long() -> None:
    question = RandomQuestion(
        ("sends",), ("CAMPAIGN", "KIND"), ("kind", ("sent",)), date(2025, 3, 5), date(2025, 3, 14), "PREVIOUS"
    )

    assert question.before == (date(2025, 2, 23), date(2025, 3, 4))


@pytest.fixture
def question() -> RandomQuestion:
    """Sends by campaign and kind."""
    return RandomQuestion(
        ("sends",), ("CAMPAIGN", "KIND"), ("kind", ("sent",)), date(2025, 3, 5), date(2025, 3, 14), "YEAR"
    )


def test_rows_of_one_size_may_stand_in_any_order(question: RandomQuestion) -> None:
    reference_rows = [("1", "open", 5, 0), ("2", "open", 7, 1), ("3", "sent", 5, 2)]

    assert question.equal([("2", "opened", 7, 1), ("3", "sent", 5, 2), ("1", "opened", 5, 0)], reference_rows)


@pytest.mark.parametrize(
    "product",
    [
        [("2", "opened", 7, 1)],
        [("2", "opened", 7, 1), ("1", "opened", 5, 1)],
        [("1", "opened", 5, 0), ("2", "opened", 7, 1)],
        [("2", "opened", 7, 1), ("2", "sent", 5, 0)],
    ],
    ids=["a row is missing", "a figure differs", "the largest is not first", "another group"],
)
def test_other_rows_are_not_equal(question: RandomQuestion, product: list[tuple[Any, ...]]) -> None:
    assert not question.equal(product, [("1", "open", 5, 0), ("2", "open", 7, 1)])


def test_every_document_asks_what_the_schema_has() -> None:
    asked = [RandomQuestion.of(Random(seed)).asked()[0] for seed in range(30)]
    written = [
        questions.DOCUMENT, questions.RANKING, reports.RUN_REPORT, reports.RUN,
        drilldown.TILES, drilldown.ROWS, i2_webhooks.COUNT,
    ]  # fmt: skip
    schema = build_schema((ROOT / "schema.graphql").read_text(encoding="utf-8"))

    assert [error.message for text in (*written, *asked) for error in validate(schema, parse(text))] == []


def test_every_metric_can_come_up() -> None:
    asked = {name for seed in range(200) for name in RandomQuestion.of(Random(seed)).metrics}

    assert asked == set(METRICS)
