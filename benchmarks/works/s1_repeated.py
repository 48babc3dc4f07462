"""S1, the same question again and again, beside a bare Starlette that returns as many bytes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

from benchmarks import traffic
from benchmarks.bench import Bench
from benchmarks.measuring import Finding, a_second, ratio
from benchmarks.questions import by_day
from benchmarks.served import body
from benchmarks.traffic import Post

KEYS = ("S1 repeated",)
CLIENTS, TURNS = 16, 3


def measure(bench: Bench) -> Iterator[Finding]:
    """Sixteen clients at each in turn."""
    question = by_day()
    posted = body(question.document, question.variables)
    ours: list[float] = []
    theirs: list[float] = []
    with bench.serving(kept=True) as served, bench.bare() as port:
        size = len(served.post(posted))
        product = Post("/graphql", posted, served.headers)
        other = Post(f"/bytes?size={size}", posted)
        for turn in range(-1, TURNS):
            seconds = bench.seconds if turn >= 0 else 2.0
            asked = traffic.run(served.port, repeat(product), clients=CLIENTS, seconds=seconds)
            returned = traffic.run(port, repeat(other), clients=CLIENTS, seconds=seconds)
            assert returned.sizes == {size}
            if turn >= 0:
                ours.append(asked.rate)
                theirs.append(returned.rate)
    yield Finding("S1 repeated", ratio(ours, theirs), a_second(ours), a_second(theirs))
