"""The table of the attacks, and whether the server held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.attacks.others import Seen

CALM = "nothing"
"""The key of the attack that is none."""
ABOVE = 300.0
"""Milliseconds that the slowest answer in a hundred may take longer than of a server with nothing to do."""
MEMORY = 1_500.0
"""Megabytes that a server and its processes may take beyond what it has with nothing to do.

Beside what an import of 100 MB, a post of 10 MB and sixteen readers need, which is part of every row, this
is what its own bounds let others take together: 256 MB of posts, two hashes of 64 MB, and a process that
reads a workbook. Whatever grows with the attack instead of a bound goes past it within one run."""
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

    def held(self, idle: Seen) -> bool:
        """Whether there was an attack, and everybody else had what they came for, hardly later than idle."""
        return not self.wrong(idle)

    def wrong(self, idle: Seen) -> list[str]:
        """Why it did not hold."""
        wrong = [*self.failed, *sorted(set(self.seen.failed))[:3]]
        if min(self.seen.answers) == 0:
            wrong.append(f"{self.seen.answers.count(0)} readers without an answer")
        if not self.seen.went_through and not wrong:
            wrong.append("the webhook or the import did not go through")
        names = ("/healthz", "the page")
        for name, one, quiet in zip(names, self.seen.p99(), idle.p99(), strict=True):
            if one > quiet + ABOVE:
                wrong.append(f"{name} {one - quiet:.0f} ms above idle")
        if self.seen.memory > idle.memory + MEMORY:
            wrong.append(f"{self.seen.memory - idle.memory:.0f} MB above idle")
        if self.key != CALM and not sum(self.got.values()):
            wrong.append("nothing was sent")
        return wrong


def markdown(results: Sequence[Result], idle: Seen) -> str:
    """A line an attack, below that of the server with nothing to do."""
    health, page = idle.p99()
    rows = [HEAD, tuple("---" for _cell in HEAD)]
    rows.append(
        ("idle", "nothing, and nobody else", "", f"{health:.0f} ms", f"{page:.0f} ms",
         f"{idle.memory:.0f} MB", "", "", "")
    )  # fmt: skip
    for one in results:
        health, page = one.seen.p99()
        got = ", ".join(f"{status} ×{count:,}" for status, count in one.got.items())
        wrong = one.wrong(idle)
        rows.append(
            (
                f"{one.part} {one.key}", one.tried, got.replace("|", "/"), f"{health:.0f} ms",
                f"{page:.0f} ms", f"{one.seen.memory:.0f} MB", one.seen.webhook, one.seen.imported,
                f"no: {'; '.join(wrong)}" if wrong else "yes",
            )
        )  # fmt: skip
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
