"""What derives rows and depends on more than the rows it is given is caught, in a sentence that says why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from bilan.sdk.datasets import Fact, Row
from bilan.testing import derivation_rules
from bilan.testing.harness import PluginHarness, open_harness
from bilan.testing.samples import SampleInput
from support.chat import NOTES, TALKS, chat, talks

pytestmark = pytest.mark.requirement("GO-14")

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
Make = Callable[[Sequence[Row], Mapping[str, Any]], Iterable[Row]]


def notes() -> list[Fact]:
    """Three talks of Ada, one of Bob, and a note of nobody; a copy among them, in no order."""
    told = [
        ("C", 60, "ada"),
        ("A", 0, "ada"),
        ("X", 5, "bob"),
        ("B", 30, "ada"),
        ("A", 0, "ada"),
        ("N", 1, ""),
    ]
    return [
        Fact(NOTES.key, {"note": n, "said_at": MONDAY + timedelta(hours=h), "contact": who, "kind": "said"})
        for n, h, who in told
    ]


def breaches(make: Make, **changes: Any) -> list[str]:
    assert TALKS.derived is not None
    registry = chat(NOTES, replace(TALKS, derived=replace(TALKS.derived, make=make, **changes)))
    (one,) = (one for one in registry.declared if one.plugin.namespace == "chat")
    pieces = [SampleInput("Monday", "post 1", lambda _at: notes())]
    return list(derivation_rules.check_derivations(registry, one, pieces))


def test_a_function_of_the_rows_alone_holds() -> None:
    assert breaches(talks) == []


def test_a_column_that_is_read_but_not_named_is_caught() -> None:
    named = ("said_at", "kind", "note", "about", "words")
    assert breaches(talks, columns=named) == []
    (breach,) = breaches(talks, columns=named[:-1])
    assert breach == "what chat.talks is derived by reads 'words', which is no column that it is given"


def _numbered() -> Make:
    numbers = iter(range(1_000))
    return lambda rows, settings: [{**row, "notes": next(numbers)} for row in talks(rows, settings)]


def _remembering() -> Make:
    seen = set[str]()

    def make(rows: Sequence[Row], settings: Mapping[str, Any]) -> Iterable[Row]:
        for row in talks(rows, settings):
            yield {**row, "ended": row["talk"] in seen}
            seen.add(row["talk"])

    return make


def _changing(rows: Sequence[Row], settings: Mapping[str, Any]) -> Iterable[Row]:
    for row in rows:
        row["words"] = 1
    return talks(rows, settings)


def _random(rows: Sequence[Row], settings: Mapping[str, Any]) -> Iterable[Row]:
    return [{**row, "talk": str(uuid4())} for row in talks(rows, settings)]


def _counting(rows: Sequence[Row], settings: Mapping[str, Any]) -> Iterable[Row]:
    return [{**row, "talk": str(number)} for number, row in enumerate(talks(rows, settings))]


def _alike(rows: Sequence[Row], settings: Mapping[str, Any]) -> Iterable[Row]:
    return [{**row, "talk": rows[0]["note"]} for row in talks(rows, settings)]


def _misfit(rows: Sequence[Row], settings: Mapping[str, Any]) -> Iterable[Row]:
    return [{**row, "notes": "many"} for row in talks(rows, settings)]


ANOTHER_TIME = "gives other rows the second time: it may only depend on the rows and settings it is given"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_numbered(), ANOTHER_TIME),
        (_remembering(), ANOTHER_TIME),
        (_random, ANOTHER_TIME),
        (_changing, "changes the rows it is given"),
        (_counting, "gives rows of two keys the same identity"),
        (_alike, "gives two rows the same identity"),
        (_misfit, "gives a row that is refused: Chat must be a whole number, not 'many'."),
    ],
    ids=["numbered", "remembering", "random", "changing", "counting", "alike", "misfit"],
)
def test_an_author_who_depends_on_something_else_is_caught(make: Make, said: str) -> None:
    assert breaches(make) == [f"what chat.talks is derived by {said}"]


def test_the_harness_derives_by_the_settings_that_a_test_gives(
    bilan_warehouse_folder: Any, tmp_path: Any
) -> None:
    with open_harness(chat(), bilan_warehouse_folder, tmp_path) as harness:
        harness.load(notes())
        assert _count(harness) == 4

    with open_harness(chat(), bilan_warehouse_folder, tmp_path) as harness:
        replace(harness, settings={"silence": 48}).load(notes())
        assert _count(harness) == 2


def _count(harness: PluginHarness) -> int:
    return harness.totals("chat.count")["chat.count"]
