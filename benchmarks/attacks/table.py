"""The table of the attacks, and whether the server held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.attacks.others import Seen

ABOVE = 300.0
"""Milliseconds that the slowest answer in a hundred may take longer than without an attack."""
HEAD = (
    "attack",
    "what was tried",
    "it got",
    "/healthz p99",
    "page p99",
    "memory",
    "webhook",
    "import",
    "held",
)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an attack: what the attacker got, how often, and what the others saw."""

    key: str
    part: str
    tried: str
    seen: Seen
    got: Mapping[str, int]
    failed: Sequence[str] = ()

    def held(self, calm: Seen) -> bool:
        """Whether everybody else had what they came for, hardly later than without the attack."""
        quick = all(one <= idle + ABOVE for one, idle in zip(self.seen.p99(), calm.p99(), strict=True))
        return quick and self.seen.went_through and not self.failed


def markdown(results: Sequence[Result], calm: Seen) -> str:
    """A line an attack."""
    rows = [HEAD, tuple("---" for _cell in HEAD)]
    for one in results:
        health, page = one.seen.p99()
        got = ", ".join(f"{status} ×{count:,}" for status, count in one.got.items())
        wrong = [*one.failed, *sorted(set(one.seen.failed))[:3]]
        if min(one.seen.answers) == 0:
            wrong.append(f"{one.seen.answers.count(0)} readers without an answer")
        rows.append(
            (
                f"{one.part} {one.key}", one.tried, got.replace("|", "/"), f"{health:.0f} ms",
                f"{page:.0f} ms", f"{one.seen.memory:.0f} MB", one.seen.webhook, one.seen.imported,
                "yes" if one.held(calm) else f"no: {'; '.join(wrong) or 'too slow'}",
            )
        )  # fmt: skip
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
