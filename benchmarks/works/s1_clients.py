"""S1: Q1 from many clients at once, each question different, beside DuckDB behind a bare Starlette."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from random import Random

from benchmarks import traffic
from benchmarks.bench import Bench
from benchmarks.data import TAGS
from benchmarks.measuring import Finding, a_second, percentile, ratio
from benchmarks.questions import FIRST, Question, by_day
from benchmarks.served import Served, body
from benchmarks.traffic import Post

KEYS = ("S1", "S1 64", "S1 memory")
CLIENTS, MANY = 16, 64
TURNS = 3


def different(random: Random) -> Iterator[Question]:
    """Questions without end: other tags, another ninety days."""
    while True:
        tags = tuple(sorted(random.sample(TAGS, 2)))
        yield by_day(random.randrange(9000), tags, FIRST + timedelta(days=random.randrange(-400, 200)))


def of_product(served: Served, questions: Iterator[Question]) -> Iterator[Post]:
    """The questions as they go to the product."""
    return (Post("/graphql", body(one.document, one.variables), served.headers) for one in questions)


def of_reference(questions: Iterator[Question]) -> Iterator[Post]:
    """The questions as they go to DuckDB."""
    return (Post("/duckdb", json.dumps({"sql": one.sql}).encode()) for one in questions)


def measure(bench: Bench) -> Iterator[Finding]:
    """Sixteen clients at each in turn, then sixty-four at the product."""
    ours: list[traffic.Traffic] = []
    theirs: list[traffic.Traffic] = []
    with bench.serving() as served, bench.bare() as port, served.watching() as peak:
        for turn in range(-1, TURNS):
            random, seconds = bench.random(f"S1 {turn}"), bench.seconds if turn >= 0 else 2.0
            asked = traffic.run(
                served.port, of_product(served, different(random)), clients=CLIENTS, seconds=seconds
            )
            random = bench.random(f"S1 {turn}")
            other = traffic.run(port, of_reference(different(random)), clients=CLIENTS, seconds=seconds)
            if turn >= 0:
                ours.append(asked)
                theirs.append(other)
        many = traffic.run(
            served.port,
            of_product(served, different(bench.random("S1 64"))),
            clients=MANY,
            seconds=bench.seconds,
        )
    rates = [one.rate for one in ours], [one.rate for one in theirs]
    middle = percentile([second for one in ours for second in one.answered], 50)
    said = f"p50 {middle:.3g} s"
    yield Finding("S1", ratio(*rates), a_second(rates[0]), a_second(rates[1]), remark=said)
    yield crowd(many)
    yield Finding.one("S1 memory", max(peak))


def crowd(many: traffic.Traffic) -> Finding:
    """What sixty-four clients saw: answers, and refusals, which should be quick."""
    said = f"{many.rate:.3g}/s, p50 {many.median():.3g} s, p99 {percentile(many.answered, 99):.3g} s"
    if not many.refused:
        return Finding("S1 64", None, said, remark="nothing was refused")
    slowest = percentile(many.refused, 95)
    return Finding.one("S1 64", slowest, said, remark=f"{len(many.refused)} refused")
