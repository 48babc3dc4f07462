"""Six questions at random, each in turn with DuckDB; the line is the median of their ratios."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.measuring import Finding, Spread, in_turn, ratio, seconds
from benchmarks.random_questions import RandomQuestion
from benchmarks.reference import rows
from benchmarks.served import body

KEYS = ("random",)
QUESTIONS = 6


def measure(bench: Bench) -> Iterator[Finding]:
    """The seed of the run decides which."""
    random = bench.random("questions")
    ratios: list[float] = []
    ours: list[float] = []
    theirs: list[float] = []
    equal = True
    with bench.serving() as served, bench.duckdb() as db:
        for question in (RandomQuestion.of(random) for _number in range(QUESTIONS)):
            document, variables = question.asked()
            answered = question.rows(served.ask(document, **variables))
            same = question.equal(answered, rows(db, question.sql(exact=True)))
            taken = in_turn(
                {
                    "product": lambda number: served.post(body(*question.asked(number + 100))),  # noqa: B023
                    "reference": lambda number: rows(db, question.sql(number + 100)),  # noqa: B023
                },
                min(bench.rounds, 7),
            )
            ratios.append(ratio(taken["product"], taken["reference"]).median)
            ours += taken["product"]
            theirs += taken["reference"]
            print(f"  {ratios[-1]:.3g} ×{'' if same else ' (figures differ!)'} {question}", flush=True)
            equal = equal and same
    said = [seconds(Spread.of(way)) for way in (ours, theirs)]
    remark = ", ".join(f"{one:.2g}" for one in ratios)
    yield Finding("random", Spread.of(ratios), said[0], said[1], equal, remark)
