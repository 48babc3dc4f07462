"""The table of what is measured: each line's work, reference and target, and how it is printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from benchmarks.measuring import Finding, Target, met

DUCKDB = "DuckDB"
ENGINE = "the engine alone: INSERT … SELECT"
COPY = "DuckDB's COPY of the same columns"


@dataclass(frozen=True, slots=True)
class Line:
    """One line. The unit is that of the figure; without another it is a ratio to the reference."""

    key: str
    work: str
    reference: str
    target: Target | None
    unit: str = "×"


def at_most(bound: float) -> Target:
    """A target for what should be small."""
    return Target(bound)


def at_least(bound: float) -> Target:
    """A target for what should be large."""
    return Target(bound, at_least=True)


LINES = (
    Line("Q1", "90 days by day, campaigns of either of two tags, 8 counts, 2 distinct", DUCKDB, at_most(0.8)),
    Line("Q2", "24 months by month, everything, the same counts", DUCKDB, at_most(0.2)),
    Line("Q4", "the 50 campaigns with the highest open rate, all time", DUCKDB, at_most(0.25)),
    Line("Q3 columns", "everything one contact did in 12 months, as columns", DUCKDB, at_most(1.5)),
    Line("Q3 objects", "the same as typed objects", DUCKDB, at_most(3)),
    Line("Q3 page", "the same on the page, the first 50 rows", DUCKDB, at_most(1)),
    Line("Q1 zone", "Q1 in a zone without a rollup", DUCKDB, at_most(1.1)),
    Line("Q2 zone", "Q2 in a zone without a rollup", DUCKDB, at_most(0.6)),
    Line("changing", "90 days by day: 100,000 conversations of 5 versions; count, mean, distinct, median",
         "the same conversations without versions", at_most(1.5)),
    Line("changing today", "the same while the last day is written to",
         "the same conversations without versions", at_most(1.5)),
    Line("derived", "a week's summary by day: 100,000 derived conversations of 5 versions, all figures",
         "the same conversations without versions", at_most(1.5)),
    Line("derived today", "the same while the week's last day is written to",
         "the same conversations without versions", None),
    Line("random", "six questions at random, the median", DUCKDB, at_most(1)),
    Line("S1", "Q1 from 16 clients, each question different, answers a second",
         "DuckDB behind a bare Starlette", at_least(1.4)),
    Line("S1 64", "the same from 64 clients: the slowest refusal of twenty", "", at_most(0.5), "s"),
    Line("S1 memory", "the server's memory meanwhile, at most", "", at_most(900), "MB"),
    Line("S1 repeated", "the same question from 16 clients, answers a second",
         "a bare Starlette that returns the same bytes", at_least(0.4)),
    Line("I1 Parquet", "import from Parquet, rows a second", ENGINE, at_least(0.5)),
    Line("I1 CSV", "import from CSV, rows a second", ENGINE, at_least(0.3)),
    Line("I3", "import of a service desk's log and of the conversations derived from it, rows a second",
         "`bilan import` of as many events as CSV", at_least(0.3)),
    Line("I2", "webhooks, 100 events a post, 8 clients, events a second",
         "a bare Starlette that parses and drops", at_least(0.15)),
    Line("I2 worked off", "the same until every event counts, events a second",
         "a bare Starlette that parses and drops", at_least(0.15)),
    Line("I2 visible", "from an event's acknowledgement until it counts, the slowest", "", at_most(2), "s"),
    Line("D1", "scheduled e-mails due at one moment, the ledger on PostgreSQL, deliveries a second",
         "aiosmtplib alone: the same bytes, as many connections", at_least(0.5)),
    Line("D1 page", "a page meanwhile, at p95", "the same page of the idle server", at_most(3)),
    Line("D1 SQLite", "the same with the ledger on SQLite", "aiosmtplib alone", at_least(0.3)),
    Line("D1 SQLite page", "a page meanwhile, at p95", "the same page of the idle server", at_most(3)),
    Line("R2", "CSV of all columns by `bilan export`", COPY, at_most(0.9)),
    Line("drilldown", "the rows behind a figure as CSV by HTTP", COPY, at_most(1.5)),
    Line("drilldown memory", "how much the server's memory grows meanwhile", "", at_most(100), "MB"),
    Line("R1", "PDF of 3 charts and 50 rows, warm", "a cold Chromium", at_most(0.065)),
    Line("report CSV", "engagement report of 90 days, from request to CSV", "", at_most(1), "s"),
    Line("report PDF", "the same as PDF", "", at_most(3), "s"),
    Line("report command", "what `bilan report` adds", "", at_most(0.3), "s"),
    Line("disk", "disk, a million events, everything included", "", at_most(25), "MB"),
    Line("start", "start of `bilan serve`", "", at_most(3), "s"),
    Line("idle memory", "memory of an idle server", "", at_most(350), "MB"),
)  # fmt: skip
BY_KEY: Mapping[str, Line] = {line.key: line for line in LINES}

HEADER = ("", "work", "reference", "target", "measured", "met", "product", "reference took", "remark")


def cells(finding: Finding) -> tuple[str, ...]:
    """The line of a finding."""
    line = BY_KEY[finding.key]
    unit = line.unit if line.unit == "×" else f" {line.unit}"
    measured = "–"
    if (value := finding.value) is not None:
        measured = f"{value.median:.3g}{unit}"
        if value.low != value.high:
            measured += f" ({value.low:.3g}–{value.high:.3g})"
    remark = "figures differ! " * (finding.equal is False) + finding.remark
    verdict = {True: "yes", False: "no", None: ""}[met(line.target, finding)]
    target = f"{line.target}{unit}" if line.target else ""
    return (
        *(line.key, line.work, line.reference, target, measured, verdict),
        *(finding.product, finding.reference, remark),
    )


def markdown(findings: Iterable[Finding]) -> str:
    """The table, in the order of its lines."""
    found = {finding.key: finding for finding in findings}
    rows = [cells(found[line.key]) for line in LINES if line.key in found]
    return "\n".join(f"| {' | '.join(row)} |" for row in (HEADER, ("---",) * len(HEADER), *rows))


def summary(findings: Iterable[Finding]) -> str:
    """How many targets are met, and which are not."""
    judged = [(finding.key, met(BY_KEY[finding.key].target, finding)) for finding in findings]
    missed = [key for key, verdict in judged if verdict is False]
    count = sum(verdict is True for _key, verdict in judged)
    said = f"{count} of {count + len(missed)} targets met"
    return said + (f"; not met: {', '.join(missed)}." if missed else ".")
