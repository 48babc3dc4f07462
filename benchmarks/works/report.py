"""An engagement report of ninety days over everything: from request to file, and by the command."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from benchmarks.bench import Bench
from benchmarks.measuring import Finding, Spread, in_turn, seconds
from benchmarks.questions import DAYS, FIRST, by_day
from benchmarks.reports import RUN_REPORT, finished
from benchmarks.served import Served, body

KEYS = ("report CSV", "report PDF", "report command")
KIND = "email.engagement"


def measure(bench: Bench) -> Iterator[Finding]:
    """Each round another ninety days, so that nothing is remembered; Q1 of the same rounds beside it."""
    out = bench.folder / "report"

    def period(number: int) -> str:
        first = FIRST + timedelta(days=number)
        return f"{first}..{first + timedelta(days=DAYS - 1)}"

    with bench.serving() as served:

        def asked(file_format: str, number: int) -> None:
            variables = {"kind": KIND, "parameters": {"period": period(number)}, "formats": [file_format]}
            run = served.ask(RUN_REPORT, **variables)["buildKind"]["id"]
            (file,) = finished(served, run, files=1)["files"]
            served.download(file["url"], out)

        def command(number: int) -> None:
            given = ("--format", "csv", "--param", f"period={period(number)}", "--out", str(out))
            bench.loaded.product.command("report", KIND, *given)

        taken = in_turn(
            {
                "csv": lambda number: asked("csv", number * 3),
                "pdf": lambda number: asked("pdf", number * 3 + 1),
                "command": lambda number: command(number * 3 + 2),
                "Q1": lambda number: q1(served, number),
            },
            min(bench.rounds, 5),
            warm=1,
        )
    beside = f"Q1 {seconds(Spread.of(taken['Q1']))}"
    yield Finding("report CSV", Spread.of(taken["csv"]), remark=beside)
    yield Finding("report PDF", Spread.of(taken["pdf"]), remark=beside)
    added = [one - other for one, other in zip(taken["command"], taken["csv"], strict=True)]
    yield Finding("report command", Spread.of(added), seconds(Spread.of(taken["command"])))


def q1(served: Served, number: int) -> None:
    """Q1 of the product, to stand beside."""
    question = by_day(number)
    served.post(body(question.document, question.variables))
