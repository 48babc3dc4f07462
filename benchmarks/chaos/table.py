"""The table of a fault run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from benchmarks.chaos.findings import Wrong
from benchmarks.chaos.run import Outcome


def markdown(outcome: Outcome) -> str:
    """What was sent, what went wrong on purpose, and what must be zero."""
    audit = outcome.audit
    total = sum(audit.deliveries.values())
    unknown = f", of the unknown {audit.arrived_unknown} arrived" if audit.deliveries["unknown"] else ""
    lines = [
        ("", "", ""),
        ("---", "---", "---"),
        ("deliveries", f"{total:,}", counted(audit.deliveries) + unknown),
        ("posts", f"{audit.posted:,}", "to webhooks"),
        ("parts", f"{audit.parts:,}", f"{audit.summed:,} wholes made up by them"),
        ("occurrences", f"{audit.occurrences.total():,}", counted(audit.occurrences)),
        ("faults", f"{outcome.faults.total():,}", counted(outcome.faults)),
        ("seconds", f"{outcome.seconds:.0f}", f"{total / outcome.seconds:.1f} deliveries a second"),
        *((str(one), f"{len(audit.wrong[one]):,}", "to be 0") for one in Wrong),
        ("bilan verify", "", "; ".join(audit.chain)),
    ]
    return "\n".join(_row(line) for line in lines)


def counted(counts: Counter[str]) -> str:
    """The counts in words, the most first."""
    return ", ".join(f"{count:,} {name}" for name, count in counts.most_common())


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
