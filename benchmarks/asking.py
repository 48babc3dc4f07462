"""A question asked of the product over HTTP and of DuckDB, in turn, their figures compared once."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.bench import Bench
from benchmarks.measuring import Finding, compared, in_turn
from benchmarks.questions import Question, figures
from benchmarks.reference import rows
from benchmarks.served import body

Rows = Sequence[tuple[Any, ...]]


def ask(
    bench: Bench, key: str, make: Callable[[int], Question], same: Callable[[Rows, Rows], bool] | None = None
) -> Finding:
    """The finding of a question that ``make`` gives for each round."""
    with bench.serving() as served, bench.duckdb() as db:
        question = make(-10)
        answered = figures(served.ask(question.document, **question.variables))
        equal = (same or equal_rows)(answered, rows(db, question.exact))

        def product(number: int) -> None:
            asked = make(number)
            answer = served.post(body(asked.document, asked.variables))
            assert b'"errors"' not in answer, answer[:500]

        taken = in_turn(
            {"product": product, "reference": lambda number: rows(db, make(number).sql)}, bench.rounds
        )
    return compared(key, taken, equal=equal)


def equal_rows(product: Rows, reference: Rows) -> bool:
    """Whether both have the same rows in the same order; numbers may differ in their last digits."""
    return len(product) == len(reference) and all(map(equal_row, product, reference))


def equal_row(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Whether two rows hold the same values."""
    return len(one) == len(other) and all(
        math.isclose(a, b, rel_tol=1e-12) if isinstance(a, float) and isinstance(b, float) else a == b
        for a, b in zip(one, other, strict=True)
    )
